"""Fields stand where people look for them, under words they know; what is sensitive is dots."""

from typing import Any

import pytest

from automations.sections import MAX_COLUMNS, MAX_ROWS, Section, Tagged, label, of
from automations.sensitive import DOTS, Sensitive

CREDITOR = {"name": "First Bank", "debt": 1200, "account": "4111"}
RECORD = {
    "first_name": "Ana",
    "middle_name": "",
    "level2_review_status": "Passed",
    "ssn": "123-45-6789",
    "budget": {"rent": 900},
    "food": 300,
    "coapplicant": {"first_name": "Bo", "ssn": "987-65-4321"},
    "creditors": [CREDITOR, {"name": "Second Bank", "type": "Card"}],
    "bank": {"name": "First", "account": "77"},
    "plan_data": {"fee": 25},
}
TAGS = {"food": Tagged("budget", "Food and drink"), "level2_review_status": Tagged("custom")}


def sections(data: dict[str, Any]) -> dict[str, Section]:
    """The sections of a record by title."""
    return {section.title: section for section in of(data, TAGS, Sensitive())}


def paths(section: Section) -> list[str]:
    """The fields that are filled."""
    return [cell.path for cell in section.cells]


def test_every_field_stands_in_its_section() -> None:
    found = sections(RECORD)
    assert list(found) == [
        "System",
        "Custom",
        "Co-applicant",
        "Bank",
        "Budget",
        "Creditors",
        "Enrollment plan",
    ]
    assert paths(found["System"]) == ["first_name", "ssn"]
    assert paths(found["Custom"]) == ["level2_review_status"]
    assert paths(found["Budget"]) == ["budget.rent", "food"]
    assert paths(found["Co-applicant"]) == ["coapplicant.first_name", "coapplicant.ssn"]


def test_empty_fields_are_only_named_and_empty_sections_left_out() -> None:
    found = sections({"first_name": "Ana", "middle_name": "", "bank": {"name": None}, "creditors": []})
    assert list(found) == ["System"]
    assert [cell.label for cell in found["System"].blank] == ["Middle name"]


def test_creditors_are_a_table_with_a_column_for_every_key() -> None:
    table = sections(RECORD)["Creditors"].table
    assert table
    assert table.headings == ("Name", "Debt", "Account", "Type")
    assert [cell.shown for cell in table.rows[0]] == ["First Bank", "1200", DOTS, ""]
    assert table.rows[1][0].path == "creditors.1.name"
    assert not table.cut


@pytest.mark.parametrize(
    "rows", [[CREDITOR] * (MAX_ROWS + 1), [dict.fromkeys(map(str, range(MAX_COLUMNS + 1)), 1)]]
)
def test_a_table_has_an_end(rows: list[Any]) -> None:
    table = sections({"creditors": rows})["Creditors"].table
    assert table
    assert table.cut
    assert len(table.rows) <= MAX_ROWS
    assert len(table.headings) <= MAX_COLUMNS


@pytest.mark.parametrize("value", ["sold to First Bank", [1, 2], {"name": "First Bank"}, ["x", CREDITOR]])
def test_creditors_that_are_no_list_of_objects_are_plain_fields(value: Any) -> None:
    section = sections({"creditors": value})["Creditors"]
    assert section.cells
    assert section.table is None


def test_sensitive_values_are_nowhere_in_the_sections() -> None:
    shown = str(sections(RECORD))
    assert "6789" not in shown
    assert "4321" not in shown
    assert "4111" not in shown


def test_a_label_of_a_tag_wins() -> None:
    assert [cell.label for cell in sections(RECORD)["Budget"].cells] == ["Rent", "Food and drink"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("first_name", "First name"),
        ("FIRST_NAME", "First name"),
        ("firstName", "First Name"),
        ("level2_review_status", "Level 2 review status"),
        ("coapplicant.home_phone", "Home phone"),
        ("address.city", "Address city"),
        ("ssn", "SSN"),
        ("DOB", "DOB"),
        ("Favourite color", "Favourite color"),
        ("", ""),
    ],
)
def test_paths_read_as_words(path: str, words: str) -> None:
    assert label(path) == words
