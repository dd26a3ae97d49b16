"""What a sender says has changed, in the notations senders use, as {field: (old, new)}."""

from collections.abc import Mapping
from typing import Any

from automations.changes import UNKNOWN
from webhooks_in.dialects.reading import shown
from webhooks_out.paths import MISSING

Differences = dict[str, tuple[Any, Any]]

_PAIRS = (frozenset({"old", "new"}), frozenset({"from", "to"}))
_FIELD_KEYS = ("field", "name", "property")


def read(changes: Any, snapshot: Mapping[str, Any]) -> tuple[Differences | None, tuple[str, ...]]:
    """The differences and notes; None when `changes` is MISSING or of no known form: compare the mirror.

    Known forms: {field: new}, {field: [old, new]}, {field: {"old": …, "new": …}} or {"from": …, "to": …},
    a list of field names, and a list of objects that name a field and its values.
    """
    if changes is MISSING:
        return None, ()
    if isinstance(changes, Mapping):
        return _of_object(changes, snapshot)
    if isinstance(changes, list) and all(isinstance(item, str) for item in changes):
        return {field: (UNKNOWN, snapshot.get(field)) for field in changes if field}, ()
    if isinstance(changes, list) and all(isinstance(item, Mapping) for item in changes):
        return _of_rows(changes, snapshot)
    return None, ("The changes are of no known form; the record was compared with what we knew.",)


def of_previous(previous: Mapping[str, Any], record: Mapping[str, Any]) -> Differences:
    """The differences when the sender gives the previous values beside the record."""
    return {field: (old, record.get(field)) for field, old in previous.items()}


def _of_object(
    changes: Mapping[str, Any], snapshot: Mapping[str, Any]
) -> tuple[Differences, tuple[str, ...]]:
    pairs = {field: _is_pair(value, snapshot.get(field, MISSING)) for field, value in changes.items()}
    in_pairs = False not in pairs.values()
    found: Differences = {}
    for field, value in changes.items():
        paired = in_pairs if pairs[field] is None else pairs[field]
        found[field] = _old_and_new(value) if paired else (UNKNOWN, value)
    word = "old and new value" if in_pairs else "new value"
    return found, tuple(
        f"{shown(field)}: a list of two was read as {word}." for field in pairs if pairs[field] is None
    )


def _is_pair(value: Any, now: Any) -> bool | None:
    """Whether the value is a pair of old and new; None when only the other fields can tell.

    An object with old and new is a pair. A list of two may as well be the value of a list field: the snapshot
    tells, for the field's value now is either the whole list or its second item. Without that, a list of two is
    a pair when every other change is one, because a sender keeps to one notation.
    """
    if isinstance(value, Mapping):
        return frozenset(value) in _PAIRS and value != now
    if not isinstance(value, list) or len(value) != 2 or value == now or value[0] == value[1]:
        return False
    if value[1] == now:
        return True
    return None


def _old_and_new(value: Any) -> tuple[Any, Any]:
    if isinstance(value, Mapping):
        return (value["old"], value["new"]) if "old" in value else (value["from"], value["to"])
    return value[0], value[1]


def _of_rows(
    rows: list[Mapping[str, Any]], snapshot: Mapping[str, Any]
) -> tuple[Differences, tuple[str, ...]]:
    found: Differences = {}
    nameless = 0
    for row in rows:
        field = next((row[key] for key in _FIELD_KEYS if isinstance(row.get(key), str) and row[key]), "")
        if not field:
            nameless += 1
            continue
        new = next((row[key] for key in ("new", "to", "value") if key in row), snapshot.get(field))
        found[field] = (next((row[key] for key in ("old", "from") if key in row), UNKNOWN), new)
    return found, (f"{nameless} changes name no field and were left out.",) if nameless else ()
