"""Finds one value of a record by its field name or dotted path."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

MAX_INDEX_DIGITS = 6


class Missing(Enum):
    """The type of MISSING, so that a type checker can tell it from data."""

    MISSING = "missing"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing.MISSING


def look_up(data: Any, path: str) -> Any:
    """The value at `path`, or MISSING; a key that is exactly the path (dots and all) wins over walking it.

    `custom.0.value` walks objects by key and lists by index from 0. What is left of the path is tried as one
    key at every level, so keys with dots are found inside nested objects too.
    """
    while True:
        if isinstance(data, (dict, Mapping)) and path in data:  # a dict is recognised faster than a Mapping
            return data[path]
        head, dot, path = path.partition(".")
        if not dot:
            return _step(data, head) if isinstance(data, list) else MISSING
        data = _step(data, head)
        if data is MISSING:
            return MISSING


def prefixes(path: str) -> tuple[str, ...]:
    """The path and every shorter path it starts with: the names a change of it can be reported under."""
    parts = path.split(".")
    return tuple(".".join(parts[:count]) for count in range(len(parts), 0, -1))


def _step(data: Any, name: str) -> Any:
    if isinstance(data, Mapping):
        return data.get(name, MISSING)
    if isinstance(data, list) and name.isascii() and name.isdecimal() and len(name) <= MAX_INDEX_DIGITS:
        index = int(name)
        return data[index] if index < len(data) else MISSING
    return MISSING
