"""How a file is read is guessed from its first bytes; what is no table is refused by name."""

import codecs

import pytest

from webhooks_in.imports import layouts
from webhooks_in.imports.layouts import NOT_UTF8, Layout, NotATable, as_windows, guess

TEXT = "id,näme\n1,Zoë\n2,Ann\n"


@pytest.mark.parametrize(
    ("raw", "encoding", "start"),
    [
        (TEXT.encode(), "utf-8", 0),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8", 3),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16-le", 2),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16-be", 2),
        (TEXT.encode("utf-16-le"), "utf-16-le", 0),
        (TEXT.encode("utf-16-be"), "utf-16-be", 0),
    ],
)
def test_the_encoding_is_recognised(raw: bytes, encoding: str, start: int) -> None:
    found = guess(raw)
    assert (found.encoding, found.start, found.delimiter) == (encoding, start, ",")


@pytest.mark.parametrize("delimiter", layouts.DELIMITERS)
def test_the_delimiter_is_the_one_by_which_rows_are_equally_long(delimiter: str) -> None:
    rows = (("id", "name", "note"), ("1", "Ana", "a, b; c"), ("2", "Ben", "x|y, z"))
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    assert guess(text.encode()).delimiter == delimiter


def test_one_column_is_a_table_with_commas() -> None:
    assert guess(b"email\na@x.example\nb@x.example\n").delimiter == ","


def test_lines_that_end_as_on_old_macs_are_lines() -> None:
    assert guess(b"id,name\r1,Ana\r2,Ben\r").newline == "\r"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"\xff\xd8\xff\xe0", "image"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b'{"id": 7}', "JSON"),
        (b"\xd0\xcf\x11\xe0", ".xls"),
        (bytes(range(256)) * 4, "not text"),
    ],
)
def test_what_is_no_table_is_called_by_its_name(raw: bytes, words: str) -> None:
    with pytest.raises(NotATable, match=words):
        guess(raw)


def test_a_layout_is_stored_and_read_back() -> None:
    layout = as_windows(Layout(delimiter=";", sheets=("a", "b")))
    assert Layout.of(layout.as_json()) == layout
    assert layout.notes == (NOT_UTF8,)
