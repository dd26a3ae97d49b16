"""Opens an import's file at the row where the work goes on; a workbook's sheet has become CSV by then."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import IO

from webhooks_in.imports.csv_rows import Row, rows
from webhooks_in.imports.headings import unique
from webhooks_in.imports.layouts import TEXT, WORKBOOK, Layout, NotATable
from webhooks_in.models import Import

GONE = "The file is no longer in the storage. Upload it again."
RAGGED = (
    "It has {} cells, and the first row has {}. A value with a delimiter in it must stand in quotation marks."
)


@contextmanager
def opened(load: Import, offset: int) -> Iterator[Iterator[Row]]:
    """The rows below the headings, from this byte on (0: from the first), those of another width with a problem.

    NotATable when there is nothing to be read.
    """
    layout = text_layout(load)
    with _file(load) as file:
        found = rows(file, layout, offset or layout.start)  # type: ignore[arg-type] # - a stored file reads bytes
        if not offset:
            next(found, None)
        yield (_judged(row, len(load.headings)) for row in found)


def headings(load: Import) -> tuple[list[str], tuple[str, ...]]:
    """The names of the columns, and notes on them; NotATable when there is no first row that can be one."""
    layout = text_layout(load)
    with _file(load) as file:
        first = next(rows(file, layout, layout.start), None)  # type: ignore[arg-type] # - a stored file reads bytes
    if first is None:
        raise NotATable("The file has no rows.")
    if first.problem:
        raise NotATable(f"The first row, that of the headings, cannot be read. {first.problem}")
    return unique(first.cells)


def first_rows(load: Import, count: int) -> list[Row]:
    """The first rows below the headings."""
    with opened(load, 0) as found:
        return list(islice(found, count))


def text_layout(load: Import) -> Layout:
    """How the text is to be read: the file itself, or what its workbook was unpacked to."""
    layout = Layout.of(load.layout)
    return Layout(kind=TEXT) if layout.kind == WORKBOOK else layout


@contextmanager
def _file(load: Import) -> Iterator[IO[bytes]]:
    stored = load.table or load.file
    try:
        stored.open("rb")
    except OSError as error:
        raise NotATable(GONE) from error
    try:
        yield stored.file
    finally:
        stored.close()


def _judged(row: Row, width: int) -> Row:
    if row.problem or len(row.cells) == width:
        return row
    return Row(row.cells, row.end, RAGGED.format(len(row.cells), width))
