"""A chunk of a mass post: what will be sent for each of its records, or why nothing will be."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from automations import posting, special
from automations.models import Batch, BatchItem, Record, Tag
from webhooks_out import outbox
from webhooks_out.batches import rows, table
from webhooks_out.jobs import Job
from webhooks_out.models import Delivery, Webhook
from webhooks_out.outbox import Definition

CHUNK = 500  # records at once: what is in memory, and what a lost worker does over
LEASE = 20.0  # seconds a worker may take for one chunk
GONE = "The record is not there any more."
DELETED = "The record was deleted in its CRM."
ALREADY = "Already posted with success."
HELD = "; held."  # how the mapping ends the sentence of what it cannot do without

STATED = {"id": "bigint", "state": "text", "reason": "text", "delivery_id": "uuid"}
NAMED = {"record_type": "text", "record_id": "text"}
State = BatchItem.State


@dataclass(frozen=True)
class Desk:
    """What judging a chunk needs beside its records, loaded once for all of them."""

    batch: Batch
    webhook: Webhook
    definition: Definition
    tags: dict[str, str]

    @classmethod
    def of(cls, batch: Batch, webhook: Webhook) -> "Desk":
        """The webhook and the tags as they are defined now."""
        return cls(batch, webhook, Definition.of(webhook), dict(Tag.objects.values_list("name", "path")))


@dataclass(frozen=True)
class Judged:
    """One record of the chunk, and the reason why it is skipped, if it is; else, when it is posted, its delivery."""

    item_id: int
    reason: str = ""
    delivery: Delivery | None = None  # not yet stored


def check(desk: Desk) -> int:
    """Says of the next chunk which records can be posted and why the others cannot; how many were checked."""
    judged = _judge(desk, State.UNCHECKED, CHUNK)
    if not judged:
        return 0
    with transaction.atomic():
        if not _still_mine(desk.batch):
            return 0
        _mark(State.UNCHECKED, [one for one in judged if one.reason])
        BatchItem.objects.filter(batch=desk.batch, state=State.UNCHECKED, pk__lte=judged[-1].item_id).update(
            state=State.READY
        )
    return len(judged)


def post(desk: Desk, limit: int) -> int:
    """Stores the deliveries of the next records and notes it in the same transaction; how many were seen to.

    With a pace they are due one after the other.
    """
    judged = _judge(desk, State.READY, min(limit, CHUNK))
    if not judged:
        return 0
    deliveries = [one.delivery for one in judged if one.delivery]
    with transaction.atomic():
        if not _still_mine(desk.batch):
            return 0
        if desk.batch.pace:
            _space_out(desk.batch, deliveries, 1 / desk.batch.pace)
        outbox.store(deliveries)
        _mark(State.READY, judged)
    return len(judged)


def _judge(desk: Desk, state: str, limit: int) -> list[Judged]:
    found = BatchItem.objects.filter(batch=desk.batch, state=state).order_by("pk").select_related("record")
    if special.needs_documents(desk.definition.pairs, desk.tags):
        found = found.prefetch_related("record__documents")
    items = list(found[:limit])
    posted = _posted_before(desk.batch, items) if desk.batch.only_new else set()
    return [_judged(desk, item, posted) for item in items]


def _judged(desk: Desk, item: BatchItem, posted: set[tuple[str, str]]) -> Judged:
    record = item.record
    if record is None:
        return Judged(item.pk, GONE)
    if record.deleted:
        return Judged(item.pk, DELETED)
    if not desk.webhook.is_offered_to(record.type):
        return Judged(item.pk, f"The webhook is not offered for {record.type} records."[:300])
    if (record.type, record.external_id) in posted:
        return Judged(item.pk, ALREADY)
    rendered = posting.render(desk.definition, record, desk.tags)
    if rendered.held:
        return Judged(item.pk, _lacking(rendered.missing))
    return Judged(item.pk, delivery=_frozen(desk, record) if item.state == State.READY else None)


def _frozen(desk: Desk, record: Record) -> Delivery:
    delivery = posting.freeze(
        desk.definition, record, desk.tags, desk.batch.requested_by, Delivery.Origin.BATCH
    )
    delivery.batch_id = desk.batch.pk
    return delivery


def _lacking(missing: tuple[str, ...]) -> str:
    """The required data that is missing, without what would be sent all the same."""
    required = [one.removesuffix(HELD) for one in missing if one.endswith(HELD)]
    return f"Required data is missing: {'; '.join(required)}."[:300]


def _posted_before(batch: Batch, items: Iterable[BatchItem]) -> set[tuple[str, str]]:
    """Type and id of those records this webhook was already sent for with success. One query."""
    names = [(item.record.type, item.record.external_id) for item in items if item.record]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT said.record_type, said.record_id FROM {table(NAMED)} WHERE EXISTS (
                    SELECT 1 FROM webhooks_out_delivery d WHERE d.record_id = said.record_id
                    AND d.record_type = said.record_type AND d.webhook_id = %s AND d.state = 'done'
                    AND d.origin <> 'test')""",
            [rows(NAMED, names), batch.webhook_id],
        )
        return set(cursor.fetchall())


def _still_mine(batch: Batch) -> bool:
    """Whether nobody has taken over, paused or cancelled it since; locks it, and renews the lease."""
    mine = Batch.objects.filter(pk=batch.pk, token=batch.token, stage=batch.stage, state=Job.State.RUNNING)
    return bool(mine.update(due_at=Now() + timedelta(seconds=LEASE)))


def _mark(state: str, judged: list[Judged]) -> None:
    """Writes down what became of records that were in this state, in one statement."""
    if not judged:
        return
    said = rows(STATED, (_stated(one) for one in judged))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE automations_batchitem SET state = said.state, reason = said.reason,
                    delivery_id = said.delivery_id
                FROM {table(STATED)}
                WHERE automations_batchitem.id = said.id AND automations_batchitem.state = %s""",
            [said, str(state)],
        )


def _stated(judged: Judged) -> tuple[int, str, str, UUID | None]:
    delivery = judged.delivery
    state = State.POSTED if delivery else State.SKIPPED
    return judged.item_id, str(state), judged.reason, delivery.pk if delivery else None


def _space_out(batch: Batch, deliveries: list[Delivery], gap: float) -> None:
    """Makes them due one after the other, after those of the chunk before. `gap`: seconds."""
    now, until = Batch.objects.filter(pk=batch.pk).values_list(Now(), "paced_until").get()
    at = max(now, until or now)
    for delivery in deliveries:
        delivery.due_at = at
        at += timedelta(seconds=gap)
    Batch.objects.filter(pk=batch.pk).update(paced_until=at)
