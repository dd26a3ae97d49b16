"""How much there is and how late it is, in queries that stay quick however many rows lie before the span asked for.

Ids are time-ordered, so a span of time is a range of the primary key; what is not done has an index of its own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Min, Model

from webhooks_out.jobs import Job

_UNFINISHED = "NOT (state = 'done')"  # the condition of the index of unfinished jobs, word by word


@dataclass(frozen=True)
class Backlog:
    """What of one queue is not settled: how many, and since when the one that is most overdue is due."""

    count: int
    oldest_due: datetime | None


def first_id(moment: datetime) -> UUID:
    """The smallest id a row made at that moment can have (RFC 9562, version 7: milliseconds first).

    `id__gte=first_id(midnight)` is a range of the primary key, quick however many rows lie before it.
    """
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def per_hour(model: type[Model], start: datetime, hours: int, *, state: str = "") -> list[int]:
    """How many rows were made in each of these hours; with a state other than done, how many jobs in it. One query."""
    marks = [_key(model, first_id(start + timedelta(hours=hour))) for hour in range(hours + 1)]
    also = f"AND {_UNFINISHED} AND state = %s" if state else ""
    part = f"(SELECT COUNT(*) FROM {model._meta.db_table} WHERE id >= %s AND id < %s {also})"
    params = [value for pair in pairwise(marks) for value in (*pair, *([state] * bool(state)))]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join([part] * hours)}", params)
        return [int(count) for count in cursor.fetchone()]


def unfinished(model: type[Job], since: datetime) -> dict[str, int]:
    """How many jobs made since then are in each state but done. One query of one index."""
    rows = model._default_manager.exclude(state=Job.State.DONE).filter(id__gte=first_id(since)).order_by()
    return dict(rows.values_list("state").annotate(Count("pk")))


def backlog(model: type[Job]) -> Backlog:
    """What waits or is under way. One query of one index."""
    found = model._default_manager.filter(due_at__isnull=False).aggregate(
        count=Count("pk"), oldest=Min("due_at")
    )
    return Backlog(found["count"], found["oldest"])


def _key(model: type[Model], value: UUID) -> Any:
    return model._meta.pk.get_db_prep_value(value, connection)
