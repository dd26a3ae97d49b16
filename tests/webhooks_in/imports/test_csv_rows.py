"""Rows are read from any byte on, in every encoding; a broken row costs only its own line."""

import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks_in.imports import lines
from webhooks_in.imports.csv_rows import MAX_CELL, Row, rows
from webhooks_in.imports.layouts import Layout, NotATable

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=8)


def read(raw: bytes, start: int = 0, **options: str) -> list[Row]:
    return list(rows(io.BytesIO(raw), Layout(**options), start))


@given(
    table=st.lists(st.tuples(CELL, CELL), max_size=8),
    encoding=st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]),
)
def test_reading_can_go_on_behind_every_row(table: list[tuple[str, str]], encoding: str) -> None:
    text = "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\r\n" for row in table)
    raw = text.encode(encoding)
    whole = read(raw, encoding=encoding)
    assert [row.cells for row in whole] == [list(row) for row in table if any(cell.strip() for cell in row)]
    for at, row in enumerate(whole):
        assert read(raw, row.end, encoding=encoding) == whole[at + 1 :]


def test_a_line_break_in_quotation_marks_is_part_of_its_value() -> None:
    assert [row.cells for row in read(b'1,"two\nlines"\n2,b\n')] == [["1", "two\nlines"], ["2", "b"]]


def test_blank_rows_do_not_count() -> None:
    assert [row.cells for row in read(b"a,b\n\n , \n,\nc,d")] == [["a", "b"], ["c", "d"]]


@pytest.mark.parametrize(
    "bad", [b'2,"open\n', b'2,"shut"x\n', b'2,"' + b"x" * (MAX_CELL + 1) + b'"\n', b"2,a\rb\n"]
)
def test_a_broken_row_costs_only_its_own_line(bad: bytes) -> None:
    found = read(b"1,a\n" + bad + b"3,c\n")
    assert [row.cells[0] for row in found if not row.problem] == ["1", "3"]
    assert len([row for row in found if row.problem]) == 1


def test_a_mac_file_has_rows() -> None:
    assert [row.cells for row in read(b'1,a\r2,"b"\r3,c', newline="\r")] == [
        ["1", "a"],
        ["2", "b"],
        ["3", "c"],
    ]


def test_a_null_byte_is_kept_for_those_who_clean_values() -> None:
    assert read(b"1,a\0b\n")[0].cells == ["1", "a\0b"]


def test_a_line_that_never_ends_is_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE", 100_000)
    with pytest.raises(NotATable, match="A line is longer than"):
        read(b"x" * 200_000)


def test_a_large_file_takes_no_more_memory_than_a_block() -> None:
    raw = io.BytesIO(b"1,Ana,Lopez,ana@harbour.example\n" * 100_000)
    tracemalloc.start()
    count = sum(1 for _ in rows(raw, Layout(), 0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (count, peak < 1_000_000) == (100_000, True)
