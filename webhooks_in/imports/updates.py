"""Turns the rows of a file into record updates, by the very code that reads posted keys and values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from automations.changes import NotUnderstood, RecordUpdate
from webhooks_in import processing
from webhooks_in.dialects import DIALECTS
from webhooks_in.dialects.reading import FieldRow, Reading
from webhooks_in.imports.csv_rows import Row
from webhooks_in.models import Import

QUIET = "Imported from a file: as the data source says, only rules for “imported” were looked at."


@dataclass(frozen=True)
class Columns:
    """The columns of one file that are imported, ready to read rows with."""

    keys: tuple[tuple[int, str], ...]  # column, counted from 0, and the key its cells are sent under
    reading: Reading
    id_at: int | None = None  # the column with the record id, counted from 0
    notes: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)  # what the source gives new records

    def update(self, row: Row) -> RecordUpdate | str:
        """What the row says of a record, its empty cells counting as not sent; or the reason why it says nothing."""
        if row.problem:
            return row.problem
        if self.id_at is not None and not row.cells[self.id_at].strip():
            return "The record id is empty."
        sent = {key: row.cells[at] for at, key in self.keys if row.cells[at].strip()}
        if not sent:
            return "All columns that are imported are empty."
        item = DIALECTS["key_values"].parse(sent, self.reading)[0]
        if isinstance(item, NotUnderstood):
            return str(item).replace("The post", "The row")
        return replace(item, notes=(*item.notes, *self.notes), defaults=self.defaults)


def columns(load: Import, tags: Mapping[str, str]) -> Columns:
    """The columns as they are mapped. Reads the source with its field map and constants. `tags`: see Reading."""
    source = load.source
    reading = processing.reading(source, "", tags)
    chosen = [(at, heading) for at, heading in enumerate(load.headings) if load.mapping[at]]
    rows = [row for at, heading in chosen for row in _row(heading, load.mapping[at], reading.field_map)]
    fields = {load.mapping[at] for at, _ in chosen}
    rest = [
        replace(row, key=_free(row.key, load.headings))
        for row in reading.field_map
        if row.field not in fields
    ]
    return Columns(
        keys=tuple(chosen),
        reading=replace(
            reading,
            field_map=(*rows, *rest),
            path_record_id="" if load.id_column is None else load.mapping[load.id_column],
            path_event="",
            path_event_id="",
            event="",
        ),
        id_at=load.id_column,
        defaults={row.field: row.value for row in source.constants.all()},
        notes=() if source.imports_fire else (QUIET,),
    )


def required(load: Import) -> list[str]:
    """The fields the source requires and no column fills."""
    rows = processing.reading(load.source, "").field_map
    return [row.field for row in rows if row.required and row.field not in load.mapping]


def _row(heading: str, field: str, rows: tuple[FieldRow, ...]) -> list[FieldRow]:
    """How the column is mapped: as the source maps this field, if it does; a key that is its own field needs no row."""
    fitting = [row for row in rows if row.field == field]
    by_key = [row for row in fitting if row.key == heading]
    if found := (by_key or fitting):
        return [replace(found[0], key=heading)]
    return [] if heading == field else [FieldRow(key=heading, field=field)]


def _free(key: str, headings: list[str]) -> str:
    """A key no column has, so that a row of the field map without a column counts as not sent."""
    while key in headings:
        key += " (not in the file)"
    return key
