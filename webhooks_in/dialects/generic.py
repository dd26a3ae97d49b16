"""Any JSON: the administrator says where in it type, id, event, changes and record stand."""

from collections.abc import Iterable, Mapping
from typing import Any

from automations.changes import NotUnderstood, RecordUpdate
from webhooks_in.dialects import differences, events
from webhooks_in.dialects.reading import (
    Dialect,
    Item,
    Reading,
    as_object,
    each,
    event_id,
    find,
    name,
    occurred_at,
    record_id,
)
from webhooks_out.paths import MISSING

NO_TYPE = "The record type is not known: set it on the data source, or the path to it."


def _read(payload: Any, reading: Reading) -> Iterable[Item]:
    if not reading.path_record_id:
        raise NotUnderstood("The data source does not say where the record id stands; set the path to it.")
    items = find(payload, reading.path_items) if reading.path_items else payload
    if isinstance(items, list):
        return each(items, lambda item: _one(item, payload, reading))
    if reading.path_items:
        raise NotUnderstood(f"There is no list of events at {reading.path_items}.")
    return [_one(payload, payload, reading)]


def _one(value: Any, envelope: Any, reading: Reading) -> RecordUpdate:
    item = as_object(value, "The event")
    record_type, event = _kind(item, envelope, reading)
    fields, complete, changes, notes = _content(item, reading)
    moment, time_notes = occurred_at(
        _shared(item, envelope, reading.path_occurred_at), reading.path_occurred_at
    )
    return RecordUpdate(
        record_type=record_type,
        record_id=record_id(find(item, reading.path_record_id), reading.path_record_id),
        event=event,
        fields=fields,
        complete=complete,
        changes=changes,
        occurred_at=moment,
        event_id=event_id(find(item, reading.path_event_id)),
        notes=notes + time_notes,
    )


def _kind(item: Mapping[str, Any], envelope: Any, reading: Reading) -> tuple[str, str]:
    """Record type and event: what the source fixes wins, then the paths, then the type in an event name."""
    written_type = name(_shared(item, envelope, reading.path_record_type), "record type")
    written_event = name(_shared(item, envelope, reading.path_event), "event")
    told_type, event = events.split(written_event)
    if reading.path_record_type == reading.path_event:
        written_type = ""
    record_type = reading.record_type or events.as_type(written_type) or told_type
    if not record_type:
        raise NotUnderstood(NO_TYPE)
    return record_type, reading.event or event


def _shared(item: Mapping[str, Any], envelope: Any, path: str) -> Any:
    """What stands at the path in the item, else beside the list of items."""
    found = find(item, path)
    return find(envelope, path) if found is MISSING else found


def _content(
    item: Mapping[str, Any], reading: Reading
) -> tuple[Mapping[str, Any], bool, differences.Differences | None, tuple[str, ...]]:
    """Fields, whether they are the whole record, changes, notes."""
    snapshot = find(item, reading.path_snapshot)
    written = find(item, reading.path_changes)
    if reading.path_snapshot and not isinstance(snapshot, dict):
        if not isinstance(written, (dict, list)):
            raise NotUnderstood(f"There is no record at {reading.path_snapshot}.")
        snapshot = MISSING
    known = snapshot if isinstance(snapshot, dict) else {}
    changes, notes = differences.read(written, known)
    if isinstance(snapshot, dict):
        return snapshot, True, changes, notes
    if reading.path_changes and changes is not None:
        return {field: new for field, (_, new) in changes.items()}, False, changes, notes
    return item, False, changes, notes


DIALECT = Dialect(
    label="JSON",
    help="Any JSON whose record id, type, event, changes and record you can point to with paths such as "
    "data.id. A list of events is read event by event.",
    read=_read,
    needs_paths=True,
)
