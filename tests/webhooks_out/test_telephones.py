"""Telephone numbers as people write them."""

import pytest

from webhooks_out.paths import MISSING
from webhooks_out.telephones import check_count, check_country, international, last_digits


@pytest.mark.parametrize(
    ("written", "country", "expected"),
    [
        ("(555) 123-4567", "", "+15551234567"),
        ("1-555-123-4567 ext. 89", "1", "+15551234567"),
        ("555.123.4567x89", "+1", "+15551234567"),
        ("+44 20 7946 0018", "1", "+442079460018"),
        ("(+44) 20 7946 0018", "1", "+442079460018"),
        ("0044 20 7946 0018", "1", "+442079460018"),
        ("020 7946 0018", "44", "+442079460018"),
        ("447911123456", "44", "+447911123456"),
        ("030 123456", "49", "+4930123456"),
        ("49 30 12", "49", "+49493012"),
        (5551234567, "", "+15551234567"),
    ],
)
def test_a_number_is_written_internationally(written: object, country: str, expected: str) -> None:
    assert international(written, country) == expected


@pytest.mark.parametrize(
    "written",
    ["n/a", "123", "+0 123 456 789", "555123456", "555 123 4567 8", "+1 555 123", "+" + "9" * 16, "٥" * 10],
)
def test_a_number_of_wrong_length_is_missing(written: str) -> None:
    assert international(written, "1") is MISSING


@pytest.mark.parametrize(
    ("written", "count", "expected"),
    [
        ("+1 (555) 123-4567", "", "15551234567"),
        ("+1 (555) 123-4567", "10", "5551234567"),
        ("123", "10", "123"),
        ("555-1234 #12", "", "5551234"),
        ("n/a", "", MISSING),
    ],
)
def test_digits_are_kept_from_the_end(written: str, count: str, expected: object) -> None:
    assert last_digits(written, count) == expected


@pytest.mark.parametrize(
    ("country", "fine"),
    [("", True), ("+49", True), ("1", True), ("US", False), ("01", False), ("1234", False)],
)
def test_a_country_is_a_calling_code(country: str, fine: bool) -> None:
    assert (check_country(country) == "") is fine


@pytest.mark.parametrize(
    ("count", "fine"), [("", True), (" 10 ", True), ("0", False), ("16", False), ("ten", False)]
)
def test_a_count_is_one_to_fifteen(count: str, fine: bool) -> None:
    assert (check_count(count) == "") is fine
