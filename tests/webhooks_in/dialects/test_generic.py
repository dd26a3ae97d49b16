"""Any JSON beyond its fixtures: paths that lead elsewhere, and lists."""

from typing import Any

import pytest

from automations.changes import UNKNOWN, NotUnderstood, RecordUpdate
from webhooks_in.dialects import Reading
from webhooks_in.dialects.generic import DIALECT


def read(payload: Any, **reading: str) -> RecordUpdate:
    (item,) = DIALECT.parse(payload, Reading(**{"path_record_id": "id", "record_type": "Contact"} | reading))
    assert isinstance(item, RecordUpdate)
    return item


def reason(payload: Any, **reading: str) -> str:
    (item,) = DIALECT.parse(payload, Reading(**{"path_record_id": "id", "record_type": "Contact"} | reading))
    assert isinstance(item, NotUnderstood)
    return str(item)


def test_without_a_path_to_the_id_nothing_is_read() -> None:
    assert "set the path to it" in reason({"id": 1}, path_record_id="")


@pytest.mark.parametrize("payload", [{}, {"id": None}, {"id": {}}, {"id": 1.5}, 5, None, "x"])
def test_a_payload_without_a_usable_id_is_not_understood(payload: Any) -> None:
    assert reason(payload)


def test_without_a_type_an_update_is_not_understood() -> None:
    assert "record type" in reason({"id": 1}, record_type="")


@pytest.mark.parametrize("items", [None, {}, "x", 5])
def test_a_path_to_the_events_that_leads_to_no_list_is_not_understood(items: Any) -> None:
    assert reason({"events": items}, path_items="events") == "There is no list of events at events."


def test_an_item_without_an_id_does_not_take_that_of_the_envelope() -> None:
    assert reason({"id": 9, "events": [{"a": 1}]}, path_items="events").startswith(
        "Item 1: The record id at id"
    )


def test_an_item_wins_over_the_envelope() -> None:
    found = read(
        {"at": 1, "type": "x", "events": [{"id": 1, "type": "task.created"}]},
        path_items="events",
        path_event="type",
    )
    assert found.event == "created"


def test_the_whole_event_is_the_record_when_no_path_says_otherwise() -> None:
    found = read({"id": 1, "a": {"b": 2}})
    assert (found.fields, found.complete) == ({"id": 1, "a": {"b": 2}}, False)


def test_changes_without_a_record_are_its_new_values() -> None:
    found = read({"id": 1, "diff": {"a": 2}}, path_changes="diff")
    assert (found.fields, found.complete, found.changes) == ({"a": 2}, False, {"a": (UNKNOWN, 2)})


def test_a_record_that_is_missing_is_replaced_by_the_changes() -> None:
    found = read({"id": 1, "diff": {"a": 2}}, path_changes="diff", path_snapshot="record")
    assert (found.fields, found.complete) == ({"a": 2}, False)


@pytest.mark.parametrize("record", [None, [], "x", 5])
def test_neither_record_nor_changes_is_not_understood(record: Any) -> None:
    assert reason({"id": 1, "record": record}, path_snapshot="record") == "There is no record at record."


@pytest.mark.parametrize("changes", [None, "x", 5])
def test_changes_of_an_odd_type_leave_it_to_the_mirror(changes: Any) -> None:
    found = read({"id": 1, "diff": changes, "record": {"a": 1}}, path_changes="diff", path_snapshot="record")
    assert (found.fields, found.changes) == ({"a": 1}, None)
    assert found.notes


@pytest.mark.parametrize(
    ("reading", "kind"),
    [
        ({"record_type": "", "path_record_type": "kind", "path_event": "what"}, ("Deal", "updated")),
        ({"record_type": "", "path_event": "full"}, ("Task", "created")),
        ({"record_type": "", "path_record_type": "full", "path_event": "full"}, ("Task", "created")),
        ({"path_event": "full"}, ("Contact", "created")),
        ({"path_event": "full", "event": "payment.returned"}, ("Contact", "payment.returned")),
        ({"path_event": "odd"}, ("Contact", "payment.returned")),
        ({"path_event": "nowhere"}, ("Contact", "")),
    ],
)
def test_type_and_event_come_from_the_source_or_the_paths(
    reading: dict[str, str], kind: tuple[str, str]
) -> None:
    payload = {"id": 1, "kind": "deal", "what": "change", "full": "task.created", "odd": "payment.returned"}
    found = read(payload, **reading)
    assert (found.record_type, found.event) == kind


def test_a_path_may_lead_through_lists() -> None:
    assert read({"rows": [{"key": 2**63}]}, path_record_id="rows.0.key").record_id == str(2**63)
