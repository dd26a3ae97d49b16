"""The operators of conditions: one row each, with its words, its check and its test."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from automations import ages, patterns
from automations.changes import UNKNOWN
from automations.comparison import equal, fold, order, read
from webhooks_out.scalars import is_empty, text

ARROWS = ("->", "→")

_BETWEEN = re.compile(r"(.+?)(?:\s+and\s+|\s*\.\.\s*)(.+)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Operator:
    """One row: words for the administrator, and `test(seen, value, now)`.

    `seen` is the record's value, or the pair (old, new) for operators that look at the change and are asked only
    if there was one. `wanted` completes "Stage was 'Lead', wanted …".
    """

    label: str
    test: Callable[[Any, str, datetime], bool]
    wanted: str
    help: str = ""  # how to write the value; "" = there is none to write
    of_change: bool = False
    check: Callable[[str], str] = lambda _value: ""

    @property
    def takes_value(self) -> bool:
        """Whether a condition with this operator needs a value."""
        return bool(self.help)


def arrow(value: str) -> tuple[str, str]:
    """The two sides of "Failed -> Passed"; ("", "") when it is not written so."""
    for mark in ARROWS:
        old, found, new = value.partition(mark)
        if found:
            return old.strip(), new.strip()
    return "", ""


@lru_cache(maxsize=2_048)
def listed(value: str) -> tuple[str, ...]:
    """The items of "A, B, C", or of one item a line."""
    items = value.splitlines() if "\n" in value.strip() else value.split(",")
    return tuple(item.strip() for item in items if item.strip())


def _equals(seen: Any, value: str, now: datetime) -> bool:
    return equal(seen, read(value), now.tzinfo)


def _contains(seen: Any, value: str, now: datetime) -> bool:
    if isinstance(seen, list):
        return _equals(seen, value, now)
    return read(value).folded in fold(seen)


def _on_items(test: Callable[[str, str], bool]) -> Callable[[Any, str, datetime], bool]:
    """A test on the folded text; one item of a list is enough."""

    def any_item(seen: Any, value: str, _now: datetime) -> bool:
        return any(test(fold(item), read(value).folded) for item in _items(seen))

    return any_item


def _in_list(seen: Any, value: str, now: datetime) -> bool:
    return any(_equals(seen, item, now) for item in listed(value))


def _ordered(*signs: int) -> Callable[[Any, str, datetime], bool]:
    def any_item(seen: Any, value: str, now: datetime) -> bool:
        return any(order(item, read(value), now.tzinfo) in signs for item in _items(seen))

    return any_item


def _between(seen: Any, value: str, now: datetime) -> bool:
    low, high = map(read, _bounds(value))
    zone = now.tzinfo
    return any(
        order(item, low, zone) in (0, 1) and order(item, high, zone) in (-1, 0) for item in _items(seen)
    )


@lru_cache(maxsize=2_048)
def _bounds(value: str) -> tuple[str, str]:
    found = _BETWEEN.fullmatch(value.strip())
    return (found[1], found[2]) if found else ("", "")


def _matches(seen: Any, value: str, _now: datetime) -> bool:
    return any(patterns.found(value, text(item)) for item in _items(seen))


def _older(seen: Any, value: str, now: datetime) -> bool:
    return any(when < ages.before(now, value) for when in ages.instants(_items(seen), now))


def _newer(seen: Any, value: str, now: datetime) -> bool:
    return any(when > ages.before(now, value) for when in ages.instants(_items(seen), now))


def _changed_from_to(seen: Any, value: str, now: datetime) -> bool:
    old, new = arrow(value)
    return _from(seen, old, now) and _equals(seen[1], new, now)


def _from(seen: Any, value: str, now: datetime) -> bool:
    return seen[0] != UNKNOWN and _equals(seen[0], value, now)


def _items(seen: Any) -> list[Any]:
    return seen if isinstance(seen, list) else [seen]


def _check_order(value: str) -> str:
    return "" if read(value).ordered else "write a number such as 500 or a date such as 2026-03-10"


def _check_between(value: str) -> str:
    low, high = _bounds(value)
    turned = order(low, read(high), None)
    if turned is None:
        return "write two numbers or two dates, such as 10 and 20"
    return "the smaller or earlier comes first" if turned > 0 else ""


def _check_arrow(value: str) -> str:
    return "" if all(arrow(value)) else "write the old and the new value, such as Failed -> Passed"


def _check_list(value: str) -> str:
    return "" if listed(value) else "write the values with commas between them, or one a line"


_SAME = "Upper and lower case are the same; 5 equals 5.0; true and yes are the same for a tick box."
_LIST = "For a field with several values, one of them is enough."
_ORDER = "A number such as 500 or a date such as 2026-03-10."

OPERATORS = {
    "equals": Operator("equals", _equals, "'{}'", f"The value. {_SAME} {_LIST}"),
    "not_equals": Operator(
        "does not equal",
        lambda seen, value, now: not _equals(seen, value, now),
        "anything but '{}'",
        f"The value. {_SAME} An empty field does not equal it; with several values none may.",
    ),
    "contains": Operator(
        "contains",
        _contains,
        "something with '{}' in it",
        "Part of the text; for several values, one of them.",
    ),
    "starts_with": Operator(
        "starts with",
        _on_items(str.startswith),
        "something that starts with '{}'",
        f"The first characters. {_LIST}",
    ),
    "ends_with": Operator(
        "ends with", _on_items(str.endswith), "something that ends with '{}'", f"The last characters. {_LIST}"
    ),
    "in_list": Operator(
        "is one of",
        _in_list,
        "one of {}",
        "Values with commas between them, or one a line.",
        check=_check_list,
    ),
    "greater": Operator("is more than", _ordered(1), "more than {}", _ORDER, check=_check_order),
    "less": Operator("is less than", _ordered(-1), "less than {}", _ORDER, check=_check_order),
    "between": Operator(
        "is between",
        _between,
        "between {}",
        "Two numbers or dates, such as 10 and 20; both count.",
        check=_check_between,
    ),
    "is_empty": Operator("is empty", lambda seen, _value, _now: is_empty(seen), "it empty"),
    "is_not_empty": Operator("is not empty", lambda seen, _value, _now: not is_empty(seen), "any value"),
    "changed": Operator("changed", lambda _seen, _value, _now: True, "any change", of_change=True),
    "changed_to": Operator(
        "changed to",
        lambda seen, value, now: _equals(seen[1], value, now),
        "a change to '{}'",
        f"The new value. {_SAME}",
        of_change=True,
    ),
    "changed_from": Operator(
        "changed from", _from, "a change from '{}'", f"The old value. {_SAME}", of_change=True
    ),
    "changed_from_to": Operator(
        "changed from → to",
        _changed_from_to,
        "a change {}",
        "The old and the new value, such as Failed -> Passed.",
        of_change=True,
        check=_check_arrow,
    ),
    "matches": Operator(
        "matches",
        _matches,
        "a match of {}",
        "A regular expression, such as ^[A-Z]{2}[0-9]+$, of which upper and lower case are the same.",
        check=patterns.problem,
    ),
    "older_than": Operator(
        "is longer ago than",
        _older,
        "longer ago than {}",
        "How long ago, such as 3 days or 2 hours.",
        check=ages.problem,
    ),
    "newer_than": Operator(
        "is not as long ago as",
        _newer,
        "more recent than {} ago",
        "How long ago, such as 3 days or 2 hours; the future is newer too.",
        check=ages.problem,
    ),
}
