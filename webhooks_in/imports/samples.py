"""What a person sees of a file before it is imported: each column with its first values, the first rows as records."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from automations.sensitive import Sensitive
from webhooks_in.imports import tables, updates
from webhooks_in.imports.csv_rows import Row
from webhooks_in.models import Import
from webhooks_out.scalars import text

LOOKED_AT = 20  # rows
EXAMPLES = 3  # values shown of a column
PREVIEWED = 5  # rows shown as records
LONGEST = 80  # characters of a value


@dataclass(frozen=True)
class Column:
    """One column of the file: where it stands, its heading, the field it is for and its first values."""

    at: int
    heading: str
    field: str
    is_id: bool
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """A row as the record it would become; or the reason why it would be rejected."""

    row: int
    record_id: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    problem: str = ""


def columns(load: Import, rows: list[Row], sensitive: Sensitive) -> list[Column]:
    """Every column with values of the first rows, dots for those of sensitive fields."""
    whole = [row.cells for row in rows if not row.problem]
    return [
        Column(
            at=at,
            heading=heading,
            field=load.mapping[at],
            is_id=at == load.id_column,
            examples=tuple(
                shortened(sensitive.mask(load.mapping[at] or heading, value))
                for value in dict.fromkeys(cells[at] for cells in whole if cells[at].strip())
            )[:EXAMPLES],
        )
        for at, heading in enumerate(load.headings)
    ]


def first_rows(load: Import) -> list[Row]:
    """The rows examples are taken from."""
    return tables.first_rows(load, LOOKED_AT)


def records(load: Import, rows: list[Row], tags: Mapping[str, str], sensitive: Sensitive) -> list[Record]:
    """The first rows as the records they would become."""
    mapped = updates.columns(load, tags)
    return [
        _record(number, mapped.update(row), sensitive) for number, row in enumerate(rows[:PREVIEWED], start=1)
    ]


def shortened(value: Any) -> str:
    """A value as it is shown, a long one cut."""
    shown = text(value) if not isinstance(value, str) else value
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


def _record(number: int, said: Any, sensitive: Sensitive) -> Record:
    if isinstance(said, str):
        return Record(number, problem=said)
    fields = ((name, shortened(sensitive.mask(name, value))) for name, value in said.fields.items())
    new = (
        (f"{name} (if new)", shortened(value))
        for name, value in said.defaults.items()
        if name not in said.fields
    )
    return Record(number, said.record_id, (*fields, *new))
