"""How one JSON value reads as text, number, date or yes/no: the same for conditions and for mappings."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from webhooks_out import exact_json
from webhooks_out.paths import MISSING

MAX_EXPONENT = 1_000  # beyond it a number is left alone, so that no arithmetic on it grows
MAX_NUMBER_TEXT = 100  # characters
EPOCH_SECONDS = (9, 10)  # digits of a Unix time in seconds, 1973 to 2286
EPOCH_MILLISECONDS = (12, 13)  # digits, the same years

YES = frozenset({"true", "yes", "y", "t", "on", "1"})
NO = frozenset({"false", "no", "n", "f", "off", "0"})

_NUMBER = re.compile(r"-?[$€£]?(?:0|[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}.{0,24})?", re.ASCII)
_US_DAY = r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})"
_US_TIME = r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))? *([AaPp][Mm])?"
_US = re.compile(f"{_US_DAY}(?:,? +{_US_TIME})?")
_DOT_NET = re.compile(r"\\?/Date\((-?[0-9]{1,15})([+-][0-9]{4})?\)\\?/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def text(value: Any) -> str:
    """The value as a receiver expects to read it; never "None".

    Numbers keep their digits, booleans are true/false, a list of scalars is joined by commas (without its
    empty items), anything nested is JSON.
    """
    if isinstance(value, str):
        return value
    if value is None or value is MISSING:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return exact_json.digits(value)
    if isinstance(value, list) and not any(isinstance(item, (list, Mapping)) for item in value):
        return ",".join(filter(None, map(text, value)))
    return exact_json.dumps(value)


def is_empty(value: Any) -> bool:
    """Missing, null, blank text, [] and {} are empty; 0 and false are not."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or value is MISSING or value in ([], {})


def number(value: Any) -> Decimal | None:
    """The number a JSON number or a text such as "1200.50" or "$1,200.50" stands for.

    A text with a leading zero or plus (ZIP codes, telephone numbers) or an exponent is an identifier instead.
    """
    if isinstance(value, str):
        stripped = value.strip()
        if len(stripped) > MAX_NUMBER_TEXT or _NUMBER.fullmatch(stripped) is None:
            return None
        return Decimal(stripped.translate({36: None, 44: None, 163: None, 8364: None}))
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return exact if exact.is_finite() and abs(exact.adjusted()) <= MAX_EXPONENT else None


def moment(value: Any, *, epoch: bool = False) -> date | datetime | None:
    """The day (date) or the time (datetime, naive if no zone was written) a value stands for.

    Reads ISO 8601, US month/day/year with an optional time, and .NET `/Date(1489132800000-0800)/`
    (milliseconds UTC, shown in the written offset); with `epoch`, also Unix times in seconds or milliseconds.
    """
    if isinstance(value, str):
        value = value.strip()
        if _ISO.fullmatch(value):
            return _iso(value)
        if found := _US.fullmatch(value):
            return _us(found)
        if found := _DOT_NET.fullmatch(value):
            return _dot_net(*found.groups())
    return _unix(value) if epoch else None


def truth(value: Any) -> bool | None:
    """Yes or no, written in any usual way (true, Yes, y, 1, on …); None for everything else."""
    word = text(value).strip().casefold()
    return True if word in YES else False if word in NO else None


def whole(written: str, low: int, high: int) -> bool:
    """Whether an administrator's text is a whole number between the two, at most six digits."""
    stripped = written.strip()
    return stripped.isascii() and stripped.isdecimal() and len(stripped) <= 6 and low <= int(stripped) <= high


def _iso(written: str) -> date | datetime | None:
    try:
        return date.fromisoformat(written) if len(written) == 10 else datetime.fromisoformat(written)
    except ValueError:
        return None


def _us(found: re.Match[str]) -> date | datetime | None:
    month, day, year, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    half = (found[7] or "").lower()
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
    try:
        if found[4] is None:
            return date(year, month, day)
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - no zone was written
    except ValueError:
        return None


def _dot_net(milliseconds: str, offset: str | None) -> datetime | None:
    try:
        instant = _EPOCH + timedelta(milliseconds=int(milliseconds))
        if offset is None:
            return instant
        sign = -1 if offset[0] == "-" else 1
        shown = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:5]))
        return instant.astimezone(timezone(sign * shown))
    except (OverflowError, ValueError):
        return None


def _unix(value: Any) -> datetime | None:
    exact = number(value)
    if exact is None or exact < 0:
        return None
    digits = exact.adjusted() + 1
    if EPOCH_SECONDS[0] <= digits <= EPOCH_SECONDS[1]:
        return _EPOCH + timedelta(microseconds=int(exact * 1_000_000))
    if EPOCH_MILLISECONDS[0] <= digits <= EPOCH_MILLISECONDS[1]:
        return _EPOCH + timedelta(microseconds=int(exact * 1_000))
    return None
