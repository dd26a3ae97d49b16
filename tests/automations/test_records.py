"""The mirror: what each update changed, from the sender's word or from our own comparison."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from automations.changes import UNKNOWN, RecordUpdate
from automations.models import Change, Contact, System
from automations.records import Heard, apply, lock, save

pytestmark = pytest.mark.django_db
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)


def hear(
    fields: dict[str, Any], event: str = "updated", origin: str = "source", **options: Any
) -> Change | None:
    """What one update about contact 7 comes to."""
    system, _ = System.objects.get_or_create(name="Harbour CRM")
    said = {"complete": True, "changes": None, **options}
    update = RecordUpdate(record_type="Contact", record_id="7", event=event, fields=fields, **said)
    with transaction.atomic():
        (record,) = lock([(system.pk, "Contact", "7")]).values()
        change = apply(update, Heard(system_id=system.pk, origin=origin), record)
        save([record])
    return change


def diff(change: Change | None) -> dict[str, Any]:
    assert change is not None
    return change.diff


def test_a_created_record_has_only_new_values() -> None:
    assert diff(hear({"stage": "Lead"}, "created")) == {"stage": [None, "Lead"]}
    assert Contact.objects.get().fields == {"stage": "Lead"}


def test_an_update_is_compared_with_the_mirror() -> None:
    hear({"stage": "Lead", "city": "Bath"}, "created")
    assert diff(hear({"stage": "Enrolled", "city": "Bath"})) == {"stage": ["Lead", "Enrolled"]}


def test_a_field_missing_from_a_full_object_was_cleared() -> None:
    hear({"stage": "Lead", "city": "Bath"}, "created")
    assert diff(hear({"stage": "Lead"})) == {"city": ["Bath", None]}


def test_a_field_missing_from_a_partial_update_stays() -> None:
    hear({"stage": "Lead", "city": "Bath"}, "created")
    hear({"stage": "Enrolled"}, complete=False)
    assert Contact.objects.get().fields == {"stage": "Enrolled", "city": "Bath"}


@pytest.mark.parametrize("origin", ["action", "staff"])
def test_a_full_object_leaves_the_fields_that_only_we_know(origin: str) -> None:
    hear({"stage": "Lead"}, "created")
    hear({"visits": 1, "stage": "Won"}, complete=False, origin=origin)
    hear({"visits": 2}, complete=False, origin=origin)
    assert diff(hear({"stage": "Lead"})) == {"stage": ["Won", "Lead"]}
    assert Contact.objects.get().fields == {"stage": "Lead", "visits": 2}


def test_a_field_of_ours_that_its_system_speaks_of_is_its_own_from_then_on() -> None:
    hear({"stage": "Lead"}, "created")
    hear({"visits": 1}, complete=False, origin="action")
    hear({"stage": "Lead", "visits": 5})
    assert diff(hear({"stage": "Lead"})) == {"visits": [5, None]}


def test_a_field_of_ours_that_its_system_says_changed_is_its_own_from_then_on() -> None:
    hear({"stage": "Lead"}, "created")
    hear({"visits": 1}, complete=False, origin="action")
    hear({}, complete=False, changes={"visits": (1, 5)})
    assert diff(hear({"stage": "Lead"})) == {"visits": [5, None]}


def test_nested_fields_are_compared_one_by_one() -> None:
    hear({"address": {"city": "Bath", "zip": 1}}, "created")
    assert diff(hear({"address": {"city": "York", "zip": 1}})) == {"address.city": ["Bath", "York"]}


@pytest.mark.parametrize(("old", "new"), [(1, True), (0, False), (0, None), ("1", 1)])
def test_values_of_another_type_are_another_value(old: Any, new: Any) -> None:
    hear({"x": old}, "created")
    assert diff(hear({"x": new})) == {"x": [old, new]}


def test_the_same_again_is_no_change() -> None:
    hear({"stage": "Lead"}, "created")
    assert hear({"stage": "Lead"}) is None


def test_a_named_event_is_a_change_even_when_nothing_differs() -> None:
    hear({"stage": "Lead"}, "created")
    assert hear({"stage": "Lead"}, "payment.returned") is not None


def test_the_first_sight_of_an_old_record_has_nothing_to_compare() -> None:
    change = hear({"stage": "Lead"})
    assert change is not None
    assert (change.diff, change.changes_source) == ({}, "unknown")


def test_an_event_nobody_named_is_told_from_the_mirror() -> None:
    first, second = hear({"stage": "Lead"}, ""), hear({"stage": "Enrolled"}, "")
    assert first is not None
    assert second is not None
    assert (first.event, second.event) == ("created", "updated")


def test_old_values_the_sender_keeps_come_from_the_mirror() -> None:
    hear({"stage": "Lead"}, "created")
    change = hear({"stage": "Enrolled"}, changes={"stage": (UNKNOWN, "Enrolled")})
    assert diff(change) == {"stage": ["Lead", "Enrolled"]}


def test_a_change_the_mirror_knows_already_is_none() -> None:
    hear({"stage": "Enrolled"}, "created")
    assert hear({"stage": "Enrolled"}, changes={"stage": (UNKNOWN, "Enrolled")}) is None


def test_an_old_value_nobody_knows_stays_unknown() -> None:
    change = hear({}, complete=False, changes={"stage": (UNKNOWN, "Enrolled")})
    assert diff(change) == {"stage": [UNKNOWN, "Enrolled"]}


def test_changed_values_reach_the_mirror_at_their_nested_place() -> None:
    hear({"address": {"city": "Bath", "zip": 1}}, "created")
    hear({}, complete=False, changes={"address.city": ("Bath", "York")})
    assert Contact.objects.get().fields == {"address": {"city": "York", "zip": 1}}


def test_an_older_update_overwrites_nothing() -> None:
    hear({"stage": "Enrolled"}, "created", occurred_at=APRIL)
    change = hear({"stage": "Lead"}, occurred_at=MARCH)
    assert change is not None
    assert change.stale
    assert Contact.objects.get().fields == {"stage": "Enrolled"}


def test_a_deleted_record_is_marked() -> None:
    hear({"stage": "Lead"}, "created")
    hear({}, "deleted", complete=False)
    assert Contact.objects.get().deleted


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"first_name": "Ana", "last_name": "Lopez"}, "Ana Lopez"),
        ({"FIRST_NAME": "Ana"}, "Ana"),
        ({"TITLE": "Call back"}, "Call back"),
        ({"email": "ana@harbour.example"}, "ana@harbour.example"),
        ({"x": 1}, "Contact 7"),
    ],
)
def test_a_record_is_called_by_its_name(fields: dict[str, Any], name: str) -> None:
    hear(fields, "created")
    assert str(Contact.objects.get()) == name


def test_what_no_database_stores_is_replaced_and_noted() -> None:
    change = hear({"stage": "a\x00b"}, "created")
    assert change is not None
    assert Contact.objects.get().fields == {"stage": "a\ufffdb"}
    assert change.notes
