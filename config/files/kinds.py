"""The kinds of things a file holds: their names, their entries and the lists below them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Any

from django.db import models

from automations import identifiers
from automations.models import Action, CertificateTemplate, Condition, EmailTemplate, Rule, System, Tag
from config.files.checks import SECRETS
from config.files.entries import Column, Entry, columns
from config.files.phrases import AutoPost, CustomScheme, Delay, Options, Origin, Token
from webhooks_in.models import Source, SourceConstant, SourceField
from webhooks_out import health
from webhooks_out.models import KeyValue, Webhook

NAMES = {
    "CertificateTemplate": "title",
    "EmailTemplate": "title",
    "Rule": "name",
    "Source": "title",
    "System": "name",
    "Tag": "name",
    "Webhook": "title",
}


@dataclass(frozen=True)
class Kind:
    """A table of the file. Without `known_by` its rows are told apart by their order only."""

    model: type[models.Model]
    entries: tuple[Entry, ...]
    rows: Mapping[str, "Kind"] = field(default_factory=dict)  # the lists below it, named as its relations
    known_by: tuple[tuple[str, ...], ...] = ()  # keys that recognise a stored row, the strictest first
    number: Callable[[list[Any], list[Any]], None] = lambda _rows, _stored: None
    save: Callable[[Any], None] = lambda row: row.save()
    after: Callable[[Any], None] = lambda _row: None  # what is kept elsewhere once a row is stored

    @cached_property
    def noun(self) -> str:
        """What it is called in sentences."""
        return str(self.model._meta.verbose_name)

    @cached_property
    def name(self) -> str:
        """The key and column that names it; "" for a row of a list."""
        return NAMES.get(self.model.__name__, "")

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Every key its table may have."""
        return (*(key for entry in self.entries for key in entry.keys), *self.rows)

    @cached_property
    def labels(self) -> dict[str, str]:
        """The words of the admin for some of the keys."""
        fields = {one.name: one for one in self.model._meta.concrete_fields}
        return {str(fields[key].verbose_name): key for key in self.keys if key in fields}


def describe(kind: Kind, row: models.Model, rows: Mapping[str, Iterable[models.Model]]) -> dict[str, Any]:
    """What the file says of a row and of the rows below it."""
    said = {key: value for entry in kind.entries for key, value in entry.write(row).items()}
    below = {key: [describe(kind.rows[key], one, {}) for one in rows[key]] for key in kind.rows}
    return said | {key: lines for key, lines in below.items() if lines}


def stored_rows(kind: Kind, row: models.Model) -> dict[str, list[Any]]:
    """The stored rows below a row, in their order."""
    return {key: list(getattr(row, key).all()) if row.pk else [] for key in kind.rows}


def _by_place(rows: list[KeyValue], _stored: list[KeyValue]) -> None:
    """Numbers the rows as they stand in the file."""
    for position, row in enumerate(rows):
        row.position = position


def _for_life(rows: list[Action], stored: list[Action]) -> None:
    """A new action gets a number no other ever had here, for runs are known by it; then the rows are in that order."""
    numbers = count(max((action.position for action in stored), default=-1) + 1)
    for row in rows:
        if row._state.adding:
            row.position = next(numbers)
    rows.sort(key=lambda row: row.position)


def _by_group(rows: list[Condition], _stored: list[Condition]) -> None:
    rows.sort(key=lambda row: row.group)


def _recognise(source: Source) -> None:
    """Records are looked up by what the source recognises duplicates by."""
    if source.match_field:
        identifiers.register(source.system, source.match_field)


def _save_webhook(webhook: Webhook) -> None:
    health.save(webhook, "a configuration file")


def _columns(model: type[models.Model], *without: str) -> tuple[Entry, ...]:
    return tuple(columns(model, *without, names=NAMES, secrets=SECRETS))


def _kind(model: type[models.Model], *without: str, also: tuple[Entry, ...] = (), **more: Any) -> Kind:
    return Kind(model, (*_columns(model, *without), *also), **more)


KEY_VALUE = Kind(
    KeyValue,
    (
        Column(KeyValue._meta.get_field("key")),
        Origin(),
        *_columns(KeyValue, "webhook", "position", "key", "kind", "value", "secret"),
    ),
    known_by=(("key", *Origin.keys), ("key",)),
    number=_by_place,
)
FIELD = _kind(SourceField, "source")
CONSTANT = _kind(SourceConstant, "source")
CONDITION = _kind(Condition, "rule", number=_by_group)
ACTION = _kind(
    Action,
    "rule",
    "position",
    "delay",
    "delay_unit",
    "counts_from",
    "date_field",
    "at_time",
    "weekdays",
    "options",
    also=(Options(), Delay()),
    known_by=(("kind", "webhook", "delay", "when"), ("kind", "webhook")),
    number=_for_life,
)

# In the order of the file.
KINDS = {
    "systems": _kind(System),
    "sources": _kind(
        Source,
        also=(Token(), CustomScheme()),
        rows={"field_map": FIELD, "constants": CONSTANT},
        after=_recognise,
    ),
    "webhooks": _kind(Webhook, rows={"key_values": KEY_VALUE}, save=_save_webhook),
    "email_templates": _kind(EmailTemplate),
    "certificates": _kind(CertificateTemplate),
    "rules": _kind(
        Rule,
        also=(AutoPost(),),
        rows={"conditions": CONDITION, "actions": ACTION},
        after=AutoPost.link,
    ),
    "tags": _kind(Tag),
}
