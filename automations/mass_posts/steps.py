"""The job of a mass post: checks its records, and after a person's word posts them, a chunk at a time.

    checking ─► ready ─► posting ◄─► paused
                  │         ├─► finished
                  └─────────┴─► cancelled

Each step ends within moments and leaves the job waiting for the next one, so that mass posts take turns and a lost
worker costs a chunk of work, never a record.
"""

import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from automations.mass_posts import chunks, progress
from automations.mass_posts.chunks import LEASE, Desk
from automations.models import Batch, BatchItem
from webhooks_out.jobs import Job, Outcome, claim, due, work
from webhooks_out.models import Delivery, Webhook

WINDOW = 300  # deliveries of a mass post that wait or are under way at once; others go ahead of them
ROOM = 50  # that must be free before more are handed over, if more than that are under way
SLICE = 1.0  # seconds after which other mass posts have their turn
BREATH = 0.05  # seconds until the window is looked at again
FULL = 0.3  # seconds until then, when nothing moved
RETRIES = 5.0  # seconds until then, when all that is left waits for a later attempt
AHEAD = 1.0  # seconds that are handed over in advance when there is a pace
UNCONFIRMED = 86_400.0  # seconds a prepared mass post waits for a person
FORGOTTEN = "Nobody confirmed it within a day, so nothing was posted and its selection was dropped."
DELETED = "The webhook was deleted, so the rest was not posted."
SWITCHED_OFF = "The webhook was switched off. Switch it on again, then resume."
PAUSED = "Its mass post is paused."

Stage = Batch.Stage


def step() -> int:
    """Takes the mass post that is due and moves it on; how many were due."""
    claimed = claim(Batch, 1, lease=LEASE) if due(Batch) else []
    for batch in claimed:
        work(batch, go_on)
    return len(claimed)


def step_now(batch: Batch) -> None:
    """Moves this one on in the caller's process, unless a worker has it already."""
    key = Batch._meta.pk.get_db_prep_value(batch.pk, connection)
    for claimed in claim(Batch, 1, lease=LEASE, where="AND id = %s", params=(key,)):
        work(claimed, go_on)


def go_on(batch: Batch) -> Outcome:
    """What becomes of a claimed mass post after a step."""
    return _STEPS[Stage(batch.stage)](batch)


def hold(batch: Batch) -> int:
    """Keeps what was handed over but not begun from being sent; how many."""
    return Delivery.objects.filter(batch_id=batch.pk, state=Job.State.WAITING).update(
        state=Job.State.HELD, due_at=None, reason=PAUSED
    )


def stop(batch: Batch, reason: str) -> int:
    """Cancels what was handed over but is not under way; how many."""
    begun = (Job.State.WAITING, Job.State.HELD)
    return Delivery.objects.filter(batch_id=batch.pk, state__in=begun).update(
        state=Job.State.CANCELLED, due_at=None, settled_at=Now(), reason=reason[:500]
    )


def _check(batch: Batch) -> Outcome:
    """Checks records until all are, or the time slice is over; then it waits for a person, a day at most."""
    webhook = _webhook(batch)
    if webhook is None:
        return _end(batch, DELETED)
    desk, ends = Desk.of(batch, webhook), time.monotonic() + SLICE
    while chunks.check(desk):
        if time.monotonic() > ends:
            return _again(0.0)
    return _again(UNCONFIRMED, stage=Stage.READY, **_totals(batch))


def _forget(batch: Batch) -> Outcome:
    """Nobody said yes: the selection goes, the line in the list stays and says so."""
    BatchItem.objects.filter(batch=batch).delete()
    return _ended(Stage.CANCELLED, Job.State.CANCELLED, reason=FORGOTTEN)


def _post(batch: Batch) -> Outcome:
    """Tops up what is under way, until nothing is left to hand over and everything handed over is settled."""
    webhook = _webhook(batch)
    if webhook is None:
        return _end(batch, DELETED)
    if not webhook.active:
        hold(batch)
        return Outcome(Job.State.HELD, SWITCHED_OFF, also={"stage": Stage.PAUSED, **_totals(batch)})
    desk, ends = Desk.of(batch, webhook), time.monotonic() + SLICE
    while time.monotonic() < ends:
        if (wait := _until_due(batch)) > 0:
            return _again(wait)
        under_way = progress.outstanding(batch)
        if WINDOW - under_way < min(ROOM, WINDOW):
            return _again(BREATH if progress.moving(batch) else FULL)
        limit = WINDOW - under_way
        if not chunks.post(desk, min(limit, _paced(batch) or limit)):
            return _wait_for_the_rest(batch, under_way)
    return _again(0.0)


def _wait_for_the_rest(batch: Batch, under_way: int) -> Outcome:
    if under_way:
        return _again(FULL if progress.moving(batch) else RETRIES)
    return _ended(Stage.FINISHED, Job.State.DONE, **_totals(batch))


def _end(batch: Batch, reason: str) -> Outcome:
    """Cancels what is left; requests that are under way are waited for."""
    stop(batch, reason)
    return _again(0.0, reason=reason, stage=Stage.CANCELLED)


def _wind_up(batch: Batch) -> Outcome:
    """Cancelled: counts what was sent, once nothing is under way."""
    if progress.outstanding(batch):
        return _again(FULL, reason=batch.reason)
    return _ended(Stage.CANCELLED, Job.State.CANCELLED, reason=batch.reason, **_totals(batch))


_STEPS: dict[Stage, Callable[[Batch], Outcome]] = {
    Stage.CHECKING: _check,
    Stage.READY: _forget,
    Stage.POSTING: _post,
    Stage.CANCELLED: _wind_up,
}


def _webhook(batch: Batch) -> Webhook | None:
    found = Webhook.objects.filter(pk=batch.webhook_id or 0)
    return found.prefetch_related("key_values").first()


def _paced(batch: Batch) -> int:
    """Records to hand over at once when there is a pace, 0 without one."""
    return max(1, int(batch.pace * AHEAD)) if batch.pace else 0


def _until_due(batch: Batch) -> float:
    """Seconds until more may be handed over at this pace."""
    if not batch.pace:
        return 0.0
    now, until = Batch.objects.filter(pk=batch.pk).values_list(Now(), "paced_until").get()
    return float((until - now).total_seconds() - AHEAD / 2) if until else 0.0


def _totals(batch: Batch) -> dict[str, Any]:
    return progress.of(batch).totals()


def _again(after: float, *, reason: str = "", **also: Any) -> Outcome:
    """Waits for its next step; what was tried before does not count, as this step went well."""
    return Outcome(Job.State.WAITING, reason, after, {"attempts": 0, **also})


def _ended(stage: Stage, state: str, *, reason: str = "", **also: Any) -> Outcome:
    return Outcome(state, reason, also={"attempts": 0, "stage": stage, "finished_at": timezone.now(), **also})
