"""From the text of a file to the database: all of it in one transaction, or nothing and where it is wrong."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction

from automations.models import Tag
from config.files.checks import CHECKS
from config.files.credentials import settle, take
from config.files.document import NotLoadable, Value, parse
from config.files.entries import Filling
from config.files.kinds import KINDS, Kind, describe, stored_rows
from config.files.reports import Outcome, differences
from config.files.rows import read
from webhooks_out import definitions

# What is referred to comes first.
ORDER = ("systems", "tags", "webhooks", "sources", "email_templates", "certificates", "rules")

_STEP = re.compile(r"\w+|\[\d+\]")


def load(raw: bytes, environment: Mapping[str, str], *, dry_run: bool = False) -> list[Outcome]:
    """Creates and changes what the file names, and leaves everything else; NotLoadable when any of it is wrong.

    Of what the file names, it says all: a key that is left out gets its default, and lists are replaced. Secrets are
    taken from `environment`, or stay as they are.
    """
    given = parse(raw).known(KINDS)
    outcomes: list[Outcome] = []
    try:
        with transaction.atomic():
            for section in (section for section in ORDER if section in given):
                outcomes += _section(KINDS[section], list(_tables(section, given[section])), environment)
            if any(outcome.state != "left" for outcome in outcomes):
                definitions.touch()
            if dry_run:
                transaction.set_rollback(True)
    except IntegrityError:
        raise NotLoadable(
            "Somebody changed the same things just now. Nothing was loaded; try again."
        ) from None
    return outcomes


def _tables(section: str, value: Value) -> Iterator[Value]:
    """The things of a section as tables; systems are just names, and tags names with a path or a table."""
    if section == "tags":
        for name, said in value.table().items():
            told = said.content if isinstance(said.content, dict) else _only_path(name, said)
            yield Value({**told, "name": Value(name, said.place)}, said.place)
    else:
        for item in value.items():
            yield Value({"name": item}, item.place) if section == "systems" else item


def _only_path(name: str, path: Value) -> dict[str, Value]:
    """A tag of which only the path is told stays in its group and keeps its meaning."""
    stored = Tag.objects.filter(name=name).first() or Tag(name=name)
    kept = {"group": stored.group, "label": stored.label}
    return {"path": path} | {key: Value(text, path.place, quoted=True) for key, text in kept.items()}


def _section(kind: Kind, tables: list[Value], environment: Mapping[str, str]) -> list[Outcome]:
    """Every thing of one kind; what is wrong is gathered, one sentence for each thing."""
    outcomes, wrong = [], []
    seen: dict[str, int] = {}
    for value in tables:
        try:
            outcomes.append(_one(kind, value, Filling(environment, value.place), seen))
        except NotLoadable as problem:
            wrong.append(str(problem))
    if wrong:
        raise NotLoadable("\n".join(wrong))
    return outcomes


def _one(kind: Kind, value: Value, filling: Filling, seen: dict[str, int]) -> Outcome:
    """Creates or changes one thing, unless it is already as the file says."""
    given = value.known(kind.keys, kind.labels)
    name = _name(kind, value, given, seen)
    row = kind.model._default_manager.filter(**{kind.name: name}).first() or kind.model()
    stored = stored_rows(kind, row)
    before = describe(kind, row, stored) if row.pk else {}
    held = take(row, stored, given)
    for entry in kind.entries:
        entry.read(given, row, filling)
    rows = {key: read(below, given.get(key), stored[key], filling) for key, below in kind.rows.items()}
    _check(kind, value, row, rows)
    settle(row, rows, held, filling)
    for key, below in kind.rows.items():
        below.number(rows[key], stored[key])
    lines = (*differences(before, describe(kind, row, rows)), *filling.notes)
    state = "created" if not row.pk else "changed" if lines else "left"
    if state != "left":
        kind.save(row)
        _save_rows(row, rows, stored)
        kind.after(row)
    return Outcome(state, kind.noun, name, lines, tuple(filling.warnings))


def _name(kind: Kind, value: Value, given: Mapping[str, Value], seen: dict[str, int]) -> str:
    if kind.name not in given:
        value.place.refuse(f"the {kind.noun} has no {kind.name}.")
    name = given[kind.name].text()
    if name in seen:
        given[kind.name].place.refuse(
            f"this {kind.noun} stands in the file twice, first on line {seen[name]}."
        )
    seen[name] = value.place.line
    return name


def _check(kind: Kind, value: Value, row: models.Model, rows: Mapping[str, list[Any]]) -> None:
    """Refuses, at the place where it stands, what neither the models nor the admin would accept."""
    _clean(value, "", row)
    for key, below in rows.items():
        for index, one in enumerate(below):
            _clean(value, f"{key}[{index}]", one, _parent(row, key))
    for path, sentence in CHECKS[kind.model](row, rows) if kind.model in CHECKS else ():
        if sentence:
            _refuse(value, path, sentence)


def _clean(value: Value, path: str, row: models.Model, *unset: str) -> None:
    try:
        row.full_clean(exclude=unset)
    except ValidationError as problem:
        column, messages = next(iter(problem.message_dict.items()))
        _refuse(value, path if column == NON_FIELD_ERRORS else f"{path}.{column}", " ".join(messages))


def _refuse(value: Value, path: str, sentence: str) -> NoReturn:
    """Raises NotLoadable at the path, or as near to it as the file goes."""
    steps = _STEP.findall(path)
    while steps:
        if steps[0].startswith("["):
            value = value.items()[int(steps[0][1:-1])]
        elif steps[0] in value.table():
            value = value.table()[steps[0]]
        else:
            break
        steps.pop(0)
    value.place.refuse(f"{''.join(steps)}: {sentence}" if steps else sentence)


def _save_rows(row: models.Model, rows: Mapping[str, list[Any]], stored: Mapping[str, list[Any]]) -> None:
    """Stores the rows below a thing; those that the file no longer has are deleted."""
    for key, below in rows.items():
        kept = {one.pk for one in below}
        for one in stored[key]:
            if one.pk not in kept:
                one.delete()
        for one in below:
            setattr(one, _parent(row, key), row)
            one.save()


def _parent(row: models.Model, key: str) -> str:
    """The column by which rows of this list know the row they are below."""
    relation = type(row)._meta.get_field(key).remote_field
    return str(relation.name) if relation else ""
