"""What lists of records are filtered by: stage, status and campaign, read from the fields, and the values in use."""

from collections.abc import Mapping
from typing import Any

from django.db import connection

from automations.identifiers import spelled
from webhooks_out.scalars import text

MAX_VALUE = 100  # characters
CHOICES = 200  # values offered at most
FIELDS = {
    "stage": spelled("stage", "stage name", "lead stage", "contact stage", "pipeline stage"),
    "status": spelled("status", "status name", "lead status", "contact status"),
    "campaign": spelled("campaign", "campaign name", "utm campaign"),
}
_PLACES = {facet: {name: place for place, name in enumerate(names)} for facet, names in FIELDS.items()}
COLUMNS = (*FIELDS, "source")  # of a record, each with an index of type, value and id


def read(fields: Mapping[str, Any], facet: str) -> str:
    """The value of a facet in a record's fields: the first of its usual names that holds any; "" for none."""
    names = _PLACES[facet]
    for name in sorted(names.keys() & fields.keys(), key=names.__getitem__):
        if (value := fields[name]) and not isinstance(value, Mapping | list):
            return text(value).strip()[:MAX_VALUE]
    return ""


def choices(record_type: str, column: str) -> list[str]:
    """The values records of a type have in one of COLUMNS, in their order, CHOICES at most. One query."""
    if column not in COLUMNS:
        raise ValueError(f"{column} is not filtered by")
    return _leap(column, f"type = %s AND NOT ({column} = '')", record_type)


def types() -> list[str]:
    """The types there are records of. One query."""
    return _leap("type", "NOT (type = '')")


def _leap(column: str, where: str, *parameters: str) -> list[str]:
    """Every value of a column, from one to the next through its index: the cost grows with the values only."""
    least = f"SELECT MIN({column}) FROM automations_record WHERE {where}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH RECURSIVE seen(value) AS (
                    {least}
                    UNION ALL
                    SELECT ({least} AND {column} > seen.value) FROM seen WHERE seen.value IS NOT NULL)
                SELECT value FROM seen WHERE value IS NOT NULL LIMIT {CHOICES}""",
            parameters * 2,
        )
        return [value for (value,) in cursor.fetchall()]
