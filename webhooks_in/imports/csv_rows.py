"""Rows of a CSV file, each with the byte at which the next one begins, so that reading can be taken up there."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from webhooks_in.imports.layouts import Layout
from webhooks_in.imports.lines import lines

MAX_CELL = 100_000  # characters
UNCLOSED = (
    "A quotation mark is never closed, or stands inside a value: double it or remove it. Or a value is longer than "
    f"{MAX_CELL:,} characters."
)
BROKEN = "A line break stands inside a value: put the value in quotation marks."

csv.field_size_limit(MAX_CELL)


@dataclass(frozen=True)
class Row:
    """One row: its cells, or the reason why it could not be taken apart. `end`: where the next one begins, in bytes."""

    cells: list[str]
    end: int
    problem: str = ""


def rows(file: BinaryIO, layout: Layout, start: int) -> Iterator[Row]:
    """The rows from this byte on; blank ones are left out. A broken row costs its own line, not those below it."""
    while True:
        file.seek(start)
        source = _Lines(file, layout, start)
        try:
            for cells in csv.reader(source, delimiter=layout.delimiter, strict=True):
                if any(cell.strip() for cell in cells):
                    yield Row(cells, source.at)
                source.begin_row()
        except csv.Error as error:
            start = source.first_end
            yield Row([source.first], start, BROKEN if "new-line" in str(error) else UNCLOSED)
        else:
            return


class _Lines:
    """Decoded lines for the CSV reader, which takes no more of them than the row in hand needs."""

    def __init__(self, file: BinaryIO, layout: Layout, start: int) -> None:
        self._raw = lines(file, layout)
        self._layout = layout
        self.at = start
        self.begin_row()

    def begin_row(self) -> None:
        """The next line is the first of a row."""
        self.first, self.first_end = "", 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        raw = next(self._raw)
        self.at += len(raw)
        line = raw.decode(self._layout.encoding, "replace")
        if self._layout.newline == "\r":
            line = line.rstrip("\r") + "\n"
        if not self.first_end:
            self.first, self.first_end = line.rstrip("\r\n"), self.at
        return line
