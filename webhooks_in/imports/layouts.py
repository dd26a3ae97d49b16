"""How a file is to be read: what kind it is, its encoding, delimiter and line ends, guessed from its first bytes."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

HEAD = 65_536  # bytes that guesses are made from
SAMPLE_LINES = 50  # lines that the delimiter is guessed from
DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Pipe"}
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 (little endian)",
    "utf-16-be": "UTF-16 (big endian)",
    "cp1252": "Windows-1252",
}
WORKBOOK = "workbook"
TEXT = "text"
SAVE_AS = "Save the list as CSV or as an Excel workbook (.xlsx), and choose that file."
UNMARKED = "The file does not say its encoding; it looks like UTF-16 and is read so."
NOT_UTF8 = (
    "The file is not UTF-8, so it is read as Windows-1252. Look for odd letters in the first rows; if there are any, "
    "choose another encoding, or save the file as UTF-8."
)

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"RIFF", "an image or a sound"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls), or a workbook with a password"),
    (b"\x1f\x8b", "a compressed file"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"<!doc", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML document"),
    (b"{", "a JSON document"),
)
_CONTROLS = (*range(9), *range(14, 32))  # bytes that no text has, or hardly ever


class NotATable(Exception):
    """The file holds no rows that can be read; str() says what it is and what to do, for the person who chose it."""


@dataclass(frozen=True)
class Layout:
    """How one file is to be read. `start`: bytes before the first row, a byte order mark."""

    kind: str = TEXT
    encoding: str = "utf-8"
    delimiter: str = ","
    newline: str = "\n"
    start: int = 0
    length: int = 0  # bytes of the text a workbook became
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    notes: tuple[str, ...] = ()  # sentences about what was guessed or made different

    @classmethod
    def of(cls, stored: dict[str, Any]) -> "Layout":
        """The layout `as_json` was given; this module is the only one that reads and writes it."""
        lists = {name: tuple(stored.get(name, ())) for name in ("sheets", "notes")}
        return cls(**{**stored, **lists})

    def as_json(self) -> dict[str, Any]:
        """What an Import keeps."""
        return asdict(self)

    @property
    def width(self) -> int:
        """Bytes of the smallest character."""
        return 2 if self.encoding.startswith("utf-16") else 1


def guess(head: bytes) -> Layout:
    """The layout of a file that starts with these bytes; NotATable for what is no table."""
    if not head.strip():
        raise NotATable("The file is empty. Choose one with a row of headings and at least one row below it.")
    if head.startswith(b"PK\x03\x04"):
        return Layout(kind=WORKBOOK)
    _refuse_foreign(head)
    encoding, start, notes = _encoding(head)
    layout = Layout(encoding=encoding, start=start, notes=notes)
    text = head[start:].decode(encoding, "replace")
    newline = "\n" if "\n" in text or "\r" not in text else "\r"
    return replace(layout, newline=newline, delimiter=_delimiter(text))


def as_windows(layout: Layout) -> Layout:
    """The same file, which later turned out not to be UTF-8."""
    return replace(layout, encoding="cp1252", notes=(*layout.notes, NOT_UTF8))


def _refuse_foreign(head: bytes) -> None:
    beginning = head.removeprefix(codecs.BOM_UTF8).lstrip()[:8].lower()
    for magic, what in _FOREIGN:
        if beginning.startswith(magic.lower()):
            raise NotATable(
                f"The file is {what}. Save the list as CSV or as an Excel workbook (.xlsx) and choose that."
            )


def _encoding(head: bytes) -> tuple[str, int, tuple[str, ...]]:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding, len(mark), ()
    odd, even = head[1::2].count(0), head[::2].count(0)
    if 4 * (odd + even) > len(head) and min(odd, even) * 10 < max(odd, even):
        return ("utf-16-le" if odd > even else "utf-16-be"), 0, (UNMARKED,)
    if sum(head.count(byte) for byte in _CONTROLS) * 20 > len(head):
        raise NotATable(f"The file is not text. {SAVE_AS}")
    return "utf-8", 0, ()


def _delimiter(text: str) -> str:
    """The delimiter by which most of the first lines have the same number of cells; the comma when none does."""
    return max(DELIMITERS, key=lambda delimiter: _likeness(text, delimiter))


def _likeness(text: str, delimiter: str) -> tuple[int, int]:
    widths = Counter(len(row) for row in _first_rows(text, delimiter) if row)
    if not widths:
        return 0, 0
    width, rows = max(widths.items(), key=lambda item: (item[0] > 1, item[1]))
    return (rows, width) if width > 1 else (0, 0)


def _first_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    lines = text.splitlines(keepends=True)[:SAMPLE_LINES]
    try:
        yield from csv.reader(lines, delimiter=delimiter)
    except csv.Error:
        return
