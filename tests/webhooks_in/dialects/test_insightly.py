"""Insightly beyond its fixtures: which record it is, what happened, and bodies as they come."""

from typing import Any

import pytest

from automations.changes import NotUnderstood, RecordUpdate
from webhooks_in.dialects import Reading
from webhooks_in.dialects.insightly import DIALECT, repair

CREATED, UPDATED = "/Date(1489116850787-0800)/", "/Date(1489203250000-0800)/"


def read(payload: Any, reading: Reading | None = None) -> RecordUpdate:
    (item,) = DIALECT.parse(payload, reading or Reading())
    assert isinstance(item, RecordUpdate)
    return item


@pytest.mark.parametrize(
    ("entity", "record_type", "record_id"),
    [
        ({"TASK_ID": 1, "PROJECT_ID": 2, "OPPORTUNITY_ID": 3, "CONTACT_ID": 4}, "Task", "1"),
        ({"PROJECT_ID": 2, "OPPORTUNITY_ID": 3}, "Project", "2"),
        ({"OPPORTUNITY_ID": 3, "ORGANISATION_ID": 5}, "Opportunity", "3"),
        ({"CONTACT_ID": 4, "ORGANISATION_ID": 5}, "Contact", "4"),
        ({"ORGANISATION_ID": 5}, "Company", "5"),
        ({"LEAD_ID": 6, "CONVERTED_CONTACT_ID": 4}, "Lead", "6"),
        ({"TASK_ID": None, "CONTACT_ID": 4}, "Contact", "4"),
    ],
)
def test_the_most_particular_id_tells_the_type(
    entity: dict[str, Any], record_type: str, record_id: str
) -> None:
    found = read({"entity": entity})
    assert (found.record_type, found.record_id) == (record_type, record_id)


@pytest.mark.parametrize(
    ("record_type", "entity", "record_id"),
    [
        ("Contact", {"TASK_ID": 1, "CONTACT_ID": 4}, "4"),
        ("Company", {"ORGANISATION_ID": 5, "CONTACT_ID": 4}, "5"),
        ("Vehicle", {"VEHICLE_ID": 8, "CONTACT_ID": 4}, "8"),
        ("Vehicle", {"RECORD_ID": 9, "CONTACT_ID": 4}, "9"),
    ],
)
def test_the_type_set_on_the_source_wins(record_type: str, entity: dict[str, Any], record_id: str) -> None:
    found = read(entity, Reading(record_type=record_type))
    assert (found.record_type, found.record_id) == (record_type, record_id)


@pytest.mark.parametrize(
    ("created", "updated", "event"),
    [(CREATED, CREATED, "created"), (CREATED, UPDATED, "updated"), (CREATED, None, ""), (None, None, "")],
)
def test_equal_dates_mean_created(created: str | None, updated: str | None, event: str) -> None:
    assert read({"TASK_ID": 1, "DATE_CREATED_UTC": created, "DATE_UPDATED_UTC": updated}).event == event


def test_the_event_set_on_the_source_wins() -> None:
    found = read(
        {"TASK_ID": 1, "DATE_CREATED_UTC": CREATED, "DATE_UPDATED_UTC": CREATED}, Reading(event="updated")
    )
    assert found.event == "updated"


@pytest.mark.parametrize("entity", [None, 5, "x", True])
def test_an_entity_of_an_odd_type_is_not_understood(entity: Any) -> None:
    (item,) = DIALECT.parse({"entity": entity}, Reading())
    assert "not a JSON object" in str(item)


@pytest.mark.parametrize("entity", [{}, {"NAME": "x"}, {"TASK_ID": True}, {"TASK_ID": [1]}])
def test_an_entity_without_a_usable_id_is_not_understood(entity: dict[str, Any]) -> None:
    (item,) = DIALECT.parse({"entity": entity}, Reading())
    assert isinstance(item, NotUnderstood)


@pytest.mark.parametrize(
    "payload",
    [{"entity": [{"TASK_ID": 1}, 5, {"TASK_ID": 3}]}, [{"entity": {"TASK_ID": 1}}, 5, {"TASK_ID": 3}]],
)
def test_a_list_of_entities_is_read_one_by_one(payload: Any) -> None:
    items = DIALECT.parse(payload, Reading())
    assert [isinstance(item, RecordUpdate) for item in items] == [True, False, True]


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("/Date(1489132800000-0800)/", "2017-03-10T08:00:00Z"),
        ("/Date(1489132800000+0100)/", "2017-03-10T08:00:00Z"),
        ("\\/Date(1489132800000)\\/", "2017-03-10T08:00:00Z"),
        ("/Date(-1)/", "1969-12-31T23:59:59.999Z"),
        ("2017-03-10 08:00:00", "2017-03-10 08:00:00"),
        ("see /Date(1)/", "see /Date(1)/"),
    ],
)
def test_dates_become_iso_text_in_utc(written: str, iso: str) -> None:
    found = read({"TASK_ID": 1, "DUE_DATE": written})
    assert (found.fields["DUE_DATE"], found.notes) == (iso, ())


@pytest.mark.parametrize("written", ["/Date(1)", "/Date(1-99)/", "/Date(99999999999999999)/", "/Date(1)/x"])
def test_a_date_that_cannot_be_read_is_kept_as_text_with_a_note(written: str) -> None:
    found = read({"TASK_ID": 1, "DUE_DATE": written})
    assert found.fields["DUE_DATE"] == written
    assert found.notes == ("DUE_DATE: the date could not be read and was kept as text.",)


@pytest.mark.parametrize("odd", [None, 5, "x", {"a": 1}])
def test_lists_of_an_odd_type_are_kept_as_they_are(odd: Any) -> None:
    found = read({"TASK_ID": 1, "CUSTOMFIELDS": odd, "TAGS": odd, "LINKS": odd})
    assert [found.fields[key] for key in ("CUSTOMFIELDS", "TAGS", "LINKS")] == [odd] * 3


def test_rows_of_an_odd_type_are_kept_or_noted() -> None:
    found = read({"TASK_ID": 1, "CUSTOMFIELDS": [5, {}], "TAGS": ["a", {"x": 1}], "LINKS": [7, {"x": 1}]})
    assert (found.fields["TAGS"], found.fields["LINKS"]) == (["a", {"x": 1}], [7, {"x": 1}])
    assert found.notes == ("A custom field without a name was left out.",) * 2


@pytest.mark.parametrize(
    ("body", "repaired"),
    [
        (b'"entity": {"A": 1}\n', b'{"entity": {"A": 1}}'),
        (b'\xef\xbb\xbf "entity":{},', b'{"entity":{}}'),
        (b'{"entity": {}}', b'{"entity": {}}'),
        (b'"other": {}', b'"other": {}'),
        (b"", b""),
    ],
)
def test_only_the_sample_without_outer_braces_is_repaired(body: bytes, repaired: bytes) -> None:
    assert repair(body) == repaired
