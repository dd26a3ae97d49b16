"""A change as webhooks and texts see it: what their {TAGS} draw on, and the request frozen of it."""

from collections.abc import Mapping
from copy import copy

from automations import special
from automations.models import Change, Record, Run, Tag
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


def now(run: Run, record: Record | None = None) -> Change:
    """The run's change, of the record as it is now; `record`: a later look at it."""
    change = copy(run.change)
    change.record = record or run.record
    change.fields = change.record.fields
    return change


def drawn(run: Run, record: Record | None = None) -> Values:
    """What {TAGS} draw on when a run is done: the record as it is now. One query."""
    return values(now(run, record), tags())


def tags() -> dict[str, str]:
    """The path of each tag by its name. One query."""
    return dict(Tag.objects.values_list("name", "path"))


def event(change: Change) -> Event:
    """What bodies that carry the change itself are built from."""
    return Event(
        changes=change.diff,
        snapshot=change.fields,
        record_type=change.record.type,
        record_id=change.record.external_id,
        event=change.event,
    )
