"""Counts what was refused, by source, hour and status; the bodies are not kept."""

from datetime import datetime

from django.db import connection

from webhooks_in.models import Source


def count(source: Source | None, status: int, now: datetime) -> None:
    """Adds one to the hour's count. One statement; requests to unknown URLs are counted without a source."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    source_id = source.pk if source else None
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO webhooks_in_refusal (key, source_id, hour, status, count) VALUES (%s, %s, %s, %s, 1) "
            "ON CONFLICT (key) DO UPDATE SET count = webhooks_in_refusal.count + 1",
            [
                f"{source_id or 0}:{hour:%Y%m%d%H}:{status}",
                source_id,
                connection.ops.adapt_datetimefield_value(hour),
                status,
            ],
        )
