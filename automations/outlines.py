"""A record or payload as rows: each field with its path and an example of its value, within bounds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from automations.changes import UNKNOWN
from webhooks_out.paths import look_up
from webhooks_out.scalars import is_empty, text

MAX_ROWS = 200  # fields shown of one record or payload
MAX_DEPTH = 12  # levels looked into
MAX_ITEMS = 5  # of a list whose items are objects
MAX_PATH = 200  # characters: what conditions and mappings can store
MAX_VALUE = 500  # characters: what a condition can compare with
MAX_SHOWN = 160  # characters of a value that are shown


@dataclass(frozen=True)
class Leaf:
    """One field: where it stands and what stands there."""

    path: str
    shown: str  # its value, cut for the eye
    value: str  # its value as a condition would write it; "" when it has none or is too long
    usable: bool  # whether the path leads here, so that it may be used in conditions, mappings and sources
    empty: bool = False


@dataclass(frozen=True)
class Outline:
    """The fields in their order; `cut`: there are more."""

    leaves: tuple[Leaf, ...]
    cut: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that can be used."""
        return tuple(leaf.path for leaf in self.leaves if leaf.usable)


def outline(data: Any) -> Outline:
    """Every field of an object or list, nested ones by their dotted path; a list of plain values is one field."""
    leaves: list[Leaf] = []
    for path, value in _walk(data, "", 1):
        if len(leaves) == MAX_ROWS:
            return Outline(tuple(leaves), cut=True)
        leaves.append(_leaf(data, path, value))
    return Outline(tuple(leaves))


def shown(value: Any) -> str:
    """A value for the eye: text as it is, nothing as “empty”, what the sender kept to itself as “not said”."""
    if value == UNKNOWN:
        return "not said"
    if is_empty(value):
        return "empty"
    written = whole(value)
    return written if len(written) <= MAX_SHOWN else f"{written[: MAX_SHOWN - 1]}…"


def whole(value: Any) -> str:
    """A value for the eye, however long."""
    return ", ".join(text(item) for item in value) if isinstance(value, list) else text(value)


def _walk(data: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(data, Mapping) and data and depth <= MAX_DEPTH:
        for key, value in data.items():
            yield from _walk(value, f"{path}.{key}" if depth > 1 else str(key), depth + 1)
    elif _is_nested(data) and depth <= MAX_DEPTH:
        for index, value in enumerate(data[:MAX_ITEMS]):
            yield from _walk(value, f"{path}.{index}" if depth > 1 else str(index), depth + 1)
    else:
        yield path, data


def _is_nested(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, (Mapping, list)) for item in value)


def _leaf(data: Any, path: str, value: Any) -> Leaf:
    written = "" if isinstance(value, (list, Mapping)) else text(value)
    usable = 0 < len(path) <= MAX_PATH and path == path.strip() and look_up(data, path) is value
    example = written if len(written) <= MAX_VALUE else ""
    return Leaf(path, shown(value), example, usable, is_empty(value))
