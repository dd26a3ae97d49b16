"""How far a mass post is: counts from two queries of one index each."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Now
from django.utils import timezone

from automations.models import Batch, BatchItem
from webhooks_out.jobs import Job
from webhooks_out.models import Delivery

REASONS = 10  # reasons that are told apart
SOON = 2.0  # seconds
State = BatchItem.State


@dataclass(frozen=True)
class Progress:
    """Records by what became of them; together they are the total."""

    unchecked: int = 0
    ready: int = 0
    skipped: int = 0
    under_way: int = 0  # handed over, and waiting, being sent or held by a pause
    delivered: int = 0
    failed: int = 0
    cancelled: int = 0  # handed over, then cancelled before it was sent

    @property
    def total(self) -> int:
        """All of them."""
        return self.unchecked + self.ready + self.skipped + self.under_way + self.settled

    @property
    def settled(self) -> int:
        """Deliveries that came to an end."""
        return self.delivered + self.failed + self.cancelled

    @property
    def checked(self) -> int:
        """Records that were checked."""
        return self.total - self.unchecked

    @property
    def postable(self) -> int:
        """Records that are posted or will be."""
        return self.ready + self.under_way + self.settled

    @property
    def left(self) -> int:
        """Records that are not settled: to be posted or under way."""
        return self.ready + self.under_way

    @property
    def unsent(self) -> int:
        """Records of a cancelled mass post that were not sent."""
        return self.unchecked + self.ready + self.cancelled

    def totals(self) -> dict[str, int]:
        """What the list of mass posts shows."""
        return {"skipped": self.skipped, "delivered": self.delivered, "failed": self.failed}


def of(batch: Batch) -> Progress:
    """The counts as they are now."""
    items = _by_state(BatchItem.objects.filter(batch=batch).order_by())
    deliveries = _by_state(Delivery.objects.filter(batch_id=batch.pk).order_by())
    return Progress(
        unchecked=items.get(State.UNCHECKED, 0),
        ready=items.get(State.READY, 0),
        skipped=items.get(State.SKIPPED, 0),
        delivered=deliveries.get(Job.State.DONE, 0),
        failed=deliveries.get(Job.State.DEAD, 0),
        cancelled=deliveries.get(Job.State.CANCELLED, 0),
        under_way=sum(deliveries.get(state, 0) for state in ("waiting", "running", "held")),
    )


def outstanding(batch: Batch) -> int:
    """Deliveries of it that wait, are under way or are held. One look-up in an index."""
    return Delivery.objects.filter(batch_id=batch.pk, state__in=("waiting", "running", "held")).count()


def moving(batch: Batch) -> bool:
    """Whether a delivery of it is under way or due within moments, not only waiting for a later attempt."""
    soon = Q(state="running") | Q(state="waiting", due_at__lte=Now() + timedelta(seconds=SOON))
    return Delivery.objects.filter(soon, batch_id=batch.pk).exists()


def reasons(batch: Batch) -> list[tuple[str, int]]:
    """Why records are skipped, the most frequent reasons first."""
    skipped = BatchItem.objects.filter(batch=batch, state=State.SKIPPED).order_by()
    counted = skipped.values_list("reason").annotate(times=Count("pk")).order_by("-times", "reason")
    return [(str(reason), times) for reason, times in counted[:REASONS]]


def seconds_left(batch: Batch, progress: Progress) -> float | None:
    """How long it will take at the rate so far, or at the pace if that is slower; None while that is not known."""
    if batch.stage != Batch.Stage.POSTING or batch.started_at is None or not progress.settled:
        return None
    elapsed = (timezone.now() - batch.started_at).total_seconds() - batch.paused_seconds
    each = max(elapsed / progress.settled, 1 / batch.pace if batch.pace else 0.0)
    return progress.left * each


def _by_state(rows: Any) -> dict[str, int]:
    return dict(rows.values_list("state").annotate(Count("pk")))
