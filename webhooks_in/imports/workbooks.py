"""Excel workbooks: a sheet's rows as text, streamed. Formulas stay text and are never worked out."""

import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, BinaryIO

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from webhooks_in.imports.headings import MAX_COLUMNS
from webhooks_in.imports.layouts import SAVE_AS, NotATable

MAX_UNPACKED = 300_000_000  # bytes of all parts together
MAX_PART = 60_000_000  # bytes of a part that is not a sheet: such parts are read whole
MAX_PARTS = 2_000
MAX_CELLS = 2_000_000  # of a sheet; unpacking more takes longer than a worker has
SIGNIFICANT = ".15g"  # digits Excel keeps of a number
DAMAGED = f"The workbook is damaged, or is no Excel workbook. {SAVE_AS}"

_BROKEN = (
    *(zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, AttributeError, IndexError),
    *(SyntaxError, EOFError, NotImplementedError, OverflowError, RuntimeError, zlib.error),
)


def check(file: BinaryIO) -> None:
    """NotATable for what is no workbook, and for one that grows too large: the reader holds parts to what they say."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = list(islice(archive.infolist(), MAX_PARTS + 1))
    except _BROKEN as error:
        raise NotATable(DAMAGED) from error
    finally:
        file.seek(0)
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise NotATable(f"The file is an archive, or a document of another kind. {SAVE_AS}")
    single = max(part.file_size for part in parts if not part.filename.startswith("xl/worksheets/"))
    if len(parts) > MAX_PARTS or single > MAX_PART or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise NotATable(
            "The workbook is too large when it is unpacked. Save the sheet as CSV and choose that file."
        )


def sheets(file: BinaryIO) -> list[str]:
    """The names of the sheets with cells, visible ones first; NotATable when the workbook cannot be read."""
    check(file)
    try:
        book = load_workbook(file, read_only=True)
        found = sorted(book.worksheets, key=lambda sheet: sheet.sheet_state != "visible")
        book.close()
    except _BROKEN as error:
        raise NotATable(DAMAGED) from error
    if not found:
        raise NotATable(f"The workbook has no sheet with cells. {SAVE_AS}")
    return [sheet.title for sheet in found]


def rows(file: BinaryIO, sheet: str) -> Iterator[list[str]]:
    """The rows of a sheet as text, without blank ones and empty cells at their end; NotATable when it cannot."""
    check(file)
    cells = 0
    try:
        book = load_workbook(file, read_only=True)
        page = book[sheet]
        page.reset_dimensions()  # what the file says of its size may be wrong
        for row in page.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True):
            texts = _stripped([text(value) for value in row])
            cells += len(texts)
            if cells > MAX_CELLS:
                raise NotATable(
                    f"The sheet has more than {MAX_CELLS:,} cells. Save it as CSV, which may be as large as you like."
                )
            if texts:
                yield texts
        book.close()
    except _BROKEN as error:
        raise NotATable(DAMAGED) from error


def text(value: Any) -> str:
    """A cell's value as text: dates in ISO form, numbers as Excel keeps them, formulas as they are written."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat() if value.time() != time() else value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        return format(Decimal(format(value, SIGNIFICANT)), "f") if abs(value) < 1e30 else repr(value)
    if isinstance(value, int | timedelta):
        return str(value)
    return str(getattr(value, "text", None) or getattr(value, "ref", ""))  # formulas over several cells


def _stripped(texts: list[str]) -> list[str]:
    while texts and not texts[-1].strip():
        texts.pop()
    return texts
