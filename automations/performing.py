"""Does the runs that are due: each by its kind of action, unless it has nothing to do any more.

A kind with a once key of its own claims a row of its own, together with what else must be there before the work.
"""

from automations import once_keys, sequences
from automations.actions import ACTIONS
from automations.models import Run
from webhooks_out.jobs import Job, Outcome


def perform(run: Run) -> Outcome:
    """Does a run that was due later. Called by a worker, outside any transaction."""
    kind = ACTIONS[run.kind]
    if refused := sequences.stopped(run):
        return refused
    if kind.once_key:
        return kind.perform(run)
    if refused := once_keys.claim(run):
        return refused
    outcome = kind.perform(run)
    if outcome.state == Job.State.DONE:
        once_keys.mark_done(run)
    return outcome
