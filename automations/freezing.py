"""A change as a webhook sees it: what its mapping draws on, and the request frozen of it."""

from collections.abc import Mapping

from automations import special
from automations.models import Change
from webhooks_out import outbox
from webhooks_out.bodies import Event
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
