"""The lists below a thing: rows of the file, each in the stored row it continues or in a new one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from config.files.document import Value
from config.files.entries import Filling
from config.files.kinds import Kind, describe


def read(kind: Kind, value: Value | None, stored: list[Any], filling: Filling) -> list[Any]:
    """The rows as the file has them, in its order; nothing is stored yet.

    A stored row is continued, with its secret and its runs, when it is recognised by what it says.
    """
    tables = value.items() if value else []
    given = [table.known(kind.keys, kind.labels) for table in tables]
    found = _recognised(kind, given, stored)
    rows = [found.get(index) or kind.model() for index in range(len(given))]
    for table, keys, row in zip(tables, given, rows, strict=True):
        for entry in kind.entries:
            entry.read(keys, row, replace(filling, place=table.place))
    return rows


def _recognised(kind: Kind, given: list[dict[str, Value]], stored: list[Any]) -> dict[int, Any]:
    """Index in the file → stored row; each stored row once, by the strictest keys first."""
    found: dict[int, Any] = {}
    left = [(row, describe(kind, row, {})) for row in stored]
    for keys in kind.known_by:
        for index, table in enumerate(given):
            wanted = {key: table[key].content for key in keys if key in table}
            match = next((row for row, said in left if _said(said, keys) == wanted), None)
            if index not in found and match is not None:
                found[index] = match
                left = [(row, said) for row, said in left if row is not match]
    return found


def _said(said: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: said[key] for key in keys if key in said}
