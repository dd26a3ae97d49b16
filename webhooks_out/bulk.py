"""What a person does to many deliveries at once: in the order they were made, in short transactions."""

from collections.abc import Iterator, Sequence
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from webhooks_out import outbox
from webhooks_out.jobs import Job
from webhooks_out.models import Delivery

AT_ONCE = 10_000  # deliveries one confirmation can cover
CHUNK = 500  # deliveries a transaction


def ids_of(deliveries: QuerySet[Delivery]) -> list[UUID]:
    """The oldest AT_ONCE of them, oldest first: a list, as what is done to them changes what a filter finds."""
    return list(deliveries.order_by("id").values_list("pk", flat=True)[:AT_ONCE])


def send_again(ids: Sequence[UUID], requested_by: str) -> int:
    """Sends those that are settled and still have a webhook once more; returns how many."""
    sent = 0
    for chunk in chunks(ids):
        with transaction.atomic():
            settled = Delivery.objects.filter(pk__in=chunk, webhook__isnull=False).only("pk")
            sent += outbox.replay(settled, requested_by)
    return sent


def cancel(ids: Sequence[UUID], requested_by: str) -> int:
    """Cancels those that still wait or are held; returns how many. What is under way is not stopped."""
    cancelled = 0
    for chunk in chunks(ids):
        waiting = Delivery.objects.filter(pk__in=chunk, state__in=(Job.State.WAITING, Job.State.HELD))
        cancelled += waiting.update(
            state=Job.State.CANCELLED, due_at=None, settled_at=Now(), reason=f"Cancelled by {requested_by}."
        )
    return cancelled


def chunks(ids: Sequence[UUID]) -> Iterator[list[UUID]]:
    """The ids in handfuls small enough for one transaction."""
    rest = iter(ids)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
