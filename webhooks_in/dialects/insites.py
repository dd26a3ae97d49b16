"""Insites: the three payload modes of its CRM webhooks, for contacts and companies."""

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

TYPES = ("Contact", "Company")
EVENT_KEYS = ("event", "event_type", "topic")
TYPE_KEYS = ("record_type", "object_type", "type")
UPDATED_KEY = "updated_at"
NO_ID = (
    "The webhook sends changes only and no record id. Choose the mode “changes with snapshot” in Insites, "
    "or add ?id=… to the webhook's URL."
)
NO_TYPE = "Neither webhook nor data source says whether this is a Contact or a Company; set it on the source."


def _read(payload: Any, reading: Reading) -> Iterable[Item]:
    if isinstance(payload, list):
        return each(payload, lambda item: _one(item, reading))
    return [_one(payload, reading)]


def _one(payload: Any, reading: Reading) -> RecordUpdate:
    item = as_object(payload, "The webhook's body")
    changes, snapshot = item.get("changes", MISSING), item.get("snapshot", MISSING)
    if isinstance(snapshot, dict):
        said, notes = differences.read(changes, snapshot)
        return _update(item, snapshot, reading, complete=True, changes=said, notes=notes)
    if isinstance(changes, dict):
        said, notes = differences.read(changes, {})
        if snapshot is not MISSING:
            notes += ("The snapshot is not an object and was left out.",)
        fields = {field: new for field, (_, new) in (said or {}).items()}
        return _update(item, fields, reading, complete=False, changes=said, notes=notes)
    if changes is not MISSING and snapshot is not MISSING:
        raise NotUnderstood("Neither changes nor snapshot is a JSON object.")
    return _update(item, item, reading, complete=True, changes=None, notes=())


def _update(
    item: Mapping[str, Any],
    record: Mapping[str, Any],
    reading: Reading,
    *,
    complete: bool,
    changes: differences.Differences | None,
    notes: tuple[str, ...],
) -> RecordUpdate:
    record_type, event = _kind(item, reading)
    moment, time_notes = occurred_at(_time(item, record, reading), reading.path_occurred_at or UPDATED_KEY)
    return RecordUpdate(
        record_type=record_type,
        record_id=_identity(item, record if complete else {}, reading, record_type),
        event=event,
        fields=record,
        complete=complete,
        changes=changes,
        occurred_at=moment,
        event_id=event_id(find(item, reading.path_event_id)),
        notes=notes + time_notes,
    )


def _kind(item: Mapping[str, Any], reading: Reading) -> tuple[str, str]:
    """Record type and event: what the source sets, else what the payload says."""
    written = [name(find(item, reading.path_event), "event")]
    written += [item[key] for key in EVENT_KEYS if isinstance(item.get(key), str)]
    said = next((pair for pair in map(events.split, written) if pair[1] in events.VERBS), ("", ""))
    types = [events.as_type(name(find(item, reading.path_record_type), "record type")), said[0]]
    types += [events.as_type(item[key]) for key in TYPE_KEYS if isinstance(item.get(key), str)]
    record_type = reading.record_type or next((found for found in types if found in TYPES), "")
    if not record_type:
        raise NotUnderstood(NO_TYPE)
    return record_type, reading.event or said[1]


def _identity(item: Mapping[str, Any], record: Mapping[str, Any], reading: Reading, record_type: str) -> str:
    if reading.path_record_id:
        return record_id(find(item, reading.path_record_id), reading.path_record_id)
    if "id" in record:
        return record_id(record["id"], "id")
    beside = {} if record is item else item
    for where in (beside, reading.query):
        for key in ("id", "record_id", f"{record_type.lower()}_id"):
            if key in where:
                return record_id(where[key], key)
    raise NotUnderstood("The record has no id." if record else NO_ID)


def _time(item: Mapping[str, Any], record: Mapping[str, Any], reading: Reading) -> Any:
    return (
        find(item, reading.path_occurred_at) if reading.path_occurred_at else record.get(UPDATED_KEY, MISSING)
    )


DIALECT = Dialect(
    label="Insites",
    help="Contact and company webhooks in all three modes. Set the record type and the event on the source; "
    "“changes with snapshot” tells the most.",
    read=_read,
)
