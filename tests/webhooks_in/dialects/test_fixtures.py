"""Every dialect reads its fixtures in tests/payloads, and the registry, the files and the fixtures agree."""

import json
import pkgutil
from datetime import UTC
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.changes import NotUnderstood, RecordUpdate
from webhooks_in import dialects, payloads
from webhooks_in.dialects import DIALECTS, Dialect, FieldRow, Reading
from webhooks_out import exact_json

PAYLOADS = Path(__file__).parents[2] / "payloads"
FIXTURES = sorted(path for path in PAYLOADS.glob("*/*.json") if path.parent.name in DIALECTS)


def title(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


def load(path: Path) -> Any:
    return exact_json.loads(path.read_bytes())


def reading(settings: dict[str, Any], query: str) -> Reading:
    rows = tuple(FieldRow(**row) for row in settings.pop("field_map", ()))
    return Reading(**settings, field_map=rows, query=dict(parse_qsl(query)))


def as_json(item: RecordUpdate | NotUnderstood) -> dict[str, Any]:
    """An item the way fixtures write it: optional parts only when they are there."""
    if isinstance(item, NotUnderstood):
        return {"not_understood": str(item)}
    changes = None if item.changes is None else {field: list(pair) for field, pair in item.changes.items()}
    written = {
        "record_type": item.record_type,
        "record_id": item.record_id,
        "event": item.event,
        "fields": dict(item.fields),
        "complete": item.complete,
        "changes": changes,
    }
    optional = {
        "occurred_at": item.occurred_at and item.occurred_at.isoformat(),
        "actor": item.actor,
        "event_id": item.event_id,
        "notes": list(item.notes),
    }
    return written | {name: value for name, value in optional.items() if value}


@pytest.mark.parametrize("path", FIXTURES, ids=title)
def test_a_dialect_reads_its_fixture(path: Path) -> None:
    fixture = load(path)
    request, dialect = fixture["request"], DIALECTS[path.parent.name]
    body, query = request.get("body", ""), request.get("query", "")
    raw = body if isinstance(body, str) else json.dumps(body)
    payload = payloads.read(request["method"], request["content_type"], query, dialect.repair(raw.encode()))
    items = dialect.parse(payload, reading(fixture["reading"], query))
    assert [as_json(item) for item in items] == fixture["updates"]


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect_has_a_fixture_and_words_for_an_administrator(name: str) -> None:
    dialect = DIALECTS[name]
    assert any(path.parent.name == name for path in FIXTURES)
    assert dialect.label
    assert dialect.help.endswith(".")
    assert len(name) <= 24


def test_every_dialect_file_is_in_the_registry() -> None:
    found = [
        import_module(f"{dialects.__name__}.{module.name}")
        for module in pkgutil.iter_modules(dialects.__path__)
    ]
    written = [module.DIALECT for module in found if isinstance(getattr(module, "DIALECT", None), Dialect)]
    assert {dialect.label for dialect in written} == {dialect.label for dialect in DIALECTS.values()}
    assert len(written) == len(DIALECTS)


def test_every_folder_of_payloads_belongs_to_a_dialect() -> None:
    assert {path.name for path in PAYLOADS.iterdir() if path.is_dir()} == set(DIALECTS)


KEYS = [
    "id",
    "changes",
    "snapshot",
    "entity",
    "data",
    "type",
    "event",
    "timestamp",
    "previous",
    "object",
    "x",
    "\x00",
]
KEYS += [
    "TASK_ID",
    "CUSTOMFIELDS",
    "LINKS",
    "TAGS",
    "DATE_UPDATED_UTC",
    "FIELD_NAME",
    "updated_at",
    "field",
    "old",
    "new",
]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["\x00", "\ud800", "/Date(1)/"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=12,
)
READINGS = st.builds(
    Reading,
    record_type=st.sampled_from(["", "Contact"]),
    path_record_id=st.sampled_from(["", "id", "data.id", "changes.0"]),
    path_event=st.sampled_from(["", "event", "type"]),
    path_changes=st.sampled_from(["", "changes"]),
    path_snapshot=st.sampled_from(["", "snapshot", "data"]),
    path_occurred_at=st.sampled_from(["", "timestamp"]),
    path_items=st.sampled_from(["", "data"]),
    query=st.sampled_from([{}, {"id": "7"}, {"id": "\ud800"}]),
)


@pytest.mark.parametrize("name", DIALECTS)
@settings(max_examples=150, deadline=None)
@given(payload=VALUES, settings_of_source=READINGS)
def test_whatever_comes_every_item_is_an_update_that_can_be_stored_or_a_reason(
    name: str, payload: Any, settings_of_source: Reading
) -> None:
    for item in DIALECTS[name].parse(payload, settings_of_source):
        if isinstance(item, RecordUpdate):
            assert 1 <= len(item.record_id) <= 255
            assert 1 <= len(item.record_type) <= 60
            assert item.occurred_at is None or item.occurred_at.tzinfo is UTC
            assert exact_json.clean(as_json(item))[1] == []
        else:
            assert str(item).endswith(".")


@pytest.mark.parametrize("name", DIALECTS)
def test_a_list_of_too_many_events_is_one_reason(name: str) -> None:
    payload: Any = [{"id": 1}] * 1_001
    items = DIALECTS[name].parse(payload, Reading(path_record_id="id", record_type="Contact"))
    assert [str(item) for item in items] == [
        "The request holds 1001 events, more than the 1000 we read at once."
    ]
