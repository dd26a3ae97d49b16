"""Freezes which records a mass post covers, whatever becomes of the list they were chosen from."""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet

from automations.models import Batch, BatchItem, Record
from webhooks_out.jobs import Job

FAILED = Q(delivery__state=Job.State.DEAD)
LEFT = Q(state__in=(BatchItem.State.READY, BatchItem.State.UNCHECKED)) | Q(
    delivery__state=Job.State.CANCELLED
)


def freeze(batch: Batch, records: QuerySet[Any]) -> int:
    """Notes the records in their order, each once, in one statement that reads no row into memory; how many."""
    try:
        chosen, params = records.values("id").query.sql_with_params()
    except EmptyResultSet:
        return 0
    key = BatchItem._meta.get_field("batch")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {BatchItem._meta.db_table} (batch_id, record_id, state, reason)
                SELECT CAST(%s AS {key.db_type(connection)}), chosen.id, '{BatchItem.State.UNCHECKED}', ''
                FROM ({chosen}) AS chosen WHERE true ON CONFLICT DO NOTHING""",
            [key.get_db_prep_value(batch.pk, connection), *params],
        )
        return int(cursor.rowcount)


def of(batch: Batch, which: Q) -> QuerySet[Record]:
    """The records of a mass post of which FAILED or LEFT is true, in its order, as far as they still exist."""
    items = BatchItem.objects.filter(which, batch=batch)
    return Record.objects.filter(pk__in=items.values("record")).order_by("-pk")
