"""Does the runs that are due: each by its kind of action, unless it has nothing to do any more."""

from automations import once_keys, sequences
from automations.actions import ACTIONS
from automations.models import Run
from webhooks_out.jobs import Job, Outcome


def perform(run: Run) -> Outcome:
    """Does a run that was due later. Called by a worker, outside any transaction."""
    if refused := sequences.stopped(run) or once_keys.claim(run):
        return refused
    outcome = ACTIONS[run.kind].perform(run)
    if outcome.state == Job.State.DONE:
        once_keys.mark_done(run)
    return outcome
