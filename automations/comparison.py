"""When two values are equal, and which is greater: as an administrator reads them, not as JSON types them."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any

from webhooks_out.scalars import moment, number, text

BOOLEANS = {True: ("true", "yes"), False: ("false", "no")}  # how conditions write a JSON boolean


@dataclass(frozen=True, slots=True)
class Wanted:
    """A value as a condition writes it, read once."""

    folded: str  # without blanks at the ends, and without case
    number: Decimal | None
    moment: date | datetime | None

    @property
    def ordered(self) -> bool:
        """Whether something can be greater or less than it."""
        return self.number is not None or self.moment is not None


@lru_cache(maxsize=8_192)
def read(written: str) -> Wanted:
    """What a condition's value stands for: text, and number or date if it reads as one."""
    return Wanted(fold(written), number(written), moment(written))


def fold(value: Any) -> str:
    """The text two equal values share."""
    return text(value).strip().casefold()


def equal(value: Any, wanted: Wanted, zone: tzinfo | None) -> bool:
    """Equal as numbers if both are, as dates if both are, else as text without case; one item of a list is enough.

    A JSON boolean equals true or yes, false or no. Dates without zone are taken in `zone`.
    """
    if isinstance(value, list):
        return any(equal(item, wanted, zone) for item in value)
    if isinstance(value, bool):
        return wanted.folded in BOOLEANS[value]
    if value is None:
        return False
    if fold(value) == wanted.folded:
        return True
    return wanted.ordered and order(value, wanted, zone) == 0


def order(value: Any, wanted: Wanted, zone: tzinfo | None) -> int | None:
    """-1, 0 or 1 as the value is less than, equal to or greater than what is wanted; None if they do not compare.

    A day compares with a time by the day the time was written with.
    """
    if wanted.number is not None:
        seen = number(value)
        return None if seen is None else (seen > wanted.number) - (seen < wanted.number)
    when = moment(value) if wanted.moment is not None else None
    if when is None or wanted.moment is None:
        return None
    left, right = _comparable(when, wanted.moment, zone)
    return int(left > right) - int(left < right)


def instant(when: date | datetime, zone: tzinfo | None) -> datetime:
    """The time a date stands for: a day begins at midnight in `zone`, a time without zone is in it."""
    if not isinstance(when, datetime):
        return datetime.combine(when, time(), zone)
    return when if when.tzinfo else when.replace(tzinfo=zone)


def index_key(written: str) -> Hashable | None:
    """What an index keeps for "equals this": a value equal to it has this among its `index_keys`; None for a date."""
    wanted = read(written)
    if wanted.moment is not None:
        return None
    return wanted.folded if wanted.number is None else wanted.number


def index_keys(value: Any) -> tuple[Hashable, ...]:
    """What to ask an index of `index_key`s for a record's value."""
    if isinstance(value, list):
        return tuple(key for item in value for key in index_keys(item))
    if isinstance(value, bool):
        return BOOLEANS[value]
    exact = number(value)
    if exact is None:
        return (fold(value),)
    return (exact,) if isinstance(value, str) else (exact, fold(value))


def _comparable(left: date | datetime, right: date | datetime, zone: tzinfo | None) -> tuple[Any, Any]:
    if isinstance(left, datetime) and isinstance(right, datetime):
        return instant(left, zone), instant(right, zone)
    return _day(left), _day(right)


def _day(when: date | datetime) -> date:
    return when.date() if isinstance(when, datetime) else when
