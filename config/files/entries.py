"""What a key of the file stands for: one entry for each column, reference to another thing, or secret."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol

from django.db import models

from config.files.document import Place, Value, cut, did_you_mean
from webhooks_out.secrets import Secret, SecretField, SecretUnreadable

KEEP = "keep"  # what a secret says that stays as it is
FROM_ENVIRONMENT = "set from the environment"

_LINE_END = re.compile(r"\r+\n")


@dataclass
class Filling:
    """One thing being filled from the file, and what is told of it beside its values."""

    environment: Mapping[str, str]
    place: Place  # of the table that is being read
    notes: list[str] = field(default_factory=list)  # what was changed and is in no file
    warnings: list[str] = field(default_factory=list)

    def set_secret(self, value: Value) -> None:
        """Notes that the secret at this place is another one now."""
        self.notes.append(f"{value.place.path.partition('.')[2]}: {FROM_ENVIRONMENT}")


class Entry(Protocol):
    """One or more keys of a table, and how they become columns of a row and columns become keys."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the file."""

    def write(self, row: Any) -> dict[str, Any]:
        """What the file says of the row; nothing where it has the default."""

    def read(self, given: Mapping[str, Value], row: Any, filling: Filling) -> None:
        """Sets the row's columns from the file; what is not given becomes the default."""


@dataclass(frozen=True)
class Column:
    """A plain column under its own name."""

    column: Any

    @property
    def keys(self) -> tuple[str, ...]:
        """Its name."""
        return (self.column.name,)

    def write(self, row: Any) -> dict[str, Any]:
        """Its value, unless it is the default. Line ends of long texts are those of the file."""
        value = getattr(row, self.column.name)
        if isinstance(self.column, models.TextField):
            value = _LINE_END.sub("\n", value)
        return {} if value == self.column.get_default() else {self.column.name: value}

    def read(self, given: Mapping[str, Value], row: Any, filling: Filling) -> None:
        """Its value, or the default."""
        value = given.get(self.column.name)
        setattr(row, self.column.name, self.column.get_default() if value is None else self._read(value))

    def _read(self, value: Value) -> Any:
        if isinstance(self.column, models.BooleanField):
            return value.flag()
        if isinstance(self.column, models.IntegerField):
            return None if value.nothing and self.column.null else value.whole()
        text = value.text()
        labels = {str(label): str(name) for name, label in self.column.flatchoices}
        if labels and text not in labels.values() and not (self.column.blank and not text):
            unknown(value, self.column.name.replace("_", " "), labels.values(), labels)
        return text


@dataclass(frozen=True)
class Reference:
    """Another thing, by its name."""

    column: Any
    name: str  # the column its name stands in

    @property
    def keys(self) -> tuple[str, ...]:
        """The relation's name."""
        return (self.column.name,)

    def write(self, row: Any) -> dict[str, Any]:
        """The name, unless there is nothing."""
        other = getattr(row, self.column.name) if getattr(row, self.column.attname) else None
        return {self.column.name: getattr(other, self.name)} if other else {}

    def read(self, given: Mapping[str, Value], row: Any, filling: Filling) -> None:
        """The thing of that name, which must exist by now."""
        value = given.get(self.column.name)
        others = self.column.related_model._default_manager
        found = None
        if value is not None:
            found = others.filter(**{self.name: value.text()}).first()
            if found is None:
                names = others.values_list(self.name, flat=True)
                unknown(value, self.column.related_model._meta.verbose_name, names)
        setattr(row, self.column.name, found)


@dataclass(frozen=True)
class SecretColumn:
    """A secret: never written; left as it is, or taken from a variable of the environment."""

    column: str
    check: Callable[[str], str] = lambda _text: ""

    @property
    def keys(self) -> tuple[str, ...]:
        """Its name."""
        return (self.column,)

    def write(self, row: Any) -> dict[str, Any]:
        """Nothing."""
        return {}

    def read(self, given: Mapping[str, Value], row: Any, filling: Filling) -> None:
        """Replaces the secret when the file names a variable and its value is another one."""
        if (value := given.get(self.column)) is None or value.content == KEEP:
            return
        text = from_environment(value, filling.environment)
        if problem := self.check(text):
            value.place.refuse(problem)
        if revealed(getattr(row, self.column)) != text:
            setattr(row, self.column, text)
            filling.set_secret(value)


def columns(
    model: type[models.Model],
    *without: str,
    names: Mapping[str, str],
    secrets: Mapping[str, Callable[[str], str]],
) -> Iterator[Entry]:
    """An entry for each column an administrator can edit.

    `names`: the name column of the tables referred to; `secrets`: why a new secret cannot be one, by its column.
    """
    for column in model._meta.concrete_fields:
        if column.editable and not column.primary_key and column.name not in without:
            if isinstance(column, SecretField):
                yield SecretColumn(column.name, *filter(None, [secrets.get(column.name)]))
            elif column.is_relation:
                yield Reference(column, names[_name_of(column.related_model)])
            else:
                yield Column(column)


def unknown(
    value: Value, noun: str, names: Iterable[str], others: Mapping[str, str] | None = None
) -> NoReturn:
    """Raises NotLoadable: what is written here is none of these names; `others` lead to one of them."""
    written = value.text()
    value.place.refuse(f"there is no {noun} “{cut(written)}”{did_you_mean(written, list(names), others)}")


def from_environment(value: Value, environment: Mapping[str, str]) -> str:
    """The value of the variable that {env: NAME} names; a secret is never written into a file itself."""
    if not isinstance(value.content, dict) or set(value.content) != {"env"}:
        value.place.refuse(
            "name a variable of the environment, {env: NAME}; a secret does not belong in a file."
        )
    name = value.content["env"].text()
    if not environment.get(name):
        value.place.refuse(f"the environment has no variable {cut(name)!r}, or it is empty.")
    return environment[name]


def revealed(secret: Secret) -> str | None:
    """The text of a stored secret, None when no key fits it any more."""
    try:
        return secret.reveal()
    except SecretUnreadable:
        return None


def _name_of(model: type[models.Model] | None) -> str:
    return model.__name__ if model else ""
