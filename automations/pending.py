"""What a person does to actions that are pending: cancel, hold, release, do now. Pressing twice does it once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from automations import timing
from automations.models import Run
from webhooks_out import drains
from webhooks_out.jobs import Job

Ids = Sequence[UUID]


@dataclass(frozen=True)
class Order:
    """What can be done to pending runs. `carry`: does it and says to how many; `states`: of those it fits."""

    verb: str
    past: str
    carry: Callable[[Ids, str], int]
    states: tuple[str, ...]
    about: str


def cancel(ids: Ids, by: str) -> int:
    """They will not be done."""
    return _fitting(ids, "cancel").update(
        state=Job.State.CANCELLED,
        due_at=None,
        braked_due_at=None,
        settled_at=Now(),
        reason=f"Cancelled by {by}."[:500],
    )


def hold(ids: Ids, by: str) -> int:
    """They wait until somebody releases them."""
    return _fitting(ids, "hold").update(
        state=Job.State.HELD, due_at=None, settled_at=Now(), reason=f"Held by {by}."[:500]
    )


def release(ids: Ids, by: str) -> int:
    """They are due at their time, or now if that is over; what still has no time that can be told stays held."""
    timed = _release_timed(ids, f"Released by {by}."[:500])
    untimed = list(_fitting(ids, "release").select_related("action", "rule", "record"))
    released = sum(_retime(run) for run in untimed)
    if timed + released:
        drains.wake_after_commit(Run.queue)
    return timed + released


def run_now(ids: Ids, by: str) -> int:
    """They are due now; what stops a later step still does."""
    count = _fitting(ids, "now").update(
        state=Job.State.WAITING,
        due_at=Now(),
        braked_due_at=None,
        settled_at=None,
        reason=f"Asked for by {by}."[:500],
    )
    if count:
        drains.wake_after_commit(Run.queue)
    return count


def _release_timed(ids: Ids, reason: str) -> int:
    """Those that had a time when they were made: later than they were made themselves."""
    return (
        _fitting(ids, "release")
        .filter(planned_at__gt=F("created_at"))
        .update(
            state=Job.State.WAITING,
            due_at=Greatest(F("planned_at"), Now()),
            braked_due_at=None,
            settled_at=None,
            reason=reason,
        )
    )


def _retime(run: Run) -> int:
    """Finds the time anew from the record as it is; 0 when it cannot be told now either."""
    now = timezone.now()
    zone = timing.zone(run.rule.time_zone if run.rule else "")
    due = timing.due(run.action.timing if run.action else timing.AT_ONCE, run.record.fields, now, zone)
    held = Run.objects.filter(pk=run.pk, state=Job.State.HELD)
    if due.at is None:
        held.update(reason=due.reason[:500])
        return 0
    return held.update(
        state=Job.State.WAITING,
        due_at=due.at,
        planned_at=due.at,
        braked_due_at=None,
        settled_at=None,
        reason="",
    )


def _fitting(ids: Ids, name: str) -> QuerySet[Run]:
    return Run.objects.filter(pk__in=list(ids), state__in=ORDERS[name].states)


_WAITING, _HELD = Job.State.WAITING.value, Job.State.HELD.value
ORDERS = {
    "now": Order("Do now", "will be done now", run_now, (_WAITING, _HELD), "Each is done at once."),
    "hold": Order("Hold", "held", hold, (_WAITING,), "Each waits until somebody releases it."),
    "release": Order(
        "Release", "released", release, (_HELD,), "Each is due at its time, or now if it is over."
    ),
    "cancel": Order("Cancel", "cancelled", cancel, (_WAITING, _HELD), "They will not be done."),
}
