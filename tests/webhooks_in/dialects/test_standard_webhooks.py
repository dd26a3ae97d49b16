"""The Standard Webhooks envelope beyond its fixtures."""

from typing import Any

import pytest

from automations.changes import UNKNOWN, NotUnderstood, RecordUpdate
from webhooks_in.dialects import Reading
from webhooks_in.dialects.standard_webhooks import DIALECT


def read(payload: Any, **reading: str) -> RecordUpdate:
    (item,) = DIALECT.parse(payload, Reading(**reading))
    assert isinstance(item, RecordUpdate)
    return item


def envelope(**more: Any) -> dict[str, Any]:
    return {"type": "contact.updated", "data": {"id": 1, "a": 2}} | more


@pytest.mark.parametrize(
    "payload",
    [
        None,
        5,
        {},
        {"type": "contact.updated"},
        envelope(data=None),
        envelope(data=[]),
        envelope(data={}),
        envelope(data={"id": True}),
        envelope(type=5),
        envelope(type="updated"),
        envelope(type=None),
        envelope(type="x" * 61),
    ],
)
def test_an_envelope_that_lacks_something_is_not_understood(payload: Any) -> None:
    (item,) = DIALECT.parse(payload, Reading())
    assert isinstance(item, NotUnderstood)


@pytest.mark.parametrize("previous", [None, "x", [], 5])
def test_previous_values_of_an_odd_type_are_a_field_like_others(previous: Any) -> None:
    found = read(envelope(data={"id": 1, "previous": previous}))
    assert (found.changes, found.fields["previous"]) == (None, previous)


def test_changes_may_stand_at_a_path() -> None:
    assert read(envelope(diff={"a": 2}), path_changes="diff").changes == {"a": (UNKNOWN, 2)}


def test_the_record_may_stand_at_a_path_and_is_then_whole() -> None:
    found = read(envelope(data={"record": {"id": 1}}), path_snapshot="data.record")
    assert (found.fields, found.complete) == ({"id": 1}, True)


def test_what_the_source_sets_wins() -> None:
    found = read(envelope(), record_type="Lead", event="payment.returned")
    assert (found.record_type, found.event) == ("Lead", "payment.returned")


def test_the_type_of_record_may_stand_at_a_path() -> None:
    assert read(envelope(kind="lead"), path_record_type="kind").record_type == "Lead"


def test_a_time_that_cannot_be_read_is_noted() -> None:
    found = read(envelope(timestamp="soon"))
    assert found.occurred_at is None
    assert "timestamp" in found.notes[0]


def test_a_list_is_read_envelope_by_envelope() -> None:
    items = DIALECT.parse([envelope(), None, envelope()], Reading())
    assert [isinstance(item, RecordUpdate) for item in items] == [True, False, True]
