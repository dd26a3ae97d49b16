"""The form in which staff edit a record: a row for each single value, and what of a posted one was really entered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict

from automations import editing, sections
from automations.editing import KINDS, NOT_THERE, TEXT, NotAllowed, Simple
from automations.outlines import whole
from automations.sections import Tagged
from automations.sensitive import DOTS, Sensitive
from webhooks_out.paths import MISSING

PARTS = (
    "path",
    "kind",
    "mark",
    "value",
    "deed",
)  # of a row, posted once for each row and in the order of rows
CLEAR = "clear"  # the deed of a sensitive row that is to be emptied
BLANK_ROWS = 3  # for further fields
LONG = 80  # characters from which a text gets several lines
INCOMPLETE = "The form arrived incomplete, so nothing was saved. Please try again."
# What a new record of a type is asked for.
USUAL = {
    "Contact": ("first_name", "last_name", "email", "phone", "stage", "campaign"),
    "Company": ("name", "email", "phone", "address.city"),
    "Task": ("title", "status", "due_date"),
}


@dataclass(frozen=True)
class Row:
    """One field of the form. `problem`: why it was not saved; `now`: what somebody else made of it in between."""

    path: str = ""
    kind: str = TEXT
    mark: str = NOT_THERE
    written: str = ""
    deed: str = ""
    label: str = ""
    title: str = ""  # of its section
    sensitive: bool = False
    free: bool = False  # whether its kind can be chosen: nothing is in it yet
    new: bool = False  # whether its name can be chosen, too
    problem: str = ""
    now: str = ""

    @property
    def is_long(self) -> bool:
        """Whether it needs several lines."""
        return self.kind == TEXT and (len(self.written) > LONG or "\n" in self.written)

    @property
    def entered(self) -> bool:
        """Whether the person changed anything in it."""
        if self.new or self.sensitive:
            return bool(self.written.strip()) or self.deed == CLEAR
        if self.free and not self.written.strip():
            return False
        return editing.mark_written(self.kind, self.written) != self.mark


@dataclass
class Entered:
    """What a person entered: values by path, and the marks of the values that were seen."""

    values: dict[str, Any] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def rows_of(fields: Mapping[str, Any], tags: Mapping[str, Tagged], hidden: Sensitive) -> list[Row]:
    """A row for each single value of a record."""
    return [_row(simple, tags, hidden) for simple in editing.simple_fields(fields)]


def blank_rows(record_type: str = "") -> list[Row]:
    """Rows for further fields; for a new record of a type, those it usually has first."""
    usual = [Row(path=path, label=sections.label(path)) for path in USUAL.get(record_type, ())]
    return [*usual, *[Row(new=True, free=True)] * BLANK_ROWS]


def posted(data: QueryDict, hidden: Sensitive) -> list[Row]:
    """The rows that were changed in a posted form; NotAllowed when it is not whole."""
    columns = [data.getlist(part) for part in PARTS]
    if len({len(column) for column in columns}) != 1:
        raise NotAllowed(INCOMPLETE)
    rows = [
        Row(
            path=path.strip(),
            kind=kind if kind in KINDS else TEXT,
            mark=mark,
            written=written.replace("\r\n", "\n"),
            deed=deed,
            sensitive=path in hidden and mark != NOT_THERE,
            free=mark in (NOT_THERE, editing.mark(None)),
            new=mark == NOT_THERE,
        )
        for path, kind, mark, written, deed in zip(*columns, strict=True)
    ]
    return [row for row in rows if row.entered]


def entered(rows: Iterable[Row], fields: Mapping[str, Any]) -> Entered:
    """The values of changed rows in their types, and what is wrong with the others, by path."""
    found = Entered()
    for row in rows:
        try:
            if row.new:
                editing.check_path(fields, row.path)
            if row.path in found.values:
                raise NotAllowed("This field is there twice: keep one.")
            found.values[row.path] = editing.read(row.kind, "" if row.deed == CLEAR else row.written)
            found.seen[row.path] = row.mark
        except NotAllowed as problem:
            found.problems[row.path] = str(problem)
    return found


def overlaid(rows: list[Row], changed: Iterable[Row], problems: Mapping[str, str]) -> list[Row]:
    """The rows of the record as it is now, with what the person entered, and what is wrong with it."""
    by_path = {row.path: row for row in rows}
    further = []
    for row in changed:
        problem = problems.get(row.path, "")
        if there := by_path.get(row.path):
            by_path[row.path] = replace(
                there,
                kind=row.kind if there.free else there.kind,
                mark=row.mark,
                written=row.written,
                deed=row.deed,
                problem=problem,
            )
        else:
            further.append(replace(row, new=True, free=True, mark=NOT_THERE, problem=problem))
    return [*by_path.values(), *further]


def outdated(rows: list[Row], now: Mapping[str, Any]) -> list[Row]:
    """The rows with what others made of some fields; saving again takes the person's own."""
    return [_told(row, now[row.path]) if row.path in now else row for row in rows]


def _row(simple: Simple, tags: Mapping[str, Tagged], hidden: Sensitive) -> Row:
    sensitive = simple.path in hidden and bool(simple.written)
    return Row(
        path=simple.path,
        kind=simple.kind,
        mark=simple.mark,
        written="" if sensitive else simple.written,
        label=sections.named(simple.path, tags),
        title=sections.heading(simple.path, tags),
        sensitive=sensitive,
        free=simple.mark == editing.mark(None),
    )


def _told(row: Row, value: Any) -> Row:
    gone = value is MISSING
    shown = "not there any more" if gone else DOTS if row.sensitive else whole(value)[:200] or "empty"
    return replace(row, now=shown, mark=editing.mark(value), new=row.new and gone, free=row.free and gone)
