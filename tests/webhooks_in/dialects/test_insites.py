"""Insites beyond its fixtures: odd types, where the id is looked for, what the source overrules."""

from typing import Any

import pytest

from automations.changes import UNKNOWN, NotUnderstood, RecordUpdate
from webhooks_in.dialects import Reading
from webhooks_in.dialects.insites import DIALECT

CONTACT = Reading(record_type="Contact")
CHANGES = {"changes": {"stage": "won"}}


def read(payload: Any, reading: Reading = CONTACT) -> RecordUpdate:
    (item,) = DIALECT.parse(payload, reading)
    assert isinstance(item, RecordUpdate)
    return item


def reason(payload: Any, reading: Reading = CONTACT) -> str:
    (item,) = DIALECT.parse(payload, reading)
    assert isinstance(item, NotUnderstood)
    return str(item)


@pytest.mark.parametrize("changes", [None, "x", 5, True])
def test_changes_of_an_odd_type_leave_it_to_the_snapshot(changes: Any) -> None:
    found = read({"changes": changes, "snapshot": {"id": 1}})
    assert found.changes is None
    assert found.complete
    assert "no known form" in found.notes[0]


@pytest.mark.parametrize("snapshot", [None, "x", [], 5])
def test_a_snapshot_of_an_odd_type_leaves_it_to_the_changes(snapshot: Any) -> None:
    found = read(CHANGES | {"id": 1, "snapshot": snapshot})
    assert (found.fields, found.complete) == ({"stage": "won"}, False)
    assert found.notes == ("The snapshot is not an object and was left out.",)


def test_neither_changes_nor_snapshot_as_objects_is_not_understood() -> None:
    assert reason({"changes": [], "snapshot": []}) == "Neither changes nor snapshot is a JSON object."


def test_a_snapshot_alone_is_the_whole_record() -> None:
    found = read({"snapshot": {"id": 1, "a": 2}})
    assert (found.fields, found.complete, found.changes) == ({"id": 1, "a": 2}, True, None)


@pytest.mark.parametrize("payload", [None, 5, "x", True])
def test_a_body_that_is_no_object_is_not_understood(payload: Any) -> None:
    assert "not a JSON object" in reason(payload)


def test_a_list_is_read_record_by_record() -> None:
    items = DIALECT.parse([{"id": 1}, {"id": None}, {"id": 3}], CONTACT)
    assert [isinstance(item, RecordUpdate) for item in items] == [True, False, True]


@pytest.mark.parametrize(
    ("payload", "reading", "record_id"),
    [
        (CHANGES, Reading(record_type="Contact", query={"id": "7"}), "7"),
        (CHANGES, Reading(record_type="Contact", query={"contact_id": "7"}), "7"),
        (CHANGES | {"id": 8}, Reading(record_type="Contact", query={"id": "7"}), "8"),
        (CHANGES | {"contact_id": 8, "company_id": 9}, CONTACT, "8"),
        (CHANGES | {"x": {"y": 6}}, Reading(record_type="Contact", path_record_id="x.y"), "6"),
        (CHANGES | {"snapshot": {"a": 1}, "id": 5}, CONTACT, "5"),
    ],
)
def test_the_id_is_looked_for_where_it_may_stand(payload: Any, reading: Reading, record_id: str) -> None:
    assert read(payload, reading).record_id == record_id


@pytest.mark.parametrize(
    "record", [{"company_id": 9, "email": "a@example.com"}, {"id": None}, {"id": True}, {}]
)
def test_a_full_record_is_known_by_its_own_id_only(record: dict[str, Any]) -> None:
    assert "id" in reason(record)


@pytest.mark.parametrize("query", [{}, {"id": ""}, {"company_id": "9"}])
def test_changes_without_the_id_of_the_record_are_not_understood(query: dict[str, str]) -> None:
    assert "id" in reason(CHANGES, Reading(record_type="Contact", query=query))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"event": "company.created"}, ("Company", "created")),
        ({"event_type": "Contact Updated"}, ("Contact", "updated")),
        ({"record_type": "company"}, ("Company", "")),
        ({"type": "contact", "topic": "deleted"}, ("Contact", "deleted")),
    ],
)
def test_type_and_event_may_stand_in_the_payload(said: dict[str, str], kind: tuple[str, str]) -> None:
    found = read(said | {"id": 1}, Reading())
    assert (found.record_type, found.event) == kind


def test_what_the_source_sets_wins() -> None:
    found = read({"event": "company.created", "id": 1}, Reading(record_type="Contact", event="updated"))
    assert (found.record_type, found.event) == ("Contact", "updated")


@pytest.mark.parametrize("said", [{}, {"type": "Gold"}, {"event": "party"}, {"event": 5}])
def test_without_a_type_nothing_is_guessed(said: dict[str, Any]) -> None:
    assert "set it on the source" in reason(said | {"id": 1}, Reading())


def test_an_empty_object_of_changes_says_that_nothing_changed() -> None:
    assert read({"changes": {}, "snapshot": {"id": 1}}).changes == {}


def test_a_field_called_changes_of_a_full_record_is_a_field() -> None:
    found = read({"id": 1, "changes": "many"})
    assert (found.complete, found.fields["changes"]) == (True, "many")


def test_the_old_value_is_unknown_when_only_the_new_one_is_sent() -> None:
    assert read(CHANGES | {"id": 1}).changes == {"stage": (UNKNOWN, "won")}
