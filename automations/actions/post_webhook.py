"""Post a webhook: at once when the rule fires, or later by a run that is due then."""

from django.db import transaction

from automations.actions.kinds import Kind
from automations.freezing import event, freeze, values
from automations.models import Run, Tag
from webhooks_out import outbox
from webhooks_out.jobs import Outcome, cancelled, done
from webhooks_out.outbox import Definition

__all__ = ["POST_WEBHOOK", "event", "freeze", "values"]


def perform(run: Run) -> Outcome:
    """A delayed post: frozen now, from the record as it is now. A repeat after a crash finds the delivery made."""
    if run.action is None or run.action.webhook is None:
        return cancelled("The action or its webhook was deleted before it was due.")
    if run.delivery_id is None:
        change = run.change
        change.fields = run.record.fields
        tags = dict(Tag.objects.values_list("name", "path"))
        with transaction.atomic():
            run.delivery = freeze(Definition.of(run.action.webhook), change, tags)
            outbox.store([run.delivery])
            Run.objects.filter(pk=run.pk).update(delivery=run.delivery)
    return done()


POST_WEBHOOK = Kind(
    help="Posts the record to a webhook, by the webhook's own mapping.", perform=perform, needs_webhook=True
)
