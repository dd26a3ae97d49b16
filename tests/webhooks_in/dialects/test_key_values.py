"""Keys and values beyond their fixtures: verbatim keys, the field map, and who a post is about."""

from typing import Any

import pytest

from automations.changes import NotUnderstood, RecordUpdate
from webhooks_in.dialects import FieldRow, Reading
from webhooks_in.dialects.key_values import DIALECT


def read(payload: Any, **reading: Any) -> RecordUpdate:
    (item,) = DIALECT.parse(payload, Reading(**reading))
    assert isinstance(item, RecordUpdate)
    return item


def reason(payload: Any, **reading: Any) -> str:
    (item,) = DIALECT.parse(payload, Reading(**reading))
    assert isinstance(item, NotUnderstood)
    return str(item)


@pytest.mark.parametrize(
    "key",
    ["lasname", "First Name", "_coapp_", "cred0_name", "__plan", "a[b]", "a.b", " x", "É"],
)
def test_an_unmapped_key_is_kept_to_the_letter(key: str) -> None:
    assert read({key: "v", "id": "1"}).fields[key] == "v"


def test_a_mapped_key_fills_its_field_alone() -> None:
    found = read({"firstname": "Ann", "id": 1}, field_map=(FieldRow("firstname", "first_name"),))
    assert found.fields == {"first_name": "Ann", "id": 1}


def test_a_key_is_mapped_only_when_it_is_the_same_to_the_letter() -> None:
    assert (
        read({"Firstname": "Ann", "id": 1}, field_map=(FieldRow("firstname", "x"),)).fields["Firstname"]
        == "Ann"
    )


def test_a_mapped_key_wins_over_an_unmapped_one_of_that_name() -> None:
    found = read({"phone": "1", "cell": "2", "id": 1}, field_map=(FieldRow("cell", "phone"),))
    assert found.fields["phone"] == "2"
    assert found.notes == ("phone was left out: another key is mapped to the field of that name.",)


def test_a_value_is_transformed_on_its_way() -> None:
    assert (
        read({"n": " ann ", "id": 1}, field_map=(FieldRow("n", "n", transform="trim"),)).fields["n"] == "ann"
    )


def test_a_value_the_transform_cannot_read_is_kept_with_a_note() -> None:
    found = read({"n": "abc", "id": 1}, field_map=(FieldRow("n", "n", transform="digits"),))
    assert found.fields["n"] == "abc"
    assert found.notes[0].startswith("n: the value does not suit")


@pytest.mark.parametrize(
    "sent", [{}, {"email": ""}, {"email": " "}, {"email": None}, {"Email": "a@example.com"}]
)
def test_a_post_without_a_required_key_is_not_understood(sent: dict[str, Any]) -> None:
    rows = (FieldRow("email", "email", required=True),)
    assert reason(sent | {"id": 1}, field_map=rows) == "The post lacks email, which the data source requires."


@pytest.mark.parametrize(
    ("sent", "reading", "record_id"),
    [
        ({"id": "5", "externalid": "6"}, {}, "5"),
        ({"id": "", "externalid": "6"}, {}, "6"),
        ({"email": "a@example.com", "id": "5"}, {"path_record_id": "email"}, "a@example.com"),
        ({"mail": "a"}, {"path_record_id": "email", "field_map": (FieldRow("mail", "email"),)}, "a"),
        ({"mail": "a"}, {"path_record_id": "mail", "field_map": (FieldRow("mail", "email"),)}, "a"),
        ({"a": "b"}, {"query": {"id": "7"}}, "7"),
    ],
)
def test_a_record_is_known_by_the_id_it_has(sent: Any, reading: dict[str, Any], record_id: str) -> None:
    assert read(sent, **reading).record_id == record_id


def test_a_configured_id_that_is_missing_is_not_replaced() -> None:
    assert "email" in reason({"id": "5"}, path_record_id="email")


def test_without_any_id_the_same_values_are_the_same_record_in_any_order() -> None:
    assert read({"a": "1", "b": "2"}).record_id == read({"b": "2", "a": "1"}).record_id


def test_without_any_id_other_values_are_another_record() -> None:
    assert read({"a": "1", "b": "2"}).record_id != read({"a": "1", "b": "3"}).record_id


@pytest.mark.parametrize(
    ("reading", "kind"),
    [
        ({}, ("Contact", "")),
        ({"record_type": "Lead", "event": "payment.returned"}, ("Lead", "payment.returned")),
        ({"path_record_type": "kind", "path_event": "what"}, ("Company", "updated")),
        ({"path_event": "full"}, ("Task", "created")),
    ],
)
def test_type_and_event_come_from_the_source_or_from_a_key(
    reading: dict[str, str], kind: tuple[str, str]
) -> None:
    found = read({"id": 1, "kind": "company", "what": "updated", "full": "task.created"}, **reading)
    assert (found.record_type, found.event) == kind


def test_a_list_is_read_post_by_post() -> None:
    items = DIALECT.parse([{"id": 1}, "x", {"id": 3}], Reading())
    assert [isinstance(item, RecordUpdate) for item in items] == [True, False, True]


def test_a_post_tells_only_a_part_of_the_record() -> None:
    found = read({"id": 1})
    assert (found.complete, found.changes) == (False, None)


@pytest.mark.parametrize("sent", [{"id": "7"}, {"id": "7", "src": ""}, {"id": "7", "src": None}])
@pytest.mark.parametrize(("missing", "stored"), [("default", {"source": "web"}), ("empty", {"source": ""})])
def test_a_row_says_what_a_missing_key_means(
    sent: dict[str, Any], missing: str, stored: dict[str, str]
) -> None:
    row = FieldRow("src", "source", missing=missing, default="web")
    assert read(sent, field_map=(row,)).fields == {"id": "7", **stored}
