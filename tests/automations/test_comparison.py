"""Equal and greater as an administrator reads values."""

from datetime import UTC, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.comparison import equal, index_key, index_keys, order, read
from tests.json_values import DATES, SCALARS, VALUES
from webhooks_out.scalars import text


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("Passed", " passed "),
        ("STRASSE", "straße"),
        (5, "5.0"),
        ("5", "5.00"),
        (Decimal("1200.50"), "$1,200.50"),
        (2**53 + 1, "9007199254740993"),
        (True, "yes"),
        (True, "TRUE"),
        (False, "no"),
        ("yes", "yes"),
        (["VIP", "Hot"], "hot"),
        ([[1], 2], "2"),
        ("2026-03-10", "3/10/2026"),
        ("2026-03-10T12:00:00Z", "2026-03-10T13:00:00+01:00"),
        ("2026-03-10T23:30:00-08:00", "2026-03-10"),
        ("/Date(1489132800000-0800)/", "2017-03-10"),
        ("007", "007"),
        ({"a": 1}, '{"A":1}'),
    ],
)
def test_these_are_equal(value: Any, wanted: str) -> None:
    assert equal(value, read(wanted), UTC)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, "None"),
        ("", "x"),
        (True, "1"),
        (1, "true"),
        ("true", "yes"),
        ("007", "7"),
        ("+15551234567", "15551234567"),
        ("1e5", "100000"),
        (2**53 + 1, "9007199254740992"),
        ([], "x"),
        ("2026-03-10", "2026-03-11"),
        ("passed", "pass"),
    ],
)
def test_these_are_not_equal(value: Any, wanted: str) -> None:
    assert not equal(value, read(wanted), UTC)


@pytest.mark.parametrize(
    ("value", "wanted", "expected"),
    [
        ("9", "10", -1),
        (Decimal("10.01"), "10", 1),
        ("10.0", "10", 0),
        (Decimal("1E+1000"), "10", 1),
        ("2026-03-09", "2026-03-10", -1),
        ("2026-03-10T00:00:00Z", "2026-03-10", 0),
        ("2026-03-10T12:00:01Z", "2026-03-10T12:00:00Z", 1),
        ("ten", "10", None),
        ("10", "ten", None),
        (10, "2026-03-10", None),
        (True, "1", None),
        (None, "10", None),
        ("", "10", None),
    ],
)
def test_numbers_and_dates_have_an_order_and_nothing_else(
    value: Any, wanted: str, expected: int | None
) -> None:
    assert order(value, read(wanted), UTC) == expected


def test_a_time_without_zone_is_taken_in_the_zone_given() -> None:
    wanted = read("2026-03-10T12:00:00Z")
    assert order("2026-03-10 12:00", wanted, UTC) == 0
    assert order("2026-03-10 12:00", wanted, timezone(timedelta(hours=1))) == -1


def test_dates_are_not_kept_in_an_index() -> None:
    assert index_key("2026-03-10") is None
    assert index_key("$5.0") == Decimal(5)
    assert index_key(" Passed ") == "passed"


@given(VALUES, SCALARS)
def test_what_is_equal_is_found_by_the_index(value: Any, other: Any) -> None:
    for wanted in (text(other), text(value)):
        if equal(value, read(wanted), UTC) and index_key(wanted) is not None:
            assert index_key(wanted) in index_keys(value)


@given(DATES, DATES, st.timezones())
def test_the_order_of_dates_turns_with_them(one: str, other: str, zone: Any) -> None:
    there, back = order(one, read(other), zone), order(other, read(one), zone)
    assert there == (None if back is None else -back)
