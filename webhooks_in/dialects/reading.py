"""What every dialect is made of: what a source says about reading, and the checks all dialects share."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from automations.changes import NotUnderstood, RecordUpdate
from webhooks_out import exact_json, scalars
from webhooks_out.paths import MISSING, look_up

MAX_ID = 255  # characters of a record id or event id
MAX_ITEMS = 1_000  # events in one request
MAX_NAME = 60  # characters of a record type or event name

Item = RecordUpdate | NotUnderstood


@dataclass(frozen=True)
class FieldRow:
    """One row of a source's field map: the sender's key, our field, and what to do with the value."""

    key: str
    field: str
    required: bool = False
    transform: str = ""  # a key of webhooks_out.transforms.TRANSFORMS
    missing: str = "keep"  # or "empty" or "default": what the field gets when the key is missing or empty
    default: str = ""


@dataclass(frozen=True)
class Reading:
    """What a source says about reading its requests; an empty text leaves it to the dialect."""

    record_type: str = ""
    event: str = ""
    path_record_type: str = ""
    path_record_id: str = ""
    path_event: str = ""
    path_event_id: str = ""
    path_changes: str = ""
    path_snapshot: str = ""
    path_occurred_at: str = ""
    path_items: str = ""
    field_map: tuple[FieldRow, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)  # of the request's URL
    tags: Mapping[str, str] = field(default_factory=dict)  # every tag with its path


@dataclass(frozen=True)
class Dialect:
    """How one kind of sender writes; `read` gives an update per item and may raise NotUnderstood for all."""

    label: str
    help: str  # for an administrator: one or two sentences
    read: Callable[[Any, Reading], Iterable[Item]]
    default_dedup: str = ""  # a template for payloads.dedup_key; "" = every request counts
    needs_paths: bool = False  # nothing can be read before path_record_id is set
    repair: Callable[[bytes], bytes] = bytes  # makes a body the sender is known to break readable

    def parse(self, payload: Any, reading: Reading) -> list[Item]:
        """One update or NotUnderstood for each item of the payload; never raises for what a sender wrote."""
        cleaned, notes = exact_json.clean(payload)
        try:
            items = list(self.read(cleaned, reading))
        except NotUnderstood as reason:
            return [reason]
        if not notes:
            return items
        return [
            replace(item, notes=(*item.notes, *notes)) if isinstance(item, RecordUpdate) else item
            for item in items
        ]


def each(items: list[Any], read_one: Callable[[Any], RecordUpdate]) -> Iterator[Item]:
    """Reads item by item: one that is not understood never drops the others."""
    if len(items) > MAX_ITEMS:
        raise NotUnderstood(
            f"The request holds {len(items)} events, more than the {MAX_ITEMS} we read at once."
        )
    for position, item in enumerate(items, start=1):
        try:
            yield read_one(item)
        except NotUnderstood as reason:
            yield NotUnderstood(f"Item {position}: {reason}")


def as_object(value: Any, what: str) -> dict[str, Any]:
    """The value when it is a JSON object; else NotUnderstood."""
    if isinstance(value, dict):
        return value
    raise NotUnderstood(f"{what} is {_kind(value)}, not a JSON object.")


def record_id(value: Any, where: str) -> str:
    """The id as text of 1 to 255 characters; NotUnderstood for anything but text and whole numbers."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**MAX_ID:
        return str(value)
    if not isinstance(value, str):
        raise NotUnderstood(f"The record id at {where} is {_kind(value)}; it must be text or a whole number.")
    found = value.strip()
    if not found:
        raise NotUnderstood(f"The record id at {where} is empty.")
    if len(found) > MAX_ID:
        raise NotUnderstood(f"The record id at {where} is longer than {MAX_ID} characters.")
    if not found.isprintable() or "\ufffd" in found:
        raise NotUnderstood(f"The record id at {where} has characters that cannot be stored.")
    return found


def name(value: Any, what: str) -> str:
    """A record type or event name: text of at most 60 characters, "" for none; else NotUnderstood."""
    if value is MISSING or value is None:
        return ""
    if not isinstance(value, str) or len(value) > MAX_NAME or not value.isprintable():
        raise NotUnderstood(f"The {what} is not a text of at most {MAX_NAME} characters.")
    return value.strip()


def event_id(value: Any) -> str:
    """An event's id as text, "" when there is none that can be used as one."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    if isinstance(value, int):
        return str(value) if abs(value) < 10**MAX_ID else ""
    found = value.strip()
    return found if len(found) <= MAX_ID and found.isprintable() else ""


def occurred_at(value: Any, where: str) -> tuple[datetime | None, tuple[str, ...]]:
    """The moment in UTC (a time without zone is taken as UTC), or None with a note when it cannot be read."""
    if value is MISSING or value is None or value == "":
        return None, ()
    found = scalars.moment(value, epoch=True)
    try:
        if isinstance(found, datetime):
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC), ()
        if found is not None:
            return datetime(found.year, found.month, found.day, tzinfo=UTC), ()
    except OverflowError:
        pass
    return None, (f"The time at {where} could not be read; the update is taken as the newest.",)


def shown(key: str) -> str:
    """A key as a note shows it: a very long one cut."""
    return key if len(key) <= MAX_NAME else f"{key[:MAX_NAME]}…"


def find(data: Any, path: str) -> Any:
    """What stands at a configured path, MISSING when the path is empty or leads nowhere."""
    return look_up(data, path) if path else MISSING


def _kind(value: Any) -> str:
    if value is MISSING:
        return "missing"
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")
