"""Hands many rows to one statement, as one JSON text that the database reads as a table."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

SQLITE = """(SELECT {picked} FROM json_each(%s)) AS said"""
POSTGRESQL = """(SELECT {picked} FROM json_array_elements(%s) AS row) AS said"""


def table(columns: dict[str, str]) -> str:
    """SQL for a table called `said` with these columns and types; its one parameter is `rows(…)`."""
    if connection.vendor == "sqlite":
        picked = (f"json_extract(value, '$[{at}]') AS {name}" for at, name in enumerate(columns))
        return SQLITE.format(picked=", ".join(picked))
    picked = (f"CAST(row ->> {at} AS {kind}) AS {name}" for at, (name, kind) in enumerate(columns.items()))
    return POSTGRESQL.format(picked=", ".join(picked))


def rows(values: Iterable[Sequence[Any]]) -> str:
    """The rows as `table` reads them, each with its values in the order of the columns; ids as hexadecimal text."""
    return json.dumps([list(value) for value in values])
