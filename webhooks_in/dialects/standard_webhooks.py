"""The envelope Standard Webhooks recommends: {"type": "contact.updated", "timestamp": …, "data": {…}}."""

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

PREVIOUS_KEYS = ("previous", "previous_attributes")
TIME_KEYS = ("timestamp", "created")


def _read(payload: Any, reading: Reading) -> Iterable[Item]:
    if isinstance(payload, list):
        return each(payload, lambda item: _one(item, reading))
    return [_one(payload, reading)]


def _one(value: Any, reading: Reading) -> RecordUpdate:
    envelope = as_object(value, "The webhook's body")
    data = as_object(envelope.get("data", MISSING), "data")
    record_type, event = _kind(envelope, reading)
    record = _record(envelope, data, reading)
    changes, notes = _changes(envelope, data, record, reading)
    time_path = reading.path_occurred_at or next((key for key in TIME_KEYS if key in envelope), "")
    moment, time_notes = occurred_at(find(envelope, time_path), time_path)
    return RecordUpdate(
        record_type=record_type,
        record_id=_identity(envelope, record, reading),
        event=event,
        fields=record,
        complete=bool(reading.path_snapshot),
        changes=changes,
        occurred_at=moment,
        event_id=event_id(find(envelope, reading.path_event_id or "id")),
        notes=notes + time_notes,
    )


def _kind(envelope: Mapping[str, Any], reading: Reading) -> tuple[str, str]:
    """Record type and event of `type`; what the source sets wins."""
    told_type, event = events.split(name(find(envelope, reading.path_event or "type"), "type"))
    written = events.as_type(name(find(envelope, reading.path_record_type), "record type"))
    record_type = reading.record_type or written or told_type
    if not record_type:
        raise NotUnderstood(
            "The webhook's type names no record such as contact.updated; set the record type."
        )
    return record_type, reading.event or event


def _record(envelope: Mapping[str, Any], data: Mapping[str, Any], reading: Reading) -> Mapping[str, Any]:
    """The record itself: at the configured path, in data.object, or data without the previous values."""
    if reading.path_snapshot:
        return as_object(find(envelope, reading.path_snapshot), reading.path_snapshot)
    if isinstance(data.get("object"), dict):
        return as_object(data["object"], "data.object")
    return {
        key: value for key, value in data.items() if key not in PREVIOUS_KEYS or not isinstance(value, dict)
    }


def _changes(
    envelope: Mapping[str, Any], data: Mapping[str, Any], record: Mapping[str, Any], reading: Reading
) -> tuple[differences.Differences | None, tuple[str, ...]]:
    written = find(envelope, reading.path_changes)
    if written is not MISSING:
        return differences.read(written, record)
    previous = next((data[key] for key in PREVIOUS_KEYS if isinstance(data.get(key), dict)), None)
    return (None if previous is None else differences.of_previous(previous, record)), ()


def _identity(envelope: Mapping[str, Any], record: Mapping[str, Any], reading: Reading) -> str:
    if reading.path_record_id:
        return record_id(find(envelope, reading.path_record_id), reading.path_record_id)
    return record_id(record.get("id", MISSING), "data.id")


DIALECT = Dialect(
    label="Standard Webhooks",
    help="The envelope with type, timestamp and data. Record type and event are read from a type such as "
    "contact.updated, old values from data.previous or data.previous_attributes.",
    read=_read,
    default_dedup="{webhook-id}",
)
