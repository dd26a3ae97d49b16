"""Insightly: workflow webhooks that post a whole record as {"entity": {…}}, without type, event or old values."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from automations.changes import NotUnderstood, RecordUpdate
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
    shown,
)
from webhooks_out.scalars import moment

CREATED_KEY, UPDATED_KEY = "DATE_CREATED_UTC", "DATE_UPDATED_UTC"
TYPES = {  # most particular first: a task names its project, a project its opportunity, a contact its company
    "TASK_ID": "Task",
    "EVENT_ID": "Event",
    "NOTE_ID": "Note",
    "EMAIL_ID": "Email",
    "LEAD_ID": "Lead",
    "PROJECT_ID": "Project",
    "OPPORTUNITY_ID": "Opportunity",
    "CONTACT_ID": "Contact",
    "ORGANISATION_ID": "Company",
    "PRODUCT_ID": "Product",
    "QUOTATION_ID": "Quotation",
    "RECORD_ID": "Record",
}
ID_KEYS = {record_type: key for key, record_type in TYPES.items()} | {"Organisation": "ORGANISATION_ID"}
LINK_KEYS = ("LINKS", "TASKLINKS")

_DATE = re.compile(r"\\?/Date\(-?[0-9]")
_BRACELESS = re.compile(rb'(?:\xef\xbb\xbf)?\s*"entity"\s*:')


def repair(body: bytes) -> bytes:
    """Adds the outer braces the vendor's own sample lacks; any other body comes back as it is."""
    if _BRACELESS.match(body) is None:
        return body
    return b"{" + body.removeprefix(b"\xef\xbb\xbf").strip().rstrip(b",") + b"}"


def _read(payload: Any, reading: Reading) -> Iterable[Item]:
    found = payload.get("entity", payload) if isinstance(payload, dict) else payload
    if isinstance(found, list):
        return each(
            found, lambda item: _one(item.get("entity", item) if isinstance(item, dict) else item, reading)
        )
    return [_one(found, reading)]


def _one(value: Any, reading: Reading) -> RecordUpdate:
    entity = as_object(value, "The entity")
    record_type, id_key = _kind(entity, reading)
    fields, notes = _flatten(entity)
    time_path = reading.path_occurred_at or UPDATED_KEY
    occurred, time_notes = occurred_at(find(entity, time_path), time_path)
    return RecordUpdate(
        record_type=record_type,
        record_id=record_id(find(entity, id_key), id_key),
        event=reading.event or name(find(entity, reading.path_event), "event") or _event(entity),
        fields=fields,
        complete=True,
        changes=None,
        occurred_at=occurred,
        event_id=event_id(find(entity, reading.path_event_id)),
        notes=notes + time_notes,
    )


def _kind(entity: Mapping[str, Any], reading: Reading) -> tuple[str, str]:
    """The record type and the key of its id: the source's type wins, else the first id key of TYPES tells."""
    record_type = reading.record_type or name(find(entity, reading.path_record_type), "record type")
    if record_type:
        own_key = ID_KEYS.get(record_type, f"{record_type.upper()}_ID")
        return record_type, reading.path_record_id or (own_key if own_key in entity else "RECORD_ID")
    for key, known in TYPES.items():
        if entity.get(key) is not None:
            return known, reading.path_record_id or key
    raise NotUnderstood(
        "The entity has no id such as TASK_ID or CONTACT_ID; set the record type on the data source."
    )


def _event(entity: Mapping[str, Any]) -> str:
    """Insightly does not say: both dates the same means created; without dates our mirror decides."""
    created, updated = entity.get(CREATED_KEY), entity.get(UPDATED_KEY)
    if not created or not updated:
        return ""
    return "created" if created == updated else "updated"


def _flatten(entity: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The entity with readable dates, custom fields beside the others, tags as names, links as Type:id."""
    notes: list[str] = []
    custom = entity.get("CUSTOMFIELDS")
    rows = custom if isinstance(custom, list) else []
    fields = {
        key: _plain(key, value, notes) for key, value in entity.items() if not rows or key != "CUSTOMFIELDS"
    }
    for row in rows:
        field = row.get("FIELD_NAME") if isinstance(row, dict) else None
        if not isinstance(field, str) or not field:
            notes.append("A custom field without a name was left out.")
        elif field in fields:
            notes.append(
                f"The custom field {shown(field)} was left out: the record has a field of that name."
            )
        else:
            fields[field] = _plain(field, row.get("FIELD_VALUE"), notes)
    return fields, tuple(notes)


def _plain(key: str, value: Any, notes: list[str]) -> Any:
    if isinstance(value, str) and _DATE.match(value):
        return _iso(key, value, notes)
    if not isinstance(value, list):
        return value
    if key == "TAGS":
        return [tag.get("TAG_NAME", tag) if isinstance(tag, dict) else tag for tag in value]
    if key in LINK_KEYS:
        return [text for link in value for text in (_links(link) if isinstance(link, dict) else [link])]
    return value


def _iso(key: str, value: str, notes: list[str]) -> str:
    """The moment as ISO 8601 in UTC, such as 2017-03-10T08:00:00Z, for conditions and mappings to use.

    The milliseconds of /Date(…)/ count from 1970 in UTC; its offset only says how the sender showed it.
    """
    found = moment(value)
    if not isinstance(found, datetime):
        notes.append(f"{shown(key)}: the date could not be read and was kept as text.")
        return value
    instant = found.astimezone(UTC)
    digits = "milliseconds" if instant.microsecond else "seconds"
    return instant.isoformat(timespec=digits).replace("+00:00", "Z")


def _links(link: Mapping[str, Any]) -> list[Any]:
    """Contact:123 for each record a link names; the link itself when it names none."""
    if link.get("LINK_OBJECT_NAME") and link.get("LINK_OBJECT_ID"):
        return [f"{link['LINK_OBJECT_NAME']}:{link['LINK_OBJECT_ID']}"]
    named = [f"{TYPES[key]}:{link[key]}" for key in TYPES if key != "TASK_ID" and link.get(key)]
    return named or [link]


DIALECT = Dialect(
    label="Insightly",
    help="Workflow webhooks. Insightly says neither the type of record nor what happened: give each workflow its "
    "own source, and set record type and event there. Old values come from what Fieldhook saw last.",
    read=_read,
    default_dedup="{type}:{id}:{occurred_at}",
    repair=repair,
)
