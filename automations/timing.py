"""When an action is due, by the clock of the rule's time zone: pure.

Minutes and hours are time that passes; days keep the time on the clock. A time that the clock skips is taken as much
later as the clock is put forward, and of a time that comes twice the first counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.conf import settings

from webhooks_out.paths import MISSING, look_up
from webhooks_out.scalars import is_empty, moment, text

AFTER, BEFORE, SINCE = "after", "before", "since"  # the change; a date of the record, before and after it
NOW, SKIP = "now", "skip"  # what becomes of an action whose date is past
FAR = timedelta(days=3_660)  # a time further away is a slip of the pen
MAX_SHOWN = 60  # characters of a value that words repeat

_SATURDAY, _WEEK = 5, 7


@dataclass(frozen=True)
class Timing:
    """How an action's time is found. `at`: the time of day, of the date itself when one is counted from."""

    count: int = 0
    unit: str = "minutes"  # or hours, or days
    counts_from: str = AFTER
    field: str = ""  # of the record, with the date that is counted from
    at: time | None = None
    weekdays: bool = False  # moved off Saturdays and Sundays
    if_past: str = NOW

    @property
    def at_once(self) -> bool:
        """Whether it is due as soon as the rule fires."""
        return self.counts_from == AFTER and not (self.count or self.at or self.weekdays)


AT_ONCE = Timing()


@dataclass(frozen=True)
class Due:
    """When it is due, or why it never is. `passed`: its time is over, and it is to be skipped then."""

    at: datetime | None
    reason: str = ""
    passed: bool = False


def due(timing: Timing, values: Mapping[str, Any], now: datetime, zone: ZoneInfo) -> Due:
    """The time for this record when the rule fires now; aware, and never before now."""
    if timing.at_once:
        return Due(now)
    try:
        start = now if timing.counts_from == AFTER else _date(timing, values, zone)
        if isinstance(start, str):
            return Due(None, f"Its time cannot be told: {start}.")
        when = _weekday(timing, _at(timing, _moved(timing, start, zone), zone), zone)
        if when > now + FAR:
            return Due(None, f"Its time is further away than {FAR.days} days: {_shown(when, zone)}.")
    except (OverflowError, ValueError):
        return Due(None, "Its time is beyond the end of the calendar.")
    if when >= now:
        return Due(when)
    if timing.if_past == SKIP:
        return Due(None, f"Skipped: its time was {_shown(when, zone)}, which had passed.", passed=True)
    return Due(now)


def zones() -> list[tuple[str, str]]:
    """The time zones to choose from, by name."""
    return [(name, name) for name in sorted(available_timezones()) if "/" in name or name == "UTC"]


def zone(name: str) -> ZoneInfo:
    """The time zone of this name; the hub's own for none, and for one this machine does not know any more."""
    try:
        return ZoneInfo(name or settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.TIME_ZONE)


def problem(timing: Timing) -> str:
    """Why an action cannot be due like this, or ""."""
    if timing.counts_from == AFTER:
        return "A field with a date is named, but the delay counts from the change." if timing.field else ""
    if not timing.field.strip():
        return "Say which field holds the date."
    return "The name of a field with a date has no braces." if {"{", "}"} & set(timing.field) else ""


def told(timing: Timing) -> str:
    """The time in words that stand before what is done: "after 3 days", "2 hours before due_date"; "" for at once."""
    return _told_of_change(timing) if timing.counts_from == AFTER else _told_of_date(timing)


def span(timing: Timing) -> str:
    """Number and unit, such as "3 days" or "1 hour"."""
    return f"{timing.count} {timing.unit.removesuffix('s') if timing.count == 1 else timing.unit}"


def _date(timing: Timing, values: Mapping[str, Any], zone: ZoneInfo) -> datetime | str:
    """The date that is counted from, or why there is none."""
    value = look_up(values, timing.field)
    if value is MISSING:
        return f"{timing.field} is not in the record"
    if is_empty(value):
        return f"{timing.field} is empty"
    found = moment(value, epoch=True)
    if found is None:
        return f"{timing.field} is “{text(value)[:MAX_SHOWN]}”, which is no date"
    if not isinstance(found, datetime):
        return _on_clock(found, timing.at or time(), zone)
    local = found.astimezone(zone) if found.tzinfo else found
    if timing.at or not found.tzinfo:
        return _on_clock(local.date(), timing.at or local.time(), zone)
    return local


def _moved(timing: Timing, start: datetime, zone: ZoneInfo) -> datetime:
    """That long before or after the start."""
    count = -timing.count if timing.counts_from == BEFORE else timing.count
    if timing.unit != "days":
        return start.astimezone(UTC) + timedelta(**{timing.unit: count})
    return _days(start, count, zone)


def _at(timing: Timing, when: datetime, zone: ZoneInfo) -> datetime:
    """For what counts from the change: that time on the day found, or the next time the clock shows it."""
    if timing.counts_from != AFTER or timing.at is None:
        return when
    day = when.astimezone(zone).date()
    found = _on_clock(day, timing.at, zone)
    counted_days = timing.unit == "days" and timing.count
    return found if counted_days or found >= when else _on_clock(day + timedelta(days=1), timing.at, zone)


def _weekday(timing: Timing, when: datetime, zone: ZoneInfo) -> datetime:
    """Off the weekend: to the Monday after it, or to the Friday when it is to be before a date."""
    over = when.astimezone(zone).weekday() - _SATURDAY
    if not timing.weekdays or over < 0:
        return when
    return _days(when, -1 - over if timing.counts_from == BEFORE else _WEEK - _SATURDAY - over, zone)


def _days(when: datetime, count: int, zone: ZoneInfo) -> datetime:
    """Days later by the calendar, at the same time on the clock."""
    if not count:
        return when
    local = when.astimezone(zone)
    return _on_clock(local.date() + timedelta(days=count), local.time(), zone)


def _on_clock(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock.replace(tzinfo=None, fold=0), zone).astimezone(UTC)


def _told_of_change(timing: Timing) -> str:
    clock = f" at {timing.at:%H:%M}" if timing.at else ""
    if timing.count:
        return f"after {span(timing)}{clock}{' on a weekday' if timing.weekdays else ''}"
    return f"next weekday{clock}" if timing.weekdays else clock.strip()


def _told_of_date(timing: Timing) -> str:
    side = "before" if timing.counts_from == BEFORE else "after"
    date = timing.field[:MAX_SHOWN]
    if timing.at and timing.count and timing.unit != "days":
        words = f"{span(timing)} {side} {timing.at:%H:%M} on {date}"
    else:
        words = f"{span(timing)} {side} {date}" if timing.count else f"on {date}"
        words += f" at {timing.at:%H:%M}" if timing.at else ""
    return f"{words} on a weekday" if timing.weekdays else words


def _shown(when: datetime, zone: ZoneInfo) -> str:
    local = when.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M} ({zone.key})"
