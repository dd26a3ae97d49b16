"""What a person may do to runs: repeat one action, or cancel what waits."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models.functions import Now

from automations.models import Change, EmailMessage, Run
from webhooks_out import drains
from webhooks_out.jobs import Job

STARTS = 3  # of a repeated run, before it is given up again


def repeat(runs: Iterable[Run]) -> int:
    """Does these actions once more, for the records as they are now; returns how many.

    Only runs that are settled and whose action still exists. A webhook is posted anew: a new delivery with its own id,
    while the former one stays in the log; an e-mail that was sent gets a new Message-ID. Pressing twice repeats once.
    """
    ids = [run.pk for run in runs]
    fitting = Run.objects.filter(pk__in=ids, due_at__isnull=True, action__isnull=False)
    with transaction.atomic():
        # What they changed before stays in the log, and no longer says that they are done.
        Change.objects.filter(run_id__in=fitting.values("pk")).update(run_id=None)
        # An e-mail that went out is not the one that is asked for now.
        EmailMessage.objects.filter(run__in=fitting, state=EmailMessage.State.SENT).update(closed=True)
        repeated = fitting.update(
            state=Job.State.WAITING,
            due_at=Now(),
            reason="",
            settled_at=None,
            token="",
            attempts=0,
            max_attempts=STARTS,
            delivery=None,
            braked_due_at=None,
        )
    if repeated:
        drains.wake_after_commit(Run.queue)
    return repeated


def cancel(runs: Iterable[Run], by: str) -> int:
    """Cancels what still waits, whether for its time or for a retry; returns how many."""
    return Run.objects.filter(pk__in=[run.pk for run in runs], state=Job.State.WAITING).update(
        state=Job.State.CANCELLED, due_at=None, settled_at=Now(), reason=f"Cancelled by {by}."[:500]
    )
