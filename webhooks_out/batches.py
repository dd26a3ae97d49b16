"""Hands many rows to one statement, as one JSON text that the database reads as a table.

One parameter costs a fraction of a placeholder for each value, and the statement stays the same for any number of rows,
so that PostgreSQL need not plan it again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, models

from webhooks_out.exact_json import ExactEncoder
from webhooks_out.secrets import Secret

SQLITE = "(SELECT {picked} FROM json_each(%s)) AS said"
POSTGRESQL = "json_to_recordset(%s) AS said({typed})"


def table(columns: Mapping[str, str]) -> str:
    """SQL for a table called `said` with these columns and types; its one parameter is `rows(columns, …)`."""
    if connection.vendor == "sqlite":
        return SQLITE.format(
            picked=", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in columns)
        )
    return POSTGRESQL.format(typed=", ".join(f"{name} {kind}" for name, kind in columns.items()))


def rows(columns: Iterable[str], values: Iterable[Sequence[Any]]) -> str:
    """The rows as `table` reads them, each with its values in the order of the columns."""
    names = tuple(columns)
    return str(_ENCODER.encode([dict(zip(names, row, strict=True)) for row in values]))


def insert(objects: Sequence[models.Model]) -> None:
    """Stores new objects of one model, each with a primary key of its own, in one statement.

    Their values are stored as they are: no field is given the present time, nothing is an SQL expression.
    """
    if not objects:
        return
    if connection.vendor == "sqlite":
        type(objects[0])._default_manager.bulk_create(objects)
        return
    plan = _plan(type(objects[0]))
    with connection.cursor() as cursor:
        cursor.execute(plan.statement, [rows(plan.columns, map(plan.read, objects))])
    for one in objects:
        one._state.adding, one._state.db = False, connection.alias


class _Plan(NamedTuple):
    columns: tuple[str, ...]
    read: Callable[[models.Model], tuple[Any, ...]]
    statement: str


@lru_cache
def _plan(model: type[models.Model]) -> _Plan:
    """How objects of this model are stored; PostgreSQL knows the types of its columns itself."""
    meta = model._meta
    columns = tuple(field.column for field in meta.concrete_fields if field.column)
    named = ", ".join(map(connection.ops.quote_name, columns))
    source = f"json_populate_recordset(NULL::{meta.db_table}, %s)"
    statement = f"INSERT INTO {meta.db_table} ({named}) SELECT {named} FROM {source}"
    return _Plan(columns, attrgetter(*(field.attname for field in meta.concrete_fields)), statement)


class _Encoder(ExactEncoder):
    """Writes what JSON does not know as the database reads it from text."""

    def default(self, o: Any) -> Any:
        """Called by simplejson."""
        if isinstance(o, UUID):
            return o.hex
        if isinstance(o, datetime):
            return str(connection.ops.adapt_datetimefield_value(o))
        if isinstance(o, Secret):
            return o.sealed
        if isinstance(o, bytes | memoryview):
            return rf"\x{o.hex()}"
        return super().default(o)


_ENCODER = _Encoder(ensure_ascii=False, encoding=None, separators=(",", ":"))
