"""Keys and values, as posting URLs take them: a query string, a form or a flat JSON object."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from automations.changes import NotUnderstood, RecordUpdate
from webhooks_in.dialects import events, special_keys
from webhooks_in.dialects.reading import (
    Dialect,
    FieldRow,
    Item,
    Reading,
    as_object,
    each,
    event_id,
    find,
    name,
    occurred_at,
    record_id,
    shown,
)
from webhooks_in.dialects.special_keys import Told
from webhooks_out import exact_json
from webhooks_out.paths import MISSING
from webhooks_out.scalars import is_empty
from webhooks_out.transforms import TRANSFORMS

DEFAULT_TYPE = "Contact"
ID_KEYS = ("id", "externalid")
MADE_UP_ID = (
    "No id was sent, so one was made from the values; the same values again are the same record. "
    "Set the path to the record id, such as email, to recognise a person by it."
)


def _read(payload: Any, reading: Reading) -> Iterable[Item]:
    if isinstance(payload, list):
        return each(payload, lambda item: _one(item, reading))
    return [_one(payload, reading)]


def _one(value: Any, reading: Reading) -> RecordUpdate:
    sent = as_object(value, "The post")
    missing = [row.key for row in reading.field_map if row.required and is_empty(sent.get(row.key))]
    if missing:
        raise NotUnderstood(f"The post lacks {', '.join(missing)}, which the data source requires.")
    mapped = {row.key for row in reading.field_map}
    told = special_keys.read({key: value for key, value in sent.items() if key not in mapped}, reading.tags)
    fields, notes = _mapped(sent, reading.field_map, told)
    identity, id_notes = _identity(sent, fields, reading)
    moment, time_notes = occurred_at(
        _either(sent, fields, reading.path_occurred_at), reading.path_occurred_at
    )
    told_type, event = events.split(name(find(sent, reading.path_event), "event"))
    written = events.as_type(name(find(sent, reading.path_record_type), "record type"))
    return RecordUpdate(
        record_type=reading.record_type or written or told_type or DEFAULT_TYPE,
        record_id=identity,
        event=reading.event or event,
        fields=fields,
        complete=False,
        changes=None,
        occurred_at=moment,
        event_id=event_id(find(sent, reading.path_event_id)),
        notes=notes + id_notes + time_notes,
        joined=frozenset(told.joined),
        documents=told.documents,
    )


def _mapped(
    sent: Mapping[str, Any], rows: tuple[FieldRow, ...], told: Told
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The fields of the record: mapped keys under their field, what special keys say, every other key verbatim."""
    fields: dict[str, Any] = {}
    notes = list(told.notes)
    for row in rows:
        value = _present(sent, row)
        if value is not MISSING:
            fields[row.field], note = _transformed(value, row)
            notes += note
    for key, value in (*told.fields.items(), *told.rest.items()):
        if key in fields:
            notes.append(f"{shown(key)} was left out: another key is mapped to the field of that name.")
        else:
            fields[key] = value
    return fields, tuple(notes)


def _present(sent: Mapping[str, Any], row: FieldRow) -> Any:
    """The value the sender gave, or what the row says for one that is missing; MISSING to leave the field alone."""
    value = sent.get(row.key, MISSING)
    if row.missing == "keep" or not is_empty(value):
        return value
    return row.default if row.missing == "default" else ""


def _transformed(value: Any, row: FieldRow) -> tuple[Any, tuple[str, ...]]:
    transform = TRANSFORMS.get(row.transform)
    if transform is None or is_empty(value):
        return value, ()
    changed = transform.apply(value, "")
    if changed is MISSING:
        return value, (f"{row.key}: the value does not suit “{transform.label}” and was kept as it is.",)
    return changed, ()


def _identity(
    sent: Mapping[str, Any], fields: Mapping[str, Any], reading: Reading
) -> tuple[str, tuple[str, ...]]:
    path = reading.path_record_id
    if path:
        return record_id(_either(sent, fields, path), path), ()
    for where in (sent, reading.query):
        for key in ID_KEYS:
            if not is_empty(where.get(key)):
                return record_id(where[key], key), ()
    content = exact_json.dumps(sorted(sent.items()))
    return f"post-{hashlib.sha256(content.encode()).hexdigest()[:24]}", (MADE_UP_ID,)


def _either(sent: Mapping[str, Any], fields: Mapping[str, Any], path: str) -> Any:
    """What stands at the path among the fields, else among the keys as sent."""
    found = find(fields, path)
    return find(sent, path) if found is MISSING else found


DIALECT = Dialect(
    label="Keys and values",
    help="Lead posts and posting URLs such as DebtPayPro's: form, query string or flat JSON. Keys are taken "
    "exactly as written; map them to fields, or leave them under their own name. Leave the keys of co-applicant, "
    "creditors, bank, budget, enrollment plan and documents unmapped: they are understood as they are.",
    read=_read,
)
