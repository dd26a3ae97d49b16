"""What travels from a dialect to the engine."""

from copy import deepcopy
from dataclasses import FrozenInstanceError

import pytest

from automations.changes import UNKNOWN, NotUnderstood, RecordUpdate
from webhooks_out import exact_json


def test_unknown_is_itself_after_it_was_stored() -> None:
    assert exact_json.loads(exact_json.dumps([UNKNOWN, "Passed"])) == [UNKNOWN, "Passed"]


def test_unknown_is_itself_after_it_was_copied() -> None:
    assert deepcopy(UNKNOWN) == UNKNOWN


@pytest.mark.parametrize("value", [None, "", {}, [], "UNKNOWN", True])
def test_unknown_is_no_value_a_field_usually_has(value: object) -> None:
    assert value != UNKNOWN


def test_unknown_shows_itself_by_name() -> None:
    assert repr(UNKNOWN) == "UNKNOWN"


def test_an_update_cannot_be_altered_on_its_way() -> None:
    update = RecordUpdate("Contact", "1", "updated", {}, complete=False, changes=None)
    with pytest.raises(FrozenInstanceError):
        update.record_id = "2"  # type: ignore[misc] - that it is refused is the point


def test_an_item_not_understood_says_why() -> None:
    assert str(NotUnderstood("The record has no id.")) == "The record has no id."
