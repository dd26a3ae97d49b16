"""Columns have names: none is empty, none occurs twice."""

import pytest

from webhooks_in.imports.headings import MAX_COLUMNS, unique
from webhooks_in.imports.layouts import NotATable


def test_headings_are_made_unique_and_it_is_told() -> None:
    names, notes = unique([" E-mail ", "", "E-mail", "E-mail (2)", "Column 2"])
    assert names == ["E-mail", "Column 2", "E-mail (2)", "E-mail (2) (2)", "Column 2 (2)"]
    assert notes == (
        "Columns without a heading were named: Column 2.",
        "Headings that occur more than once were numbered: E-mail (2), E-mail (2) (2), Column 2 (2).",
    )


def test_fine_headings_need_no_note() -> None:
    assert unique(["id", "name"]) == (["id", "name"], ())


def test_too_many_columns_are_no_list() -> None:
    with pytest.raises(NotATable, match="501 columns"):
        unique(["x"] * (MAX_COLUMNS + 1))
