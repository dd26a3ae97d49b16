"""Wait and re-check: the steps behind it go on only if the rule's conditions still hold."""

from automations import rechecks, sequences
from automations.actions.foresight import Foreseen, Scene
from automations.actions.kinds import Kind
from automations.models import Run
from webhooks_out.jobs import Outcome, cancelled, done


def perform(run: Run) -> Outcome:
    """Done when the conditions hold on the record as it is now; else this and every step behind it is cancelled."""
    if reason := sequences.unmet(run):
        sequences.cancel_rest(run, f"Stopped by the re-check: {reason}.")
        return cancelled(f"Stopped: {reason}.")
    return done()


def foresee(run: Run, scene: Scene) -> Foreseen:
    """Whether the conditions would hold then, if the record stays as it is."""
    reason = rechecks.unmet(scene.rows, run.record.fields, scene.at, scene.hidden.mask)
    return Foreseen(cancelled(f"Stopped: {reason}.")) if reason else Foreseen()


RECHECK = Kind(
    help="Looks again, at its time, whether the rule's conditions still hold for the record. If not, no later step is "
    "done. Steps behind it wait for it.",
    perform=perform,
    foresee=foresee,
    deed=lambda _: "go on only if the conditions still hold",
)
