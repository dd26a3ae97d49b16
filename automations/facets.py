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
    """The values records of a type have in one of COLUMNS, in their order. One query.

    It leaps through the index from one value to the next, so its cost grows with the values, not with the records.
    """
    if column not in COLUMNS:
        raise ValueError(f"{column} is not filtered by")
    least = f"SELECT MIN({column}) FROM automations_record WHERE type = %s AND NOT ({column} = '')"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH RECURSIVE seen(value) AS (
                    {least}
                    UNION ALL
                    SELECT ({least} AND {column} > seen.value) FROM seen WHERE seen.value IS NOT NULL)
                SELECT value FROM seen WHERE value IS NOT NULL LIMIT {CHOICES}""",
            [record_type, record_type],
        )
        return [value for (value,) in cursor.fetchall()]
