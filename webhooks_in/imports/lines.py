"""Cuts a file into lines without reading it whole, in every encoding, so that reading can go on at any byte."""

from collections.abc import Iterator
from typing import BinaryIO

from webhooks_in.imports.layouts import Layout, NotATable

BLOCK = 65_536  # bytes read at once
MAX_LINE = 1_048_576  # bytes of a line; a longer one is no line of a table


def lines(file: BinaryIO, layout: Layout) -> Iterator[bytes]:
    """The raw lines from where the file stands, each with its line end. NotATable when one never ends."""
    mark, width = layout.newline.encode(layout.encoding), layout.width
    kept = b""
    while block := file.read(BLOCK):
        kept += block
        start = 0
        while (end := _find(kept, mark, start, width)) >= 0:
            yield kept[start:end]
            start = end
        kept = kept[start:]
        if len(kept) > MAX_LINE:
            raise NotATable(
                f"A line is longer than {MAX_LINE:,} bytes, so this is no table of text. Save it as CSV."
            )
    if kept:
        yield kept


def _find(text: bytes, mark: bytes, start: int, width: int) -> int:
    """Where the line that begins at `start` ends, behind its mark; -1 when it does not end in this text."""
    found = text.find(mark, start)
    while found >= 0 and (found - start) % width:
        found = text.find(mark, found + 1)
    return found + len(mark) if found >= 0 else -1
