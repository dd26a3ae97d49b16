"""How long ago something was, as conditions write it: "3 days", "2 hours"."""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from automations.comparison import instant
from webhooks_out.scalars import moment

MAX_DAYS = 200 * 366
UNITS = {"minute": 1 / 1_440, "hour": 1 / 24, "day": 1, "week": 7, "month": 31, "year": 366}  # days at most

_AGE = re.compile(rf"([0-9]{{1,6}}) *({'|'.join(UNITS)})s?(?: ago)?", re.IGNORECASE | re.ASCII)


def problem(written: str) -> str:
    """Why this is no age, or ""."""
    count, unit = _read(written)
    if not unit:
        return f"write a number and one of {', '.join(f'{name}s' for name in UNITS)}, such as 3 days"
    return "" if count * UNITS[unit] <= MAX_DAYS else "the time is longer than 200 years"


def before(now: datetime, written: str) -> datetime:
    """That long before now; months and years by the calendar: a month before 31 March is 28 February."""
    count, unit = _read(written)
    if unit not in ("month", "year"):
        return now - timedelta(**{f"{unit}s": count})
    year, month = divmod(now.year * 12 + now.month - 1 - count * (12 if unit == "year" else 1), 12)
    return now.replace(year=year, month=month + 1, day=min(now.day, monthrange(year, month + 1)[1]))


def instants(values: Iterable[Any], now: datetime) -> Iterator[datetime]:
    """The times the values stand for, Unix times too; what has no zone is in that of `now`."""
    found = (moment(value, epoch=True) for value in values)
    return (instant(when, now.tzinfo) for when in found if when is not None)


@lru_cache(maxsize=2_048)
def _read(written: str) -> tuple[int, str]:
    found = _AGE.fullmatch(written.strip())
    return (int(found[1]), found[2].lower()) if found else (0, "")
