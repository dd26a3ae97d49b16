"""Stores an accepted request once, before it is answered."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import connection

from automations.changes import NotUnderstood, RecordUpdate
from webhooks_in import payloads
from webhooks_in.dialects import DIALECTS
from webhooks_in.models import Receipt, Source
from webhooks_in.processing import reading
from webhooks_out import drains
from webhooks_out.jobs import clock, new_id

HOPS_HEADER = "x-fieldhook-hops"
MAX_HOPS = 99  # a larger count, or one that is no number, is read as this


@dataclass(frozen=True)
class Arrival:
    """A request as it came: header names in lower case, `kept` the headers that may be stored, the raw body."""

    method: str
    content_type: str
    query: str
    headers: dict[str, str]
    kept: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Stored:
    """Where an arrival went. `duplicate`: it had been stored before, and this repeat was counted."""

    receipt_id: UUID
    duplicate: bool


def receive(source: Source, arrival: Arrival, now: datetime) -> Stored:
    """Stores a verified request once and wakes a worker; NotReadable when it holds nothing to read.

    The unique index on source and identity decides what is a repeat, so that any number of equal requests at the same
    moment leave one receipt.
    """
    payload = payloads.read(
        arrival.method,
        arrival.content_type,
        arrival.query,
        DIALECTS[source.dialect].repair(arrival.body),
        encoding=arrival.headers.get("content-encoding", ""),
    )
    digest = sha256(arrival.body or arrival.query.encode()).hexdigest()
    key = _identity(source, arrival, payload) or _same_body(source, digest, now)
    if receipt_id := _insert(source, arrival, key, digest):
        drains.wake(Receipt.queue)
        return Stored(receipt_id, duplicate=False)
    return Stored(_count_repeat(source, key or "", digest), duplicate=True)


def _identity(source: Source, arrival: Arrival, payload: Any) -> str | None:
    template = source.dedup_template or DIALECTS[source.dialect].default_dedup
    extra: dict[str, str] = {}
    if payloads.needs_reading(template):
        extra = _found(DIALECTS[source.dialect].parse(payload, reading(source, arrival.query)))
    return payloads.dedup_key(template, arrival.headers, payload, extra)


def _found(items: list[RecordUpdate | NotUnderstood]) -> dict[str, str]:
    """What the dialect tells of a request with a single item; a batch has no one identity."""
    if len(items) != 1 or isinstance(items[0], NotUnderstood):
        return {}
    item = items[0]
    return {
        "type": item.record_type,
        "id": item.record_id,
        "event": item.event,
        "event_id": item.event_id,
        "occurred_at": item.occurred_at.isoformat() if item.occurred_at else "",
    }


def _same_body(source: Source, digest: str, now: datetime) -> str | None:
    """The identity of an identical body within the source's window; without a window every request counts.

    The window is cut into spans of its own length, so a repeat lies in this span or in the one before.
    """
    window = source.dedup_window
    if not window:
        return None
    span = int(now.timestamp()) // window
    key = f"body:{digest}:{span - 1}"
    recent = Receipt.objects.filter(source=source, dedup_key=key).values_list("created_at", flat=True).first()
    return key if recent and (now - recent).total_seconds() < window else f"body:{digest}:{span}"


def _insert(source: Source, arrival: Arrival, key: str | None, digest: str) -> UUID | None:
    """One statement, committed at once; None when the identity is already there."""
    receipt_id = new_id()
    stored_id = Receipt._meta.pk.get_db_prep_value(receipt_id, connection)
    as_json = connection.ops.adapt_json_value
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO webhooks_in_receipt (
                    id, correlation_id, source_id, dedup_key, method, content_type, query, headers, body, body_digest,
                    hops, state, due_at, created_at, token, attempts, max_attempts, reason, verified, duplicates,
                    conflict, notes, sealed_headers
                ) VALUES (
                    %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,
                    %s, 'waiting', {clock()}, {clock()}, '', 0, 3, '', true, 0,
                    false, '[]', ''
                ) ON CONFLICT (source_id, dedup_key) DO NOTHING""",
            [
                stored_id,
                stored_id,
                source.pk,
                key,
                arrival.method,
                arrival.content_type[:200],
                arrival.query,
                as_json(arrival.kept, None),
                arrival.body,
                digest,
                _hops(arrival),
            ],
        )
        return receipt_id if cursor.rowcount else None


def _count_repeat(source: Source, key: str, digest: str) -> UUID:
    """Counts a repeat on the receipt that was there first, and marks it when the body differs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE webhooks_in_receipt SET duplicates = duplicates + 1, conflict = (conflict OR body_digest <> %s) "
            "WHERE source_id = %s AND dedup_key = %s RETURNING id",
            [digest, source.pk, key],
        )
        return UUID(str(cursor.fetchone()[0]))


def _hops(arrival: Arrival) -> int:
    """How many hubs the change came through, as the sending hub says."""
    text = arrival.headers.get(HOPS_HEADER, "0")
    return min(int(text), MAX_HOPS) if text.isascii() and text.isdecimal() and len(text) < 6 else MAX_HOPS
