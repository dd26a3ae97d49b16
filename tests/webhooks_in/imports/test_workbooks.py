"""Workbooks are read as text, and neither bombs nor other archives are."""

import io
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from tests.webhooks_in.imports.files import workbook
from webhooks_in.imports import workbooks
from webhooks_in.imports.layouts import NotATable


def archive(**parts: str) -> io.BytesIO:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in parts.items():
            made.writestr(name.replace("__", "/"), text)
    return raw


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("=1+1", "=1+1"),
        (True, "true"),
        (7, "7"),
        (0.1 + 0.2, "0.3"),
        (1e21, "1000000000000000000000"),
        (date(2026, 11, 3), "2026-11-03"),
        (datetime(2026, 11, 3), "2026-11-03"),  # noqa: DTZ001 - Excel knows no zones
        (datetime(2026, 11, 3, 4, 5), "2026-11-03T04:05:00"),  # noqa: DTZ001 - as above
        (time(4, 5), "04:05:00"),
        (timedelta(hours=3), "3:00:00"),
    ],
)
def test_a_cell_is_told_as_text(value: Any, text: str) -> None:
    assert workbooks.text(value) == text


def test_rows_come_as_text_without_blank_ones() -> None:
    raw = io.BytesIO(workbook(("1", date(2026, 1, 2), None, "=A1", None), (None, None), (2.5,)))
    found = list(workbooks.rows(raw, workbooks.sheets(raw)[0]))
    assert found[1:] == [["1", "2026-01-02", "", "=A1"], ["2.5"]]


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_PART", 1_000_000)
    bomb = archive(**{"xl/workbook.xml": "<x/>", "xl/sharedStrings.xml": "0" * 2_000_000})
    with pytest.raises(NotATable, match="too large when it is unpacked"):
        workbooks.check(bomb)


def test_more_cells_than_a_worker_has_time_for_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_CELLS", 5)
    raw = io.BytesIO(workbook())
    with pytest.raises(NotATable, match="Save it as CSV"):
        list(workbooks.rows(raw, workbooks.sheets(raw)[0]))


def test_another_archive_is_no_workbook() -> None:
    with pytest.raises(NotATable, match="an archive, or a document of another kind"):
        workbooks.check(archive(content="text"))
