"""When an action is due, to the minute, across changes of the clock."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.timing import BEFORE, FAR, SINCE, SKIP, Timing, due, problem, told, zones

BERLIN = ZoneInfo("Europe/Berlin")  # 2026: forward on 29 March at 2:00, back on 25 October at 3:00
NINE = time(9)
MONDAY = "2026-03-23T10:00"  # local time in Berlin; the clock changes on the Sunday after
YEARS = (datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2035-01-01"))
UNITS = st.sampled_from(["minutes", "hours", "days"])


def local(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=BERLIN)


def when(timing: Timing, now: str = MONDAY, **values: Any) -> str:
    """The local time it is due, as a person writes it."""
    found = due(timing, values, local(now), BERLIN)
    assert found.at, found.reason
    return f"{found.at.astimezone(BERLIN):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("timing", "now", "expected"),
    [
        (Timing(), MONDAY, "2026-03-23 10:00"),
        (Timing(3, "days"), MONDAY, "2026-03-26 10:00"),
        (Timing(7, "days"), MONDAY, "2026-03-30 10:00"),  # seven days on the clock are 167 hours
        (Timing(168, "hours"), MONDAY, "2026-03-30 11:00"),  # hours are time that passes
        (Timing(1, "days"), "2026-03-28T02:30", "2026-03-29 03:30"),  # 2:30 is skipped
        (Timing(1, "days"), "2026-10-24T02:30", "2026-10-25 02:30"),
        (Timing(0, at=NINE), "2026-03-23T08:59", "2026-03-23 09:00"),
        (Timing(0, at=NINE), "2026-03-23T09:00", "2026-03-23 09:00"),
        (Timing(0, at=NINE), "2026-03-23T09:01", "2026-03-24 09:00"),
        (Timing(0, at=time(2, 30)), "2026-03-28T12:00", "2026-03-29 03:30"),
        (Timing(2, "days", at=NINE), MONDAY, "2026-03-25 09:00"),
        (Timing(30, "hours", at=NINE), MONDAY, "2026-03-25 09:00"),
        (Timing(0, at=NINE, weekdays=True), "2026-03-27T08:00", "2026-03-27 09:00"),
        (Timing(0, at=NINE, weekdays=True), "2026-03-27T18:00", "2026-03-30 09:00"),
        (Timing(5, "days", weekdays=True), MONDAY, "2026-03-30 10:00"),
        (Timing(0, weekdays=True), "2026-03-28T14:00", "2026-03-30 14:00"),
    ],
)
def test_a_time_counted_from_the_change(timing: Timing, now: str, expected: str) -> None:
    assert when(timing, now) == expected


@pytest.mark.parametrize(
    ("timing", "date", "expected"),
    [
        (Timing(2, "hours", BEFORE, "due"), "2026-04-10T15:00", "2026-04-10 13:00"),
        (Timing(2, "hours", BEFORE, "due"), "2026-04-10T15:00Z", "2026-04-10 15:00"),
        (Timing(2, "days", BEFORE, "due"), "2026-03-30", "2026-03-28 00:00"),
        (Timing(2, "days", BEFORE, "due", NINE), "2026-03-30", "2026-03-28 09:00"),
        (Timing(2, "hours", BEFORE, "due", NINE), "2026-03-30", "2026-03-30 07:00"),
        (Timing(3, "days", SINCE, "due", NINE), "2026-03-27T23:30:00Z", "2026-03-31 09:00"),
        (Timing(2, "days", BEFORE, "due", NINE, weekdays=True), "2026-03-30", "2026-03-27 09:00"),
        (Timing(0, "minutes", SINCE, "due", NINE, weekdays=True), "2026-04-04", "2026-04-06 09:00"),
        (Timing(1, "hours", SINCE, "due"), "2026-03-29T02:30", "2026-03-29 04:30"),
        (Timing(1, "hours", SINCE, "due"), "2026-10-25T02:30", "2026-10-25 02:30"),  # the second 2:30
        (Timing(1, "days", BEFORE, "due"), "/Date(1775599200000)/", "2026-04-07 00:00"),
    ],
)
def test_a_time_counted_from_a_date_of_the_record(timing: Timing, date: str, expected: str) -> None:
    assert when(timing, due=date) == expected


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "due is not in the record"),
        ({"due": " "}, "due is empty"),
        ({"due": "soon"}, "due is “soon”, which is no date"),
        ({"due": "0000-00-00"}, "which is no date"),
        ({"due": ["2026-04-01", "2026-05-01"]}, "which is no date"),
        ({"due": "9999-12-31"}, "calendar"),
        ({"due": "2199-01-01"}, "further away than 3660 days"),
    ],
)
def test_a_date_that_cannot_be_told_gives_a_reason_and_no_time(values: dict[str, Any], words: str) -> None:
    found = due(Timing(1, "days", SINCE, "due"), values, local(MONDAY), BERLIN)
    assert (found.at, found.passed) == (None, False)
    assert words in found.reason


def test_what_has_passed_is_done_now_or_skipped_as_the_action_says() -> None:
    dates = {"due": "2026-03-01"}
    assert when(Timing(1, "days", BEFORE, "due"), **dates) == "2026-03-23 10:00"
    skipped = due(Timing(1, "days", BEFORE, "due", if_past=SKIP), dates, local(MONDAY), BERLIN)
    assert skipped.passed
    assert skipped.reason == "Skipped: its time was 2026-02-28 00:00 (Europe/Berlin), which had passed."


@given(
    now=st.datetimes(*YEARS, timezones=st.just(UTC)),
    timing=st.builds(
        Timing,
        count=st.integers(0, 400),
        unit=UNITS,
        at=st.none() | st.times(),
        weekdays=st.booleans(),
    ),
    zone=st.sampled_from([name for name, _ in zones()]).map(ZoneInfo),
)
def test_every_zone_keeps_the_promise_of_the_rule(now: datetime, timing: Timing, zone: ZoneInfo) -> None:
    found = due(timing, {}, now, zone)
    assert found.at
    assert now <= found.at <= now + FAR
    there = found.at.astimezone(zone)
    assert not timing.weekdays or there.weekday() < 5
    plain = timing.unit != "days" and not timing.at and not timing.weekdays
    assert not plain or found.at - now == timedelta(**{timing.unit: timing.count})
    shift = there.replace(tzinfo=None) - (there - timedelta(hours=30)).replace(tzinfo=None)
    if timing.at and shift == timedelta(hours=30):  # no change of the clock close by
        assert there.time() == timing.at


@pytest.mark.parametrize(
    ("timing", "words"),
    [
        (Timing(), ""),
        (Timing(3, "days"), "after 3 days"),
        (Timing(1, "hours"), "after 1 hour"),
        (Timing(3, "days", at=NINE, weekdays=True), "after 3 days at 09:00 on a weekday"),
        (Timing(0, at=NINE), "at 09:00"),
        (Timing(0, at=NINE, weekdays=True), "next weekday at 09:00"),
        (Timing(2, "hours", BEFORE, "due_date"), "2 hours before due_date"),
        (Timing(2, "hours", BEFORE, "due_date", NINE), "2 hours before 09:00 on due_date"),
        (Timing(1, "days", SINCE, "due_date", NINE), "1 day after due_date at 09:00"),
        (Timing(0, "days", SINCE, "due_date"), "on due_date"),
    ],
)
def test_a_time_reads_in_words(timing: Timing, words: str) -> None:
    assert told(timing) == words


def test_a_date_needs_the_name_of_its_field() -> None:
    assert "which field" in problem(Timing(1, "days", BEFORE, " "))
    assert "no braces" in problem(Timing(1, "days", BEFORE, "{due}"))
    assert not problem(Timing(1, "days", BEFORE, "due"))
