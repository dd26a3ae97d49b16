"""What staff change in a record: single values that keep their type, applied through the engine like any update."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.auth.models import AbstractUser
from django.db import transaction

from automations import engine, matching, records
from automations.changes import RecordUpdate
from automations.models import Change, Record, System
from automations.outlines import outline
from automations.records import Heard
from webhooks_out.jobs import new_id
from webhooks_out.paths import MISSING, look_up
from webhooks_out.scalars import number, text, truth

TEXT, NUMBER, TRUTH = "text", "number", "truth"
KINDS = {TEXT: "Text", NUMBER: "Number", TRUTH: "Yes or no"}
FIXED = frozenset({"id"})  # what the record is found by in its own system
MAX_TEXT = 10_000  # characters
MAX_PATH = 200  # characters
MAX_PARTS = 8  # of a dotted path

NOT_THERE = ""  # the mark of a field that is not there


class NotAllowed(Exception):
    """What was entered cannot be a value of this field; str() says what to do."""


class Outdated(Exception):
    """Somebody else changed these fields in between: `now` holds their present values by path."""

    def __init__(self, now: Mapping[str, Any]) -> None:
        super().__init__(", ".join(now))
        self.now = now


@dataclass(frozen=True)
class Simple:
    """One field that can be edited, and how its value is written in a form."""

    path: str
    kind: str
    written: str
    mark: str  # tells this very value from any other without showing it


def simple_fields(fields: Mapping[str, Any]) -> Iterator[Simple]:
    """The single values of a record, nested ones too, but for those in lists."""
    for path in outline(fields).paths:
        value = look_up(fields, path)
        if path not in FIXED and _stands_in_objects(fields, path) and kind_of(value):
            yield Simple(path, kind_of(value), text(value), mark(value))


def mark(value: Any) -> str:
    """What tells a value from any other, so that a form can say what its person saw."""
    return NOT_THERE if value is MISSING else mark_written(kind_of(value), text(value))


def mark_written(kind: str, written: str) -> str:
    """The mark of the value that is written like this, line ends aside: browsers have their own."""
    return hashlib.sha256(f"{kind}:{written}".replace("\r\n", "\n").encode()).hexdigest()[:20]


def read(kind: str, written: str) -> Any:
    """The value a person wrote for a field of this kind; empty means null for all but text. NotAllowed says why not."""
    if kind == TEXT:
        if len(written) > MAX_TEXT:
            raise NotAllowed(f"This is longer than {MAX_TEXT:,} characters.")
        return written.replace("\r\n", "\n")
    if not written.strip():
        return None
    if kind == TRUTH:
        if (told := truth(written)) is None:
            raise NotAllowed("Choose yes or no.")
        return told
    if (exact := number(written)) is None:
        raise NotAllowed(f"“{written}” is no number. Write it like 1200 or 1200.50.")
    return exact if exact.as_tuple().exponent else int(exact)


def edit(
    record: Record, values: Mapping[str, Any], user: AbstractUser, *, seen: Mapping[str, str] | None = None
) -> Change | None:
    """Sets fields by their dotted paths and starts what the rules say; None when nothing is new.

    `seen`: the marks of the values the person saw. Outdated, and nothing done, when one of them is another by now.
    """
    identity = (record.system_id, record.type, record.external_id)
    with transaction.atomic():
        # Locked until the engine has it, so that nothing comes between the look and the change.
        fields = records.lock([identity])[identity].fields
        new = {path: value for path, value in values.items() if mark(value) != mark(look_up(fields, path))}
        now = {path: look_up(fields, path) for path in new}
        if seen is not None:
            _refuse_outdated({path: value for path, value in now.items() if seen.get(path) != mark(value)})
        if not new:
            return None
        update = RecordUpdate(
            record_type=record.type,
            record_id=record.external_id,
            event="updated",
            fields=merged(fields, new),
            complete=False,
            changes=None,
            actor=user.get_username(),
        )
        return engine.handle(update, _heard(record.system_id), matching.rules())


def create(system: System, record_type: str, values: Mapping[str, Any], user: AbstractUser) -> Change:
    """A new record that no CRM knows of yet, with an id of our own; the rules answer as to any other."""
    update = RecordUpdate(
        record_type=record_type,
        record_id=f"hub-{new_id().hex}",
        event="created",
        fields=merged({}, values),
        complete=True,
        changes=None,
        actor=user.get_username(),
    )
    # The id is new, so there is something to tell.
    return cast(Change, engine.handle(update, _heard(system.pk), matching.rules()))


def check_path(fields: Mapping[str, Any], path: str) -> None:
    """NotAllowed when no field can stand at this path of the record."""
    if not path or len(path) > MAX_PATH or path != path.strip() or not path.isprintable():
        raise NotAllowed(f"A field needs a name of at most {MAX_PATH} visible characters.")
    if path in FIXED:
        raise NotAllowed("The id stays as it is: the record is found by it.")
    parts = path.split(".")
    if len(parts) > MAX_PARTS or not all(parts):
        raise NotAllowed(
            f"A name has at most {MAX_PARTS} parts with a dot between them, such as address.city."
        )
    if not kind_of(look_up(fields, path)) and look_up(fields, path) is not MISSING:
        raise NotAllowed(
            f"{path} holds further fields or a list, which cannot be replaced by one value here."
        )
    _put(dict(fields), path, None)


def merged(fields: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields at the top of the record that change when these values are set."""
    after = dict(fields)
    for path, value in values.items():
        check_path(after, path)
        _put(after, path, value)
    return {key: value for key, value in after.items() if key not in fields or fields[key] is not value}


def kind_of(value: Any) -> str:
    """How a value is edited; "" for what is no single value."""
    if isinstance(value, bool):
        return TRUTH
    if isinstance(value, str) or value is None:
        return TEXT
    return "" if isinstance(value, list | Mapping) or value is MISSING else NUMBER


def _put(fields: dict[str, Any], path: str, value: Any) -> None:
    """Sets the value where `paths.look_up` finds it, in copies of the objects on the way; makes them where none are."""
    head, dot, rest = path.partition(".")
    if path in fields or not dot:
        fields[path] = value
        return
    below = fields.get(head)
    if not isinstance(below, Mapping | None):
        raise NotAllowed(f"{head} holds a value or a list, so {rest} cannot stand in it.")
    inner = dict(below or {})
    _put(inner, rest, value)
    fields[head] = inner


def _refuse_outdated(now: Mapping[str, Any]) -> None:
    if now:
        raise Outdated(now)


def _heard(system_id: int) -> Heard:
    return Heard(system_id, origin=Change.Origin.STAFF)


def _stands_in_objects(data: Any, path: str) -> bool:
    """Whether the way to a value leads through objects alone."""
    while isinstance(data, Mapping):
        if path in data:
            return True
        head, dot, path = path.partition(".")
        data = data.get(head) if dot else None
    return False
