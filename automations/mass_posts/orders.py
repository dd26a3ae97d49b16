"""What a person orders of a mass post, each by one conditional statement: ordering it twice does it once."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from automations.mass_posts import selections, steps
from automations.models import Batch, BatchItem
from webhooks_out import drains
from webhooks_out.jobs import Job
from webhooks_out.models import Delivery, Webhook

AT_ONCE = 500  # records that are checked while the person waits
Stage = Batch.Stage


@dataclass(frozen=True)
class Order:
    """What to post where, in a person's words."""

    webhook: Webhook
    record_type: str  # "" = of any type
    selection: str
    requested_by: str
    only_new: bool = True
    pace: int | None = None  # records per second


def prepare(order: Order, records: QuerySet[Any]) -> Batch:
    """Freezes the selection and has it checked: few records at once, many by a worker. Nothing is posted yet."""
    with transaction.atomic():
        batch = Batch(
            webhook=order.webhook,
            webhook_title=order.webhook.title,
            record_type=order.record_type,
            selection=order.selection[:500],
            requested_by=order.requested_by,
            only_new=order.only_new,
            pace=order.pace,
        )
        batch.save(force_insert=True)
        batch.total = selections.freeze(batch, records)
        Batch.objects.filter(pk=batch.pk).update(total=batch.total, due_at=Now())  # by the claim's clock
    _begin(batch)
    return batch


def check_again(batch: Batch, webhook: Webhook, *, only_new: bool) -> bool:
    """Another webhook or another choice of records, before anything is posted; False when it is too late."""
    with transaction.atomic():
        changed = Batch.objects.filter(pk=batch.pk, stage=Stage.READY).update(
            stage=Stage.CHECKING,
            webhook=webhook,
            webhook_title=webhook.title,
            only_new=only_new,
            **_due(),
        )
        if changed:
            BatchItem.objects.filter(batch=batch).update(state=BatchItem.State.UNCHECKED, reason="")
    if changed:
        _begin(batch)
    return bool(changed)


def confirm(batch: Batch, by: str, pace: int | None) -> bool:
    """Posts what was checked; False when somebody did already, or it was cancelled."""
    ready = Batch.objects.filter(pk=batch.pk, stage=Stage.READY)
    return _go(ready.update(stage=Stage.POSTING, requested_by=by, pace=pace, started_at=Now(), **_due()))


def pause(batch: Batch) -> bool:
    """Sends nothing more until it is resumed; requests that are under way are finished."""
    with transaction.atomic():
        posting = Batch.objects.filter(pk=batch.pk, stage=Stage.POSTING)
        paused = posting.update(
            stage=Stage.PAUSED, state=Job.State.HELD, due_at=None, token="", settled_at=Now()
        )
        if paused:
            steps.hold(batch)
    return bool(paused)


def resume(batch: Batch) -> bool:
    """Goes on after a pause, or after workers were lost too often."""
    with transaction.atomic():
        lost = Batch.objects.filter(pk=batch.pk, state=Job.State.DEAD).exclude(stage=Stage.PAUSED)
        resumed = lost.update(**_due()) or _end_of_pause(batch)
        if resumed:
            Delivery.objects.filter(batch_id=batch.pk, state=Job.State.HELD, reason=steps.PAUSED).update(
                state=Job.State.WAITING, due_at=Now(), reason=""
            )
            drains.wake_after_commit(Delivery.queue)
    return _go(resumed)


def cancel(batch: Batch, by: str) -> bool:
    """Sends nothing more; False when it has ended already. Requests that are under way are finished."""
    reason = f"Cancelled by {by}."
    with transaction.atomic():
        open_ones = Batch.objects.filter(pk=batch.pk).exclude(stage__in=(Stage.FINISHED, Stage.CANCELLED))
        cancelled = open_ones.update(stage=Stage.CANCELLED, **_due() | {"reason": reason})
        if cancelled:
            steps.stop(batch, reason)
    return _go(cancelled)


def again(batch: Batch, which: Q, words: str, by: str) -> Batch | None:
    """A new mass post of those that failed or were left, checked anew; None when the webhook is gone."""
    if batch.webhook is None:
        return None
    selection = f"{words} of the mass post of {timezone.localtime(batch.created_at):%-d %b %Y %H:%M}"
    order = Order(batch.webhook, batch.record_type, selection, by, batch.only_new, batch.pace)
    return prepare(order, selections.of(batch, which))


def _end_of_pause(batch: Batch) -> int:
    paused = Batch.objects.filter(pk=batch.pk, stage=Stage.PAUSED).first()
    if paused is None:
        return 0
    pause = (timezone.now() - paused.settled_at).total_seconds() if paused.settled_at else 0.0
    return Batch.objects.filter(pk=batch.pk, stage=Stage.PAUSED).update(
        stage=Stage.POSTING, paused_seconds=F("paused_seconds") + pause, **_due()
    )


def _due() -> dict[str, Any]:
    """A job that is due now, whoever had it before."""
    return {
        "state": Job.State.WAITING,
        "due_at": Now(),
        "token": "",
        "attempts": 0,
        "reason": "",
        "settled_at": None,
    }


def _begin(batch: Batch) -> None:
    if batch.total <= AT_ONCE:
        steps.step_now(batch)
    if Batch.objects.filter(pk=batch.pk, stage=Stage.CHECKING).exists():
        drains.wake_after_commit(Batch.queue)


def _go(changed: int) -> bool:
    if changed:
        drains.wake_after_commit(Batch.queue)
    return bool(changed)
