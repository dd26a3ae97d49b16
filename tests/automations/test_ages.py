"""How long ago, read and reckoned."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from automations.ages import before, instants, problem

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("30 minutes", "2026-03-31 11:30"),
        ("2 hours", "2026-03-31 10:00"),
        (" 1 Day ago ", "2026-03-30 12:00"),
        ("3days", "2026-03-28 12:00"),
        ("2 weeks", "2026-03-17 12:00"),
        ("1 month", "2026-02-28 12:00"),
        ("4 months", "2025-11-30 12:00"),
        ("13 months", "2025-02-28 12:00"),
        ("18 years", "2008-03-31 12:00"),
    ],
)
def test_a_time_that_long_ago_is_reckoned(written: str, expected: str) -> None:
    assert problem(written) == ""
    assert before(NOW, written).strftime("%Y-%m-%d %H:%M") == expected


@pytest.mark.parametrize(
    "written", ["", "3", "days", "-3 days", "3.5 days", "three days", "3 days 2 hours", "٣ days"]
)
def test_what_is_no_age_is_refused(written: str) -> None:
    assert problem(written).startswith("write a number")


@pytest.mark.parametrize("written", ["201 years", "999999 weeks", "3000 months"])
def test_more_than_two_centuries_are_refused(written: str) -> None:
    assert problem(written) == "the time is longer than 200 years"


def test_a_value_without_zone_is_in_the_zone_of_the_rule() -> None:
    now = NOW.astimezone(ZoneInfo("America/New_York"))
    values = ["2026-03-10", "2026-03-10 01:00", "2026-03-10T01:00:00Z", 1_489_132_800, "soon", None]
    assert [when.astimezone(UTC).strftime("%m-%d %H:%M") for when in instants(values, now)] == [
        "03-10 04:00",
        "03-10 05:00",
        "03-10 01:00",
        "03-10 08:00",
    ]
