"""What became of each record of a mass post: page by page for people, and all of it as CSV."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from automations.models import Batch, BatchItem
from webhooks_out.cells import defused
from webhooks_out.models import Delivery

PER_PAGE = 50
CHUNK = 1_000  # rows of a CSV file read at once
HEADINGS = ("Type", "Id", "Name", "Result", "Reason", "Answer", "Attempts", "Settled", "Delivery")
State = BatchItem.State

# What a list can be narrowed to: by the state of the record, or by those of its delivery.
OF_ITEMS = {"ready": (State.READY, State.UNCHECKED), "skipped": (State.SKIPPED,)}
OF_DELIVERIES = {
    "under_way": ("waiting", "running", "held"),
    "delivered": ("done",),
    "failed": ("dead",),
    "cancelled": ("cancelled",),
}
_NEEDED = (
    "state",
    "reason",
    *(f"record__{name}" for name in ("type", "external_id", "name")),
    *(f"delivery__{name}" for name in ("state", "reason", "status", "attempts", "settled_at", "due_at")),
)
_WORDS = {
    "waiting": ("Waiting", "info"),
    "running": ("Being sent", "primary"),
    "held": ("Paused", "warning"),
    "done": ("Delivered", "success"),
    "dead": ("Failed", "danger"),
    "cancelled": ("Cancelled", ""),
}


@dataclass(frozen=True)
class Result:
    """One record and what became of it."""

    item: BatchItem
    word: str
    colour: str
    reason: str


@dataclass(frozen=True)
class Page:
    """Some results in the order of the mass post, and where the next page begins ("" = there is none)."""

    results: tuple[Result, ...]
    following: str = ""


def page(batch: Batch, which: str, after: str) -> Page:
    """One page of all results ("") or of those of one kind. Reads no more rows than it shows."""
    found = _by_delivery(batch, which, after) if which in OF_DELIVERIES else _by_item(batch, which, after)
    shown = found[:PER_PAGE]
    following = ""
    if len(found) > PER_PAGE:
        last = shown[-1]
        following = str(last.delivery_id if which in OF_DELIVERIES else last.pk)
    return Page(tuple(_result(batch, item) for item in shown), following)


def lines(batch: Batch) -> Iterator[str]:
    """The CSV file, a chunk of rows at a time; what a spreadsheet would take for a formula is text."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(HEADINGS)
    after = 0
    while items := list(_items(batch).filter(pk__gt=after)[:CHUNK]):
        yield "".join(writer.writerow(map(defused, _cells(batch, item))) for item in items)
        after = items[-1].pk


def _items(batch: Batch) -> QuerySet[BatchItem]:
    found = BatchItem.objects.filter(batch=batch).order_by("pk")
    return found.select_related("record", "delivery").only("batch", *_NEEDED)


def _by_item(batch: Batch, which: str, after: str) -> list[BatchItem]:
    found = _items(batch)
    if which in OF_ITEMS:
        found = found.filter(state__in=OF_ITEMS[which])
    if after.isascii() and after.isdecimal():
        found = found.filter(pk__gt=int(after[:18]))
    return list(found[: PER_PAGE + 1])


def _by_delivery(batch: Batch, which: str, after: str) -> list[BatchItem]:
    """Through the index of the mass post's deliveries by state, however few of many are wanted."""
    found = Delivery.objects.filter(batch_id=batch.pk, state__in=OF_DELIVERIES[which]).order_by("id")
    try:
        found = found.filter(id__gt=UUID(after)) if after else found
    except ValueError:
        return []
    ids = list(found.values_list("pk", flat=True)[: PER_PAGE + 1])
    return list(_items(batch).filter(delivery__in=ids).order_by("delivery_id"))


def _result(batch: Batch, item: BatchItem) -> Result:
    if item.delivery:
        word, colour = _WORDS[item.delivery.state]
        return Result(item, word, colour, item.delivery.reason)
    if item.state == State.SKIPPED:
        return Result(item, "Skipped", "", item.reason)
    if batch.stage == Batch.Stage.CANCELLED:
        return Result(item, "Cancelled", "", "It was not posted.")
    return Result(item, str(item.get_state_display()), "info", item.reason)


def _cells(batch: Batch, item: BatchItem) -> tuple[Any, ...]:
    record, delivery = item.record, item.delivery
    named = (record.type, record.external_id, record.name) if record else ("", "", "")
    result = _result(batch, item)
    if delivery is None:
        return (*named, result.word, result.reason, "", "", "", "")
    settled = timezone.localtime(delivery.settled_at).isoformat(" ", "seconds") if delivery.settled_at else ""
    answered = (delivery.status or "", delivery.attempts, settled, delivery.pk)
    return (*named, result.word, result.reason, *answered)


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """Called by the writer, which hands it back to its caller."""
        return text
