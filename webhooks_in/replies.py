"""What the sender of a lead is told: the id of the record it became, or why it was rejected."""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from uuid import UUID

from django.db import connection, transaction

from automations import matching
from automations.changes import NotUnderstood
from automations.matching import RuleSet
from automations.models import Change
from webhooks_in import duplicates, processing
from webhooks_in.dialects.reading import Item
from webhooks_in.models import Receipt, Source
from webhooks_in.payloads import NotReadable
from webhooks_out import exact_json
from webhooks_out.jobs import claim, work

PATIENCE = 5.0  # seconds a sender waits for the outcome before it is told that its lead is stored
LOOK = 0.02  # seconds between two looks at a receipt that a worker has in hand
LEASE = 20.0  # seconds
ACCEPTED = "accepted"  # stored, and not read yet


@dataclass(frozen=True)
class Reply:
    """What became of one lead. `status`: created, updated, unchanged, rejected or accepted."""

    status: str
    id: str = ""
    reason: str = ""

    @property
    def line(self) -> str:
        """The same as plain text."""
        return self.id or f"{self.status}: {self.reason}"


def accepted() -> Reply:
    """The lead is stored and nobody has read it yet."""
    return Reply(ACCEPTED, reason="The lead is stored and will be read in a moment.")


def settled(receipt_id: UUID) -> list[Reply]:
    """What became of each lead of a stored request, which is read now unless a worker has it in hand already."""
    rules = matching.rules()
    own = Receipt._meta.pk.get_db_prep_value(receipt_id, connection)
    for receipt in claim(Receipt, 1, lease=LEASE, where="AND id = %s", params=(own,)):
        work(receipt, partial(processing.process, rules=rules))
    receipt = _awaited(receipt_id)
    if not receipt.settled:
        return [accepted()]
    return list(_told(receipt, rules)) or [Reply("rejected", reason=receipt.reason or "It holds no lead.")]


def written(replies: list[Reply], receipt_id: UUID, kind: str) -> tuple[str, str]:
    """Content type and body of the answer: one line a lead as plain text, or JSON with the receipt's id."""
    if kind == Source.Reply.TEXT:
        return "text/plain; charset=utf-8", "".join(f"{one.line}\n" for one in replies)
    told = {**asdict(replies[0]), "receipt": str(receipt_id)}
    if len(replies) > 1:
        told = {"leads": [asdict(one) for one in replies], "receipt": str(receipt_id)}
    return "application/json", exact_json.dumps(told)


def _awaited(receipt_id: UUID) -> Receipt:
    """The receipt once it is settled or waits for another attempt, or as it is when patience runs out."""
    ends = time.monotonic() + PATIENCE
    while True:
        receipt = Receipt.objects.select_related("source").get(pk=receipt_id)
        if receipt.state != Receipt.State.RUNNING or time.monotonic() > ends:
            return receipt
        time.sleep(LOOK)


def _told(receipt: Receipt, rules: RuleSet) -> Iterator[Reply]:
    """One reply an item, from the changes it made; for one that made none the reason is found once more."""
    changes = {
        change.item: change
        for change in Change.objects.filter(receipt_id=receipt.pk).select_related("record")
    }
    try:
        items = processing.parse(receipt, rules.tags)
    except NotReadable:
        return
    for at, item in enumerate(items):
        if change := changes.get(at):
            status = change.event if change.event == "created" else "updated"
            yield Reply(status, change.record.external_id)
        else:
            yield _without_change(receipt.source, item)


def _without_change(source: Source, item: Item) -> Reply:
    with transaction.atomic():
        [found] = duplicates.resolve(source, [item])
    if isinstance(found, NotUnderstood):
        return Reply("rejected", reason=str(found))
    return Reply("unchanged", found.record_id)
