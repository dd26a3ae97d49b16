"""Does the runs that are due: each by its kind of action."""

from automations.actions import ACTIONS
from automations.models import Run
from webhooks_out.jobs import Outcome


def perform(run: Run) -> Outcome:
    """Does a run that was due later. Called by a worker, outside any transaction."""
    return ACTIONS[run.kind].perform(run)
