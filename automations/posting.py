"""Posting a record by hand: the delivery that a person, not a rule, asks for."""

from collections.abc import Mapping

from automations.actions import post_webhook
from automations.models import Change, Record
from webhooks_out import outbox
from webhooks_out.models import Delivery
from webhooks_out.outbox import Definition, Subject

EVENT = "executed"  # what {EVENT} and the bodies that name an event say


def freeze(
    definition: Definition,
    record: Record,
    tags: Mapping[str, str],
    requested_by: str,
    origin: str = Delivery.Origin.MANUAL,
) -> Delivery:
    """The delivery of this webhook for the record as it is now, not yet stored."""
    now = Change(record=record, event=EVENT, fields=record.fields)
    subject = Subject(
        record_type=record.type,
        record_id=record.external_id,
        record_name=record.name,
        origin=origin,
        requested_by=requested_by,
    )
    return outbox.freeze(definition, post_webhook.values(now, tags), post_webhook.event(now), subject)
