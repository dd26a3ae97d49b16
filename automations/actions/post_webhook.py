"""Post a webhook: at once when the rule fires, or later by a run that is due then."""

from django.db import transaction

from automations.actions.foresight import Foreseen, Scene
from automations.actions.kinds import Kind
from automations.freezing import event, freeze, now, tags, values
from automations.models import Run
from webhooks_out import mapping, outbox
from webhooks_out.jobs import Job, Outcome, cancelled, done
from webhooks_out.outbox import Definition

__all__ = ["POST_WEBHOOK", "event", "freeze", "values"]

GONE = "The action or its webhook was deleted before it was due."


def perform(run: Run) -> Outcome:
    """A delayed post: frozen now, from the record as it is now. A repeat after a crash finds the delivery made."""
    if run.action is None or run.action.webhook is None:
        return cancelled(GONE)
    if run.delivery_id is None:
        with transaction.atomic():
            run.delivery = freeze(Definition.of(run.action.webhook), now(run), tags())
            outbox.store([run.delivery])
            Run.objects.filter(pk=run.pk).update(delivery=run.delivery)
    return done()


def foresee(run: Run, _scene: Scene) -> Foreseen:
    """The request as it would be frozen, and what is missing for it."""
    if run.action is None or run.action.webhook is None:
        return Foreseen(cancelled(GONE))
    change, known, definition = now(run), tags(), Definition.of(run.action.webhook)
    missing = mapping.render(definition.pairs, values(change, known)).missing
    delivery = freeze(definition, change, known)
    is_held = delivery.state == Job.State.HELD
    stays = is_held or delivery.state == Job.State.CANCELLED
    outcome = Outcome(delivery.state, delivery.reason) if stays else done()
    return Foreseen(outcome, notes=() if is_held else missing, request=delivery)


POST_WEBHOOK = Kind(
    help="Posts the record to a webhook, by the webhook's own mapping.",
    perform=perform,
    foresee=foresee,
    needs_webhook=True,
)
