"""Post a webhook: at once when the rule fires, or later by a run that is due then."""

from collections.abc import Mapping

from django.db import transaction

from automations import special
from automations.actions.kinds import Kind
from automations.models import Change, Run, Tag
from webhooks_out import outbox
from webhooks_out.bodies import Event
from webhooks_out.jobs import Outcome, cancelled, done
from webhooks_out.mapping import Values
from webhooks_out.models import Delivery
from webhooks_out.outbox import Definition, Subject


def freeze(definition: Definition, change: Change, tags: Mapping[str, str]) -> Delivery:
    """The delivery of this webhook for this change, not yet stored."""
    record = change.record
    subject = Subject(
        record_type=record.type,
        record_id=record.external_id,
        record_name=record.name,
        correlation_id=change.correlation_id,
        hops=change.hops,
    )
    return outbox.freeze(definition, values(change, tags), event(change), subject)


def values(change: Change, tags: Mapping[str, str]) -> Values:
    """What mappings can draw on: the record's fields, id, record_type, record_name and event beside them, and the
    special values, which no field can replace."""
    record = change.record
    ours = {
        "id": record.external_id,
        "record_type": record.type,
        "record_name": record.name,
        "event": change.event,
    }
    return Values(data={**ours, **change.fields, **special.values(record, change.fields)}, tags=tags)


def event(change: Change) -> Event:
    """What bodies that carry the change itself are built from."""
    return Event(
        changes=change.diff,
        snapshot=change.fields,
        record_type=change.record.type,
        record_id=change.record.external_id,
        event=change.event,
    )


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
