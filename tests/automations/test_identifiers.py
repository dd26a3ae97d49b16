"""Records are known by their names, e-mail addresses, telephones and chosen fields, however these are written."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from automations import engine, identifiers, matching
from automations.changes import RecordUpdate
from automations.identifiers import EMAIL, NAME, PHONE, known_by, normalised
from automations.models import Identifier, Record, System
from automations.records import Heard
from webhooks_out import definitions

PHONE_OF_ANA = "88770105551"  # from the last digit to the first


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("email", " Ana@Harbour.EXAMPLE ", "ana@harbour.example"),
        ("EMAIL_ADDRESS", "Ana@harbour.example", "ana@harbour.example"),
        ("email", "not an address", ""),
        ("email", "@", ""),
        ("email", None, ""),
        ("phone", "+1 (555) 010-7788", PHONE_OF_ANA),
        ("phone", "555.010.7788 ext 9", PHONE_OF_ANA),
        ("homephone", 5550107788, PHONE_OF_ANA),
        ("phone", "0044 20 7946 0958", "859064970244"),
        ("phone", "010-7788", "8877010"),
        ("phone", "911", ""),
        ("phone", "1" * 16, ""),
        ("my_id", " AB  12 ", "ab 12"),
        ("my_id", 42, "42"),
        ("my_id", "\x00", ""),
        ("my_id", "x" * 201, ""),
    ],
)
def test_a_value_is_normalised(kind: str, value: Any, expected: str) -> None:
    assert normalised(kind, value) == expected


@pytest.mark.parametrize(
    "field",
    [
        "email",
        "Email",
        "EMAIL",
        "EMAIL_ADDRESS",
        "emailAddress",
        "Email Address",
        "work_email",
        "secondary_email",
    ],
)
def test_the_usual_fields_hold_addresses(field: str) -> None:
    assert known_by({field: "Ana@harbour.example"}) == {(EMAIL, "ana@harbour.example")}


@pytest.mark.parametrize(
    "field",
    ["phone", "Phone", "cellphone", "homephone", "workphone", "PHONE_MOBILE", "mobile_number", "MobilePhone"],
)
def test_the_usual_fields_hold_telephones(field: str) -> None:
    assert known_by({field: "(555) 010-7788"}) == {(PHONE, PHONE_OF_ANA)}


def test_a_field_may_hold_several_values() -> None:
    known = known_by({"email": ["a@b.example", "c@d.example", {"not": "one"}]})
    assert known == {(EMAIL, "a@b.example"), (EMAIL, "c@d.example")}


def test_a_name_is_known_by_each_of_its_words() -> None:
    known = known_by({}, "Ana  de la Cruz")
    assert known == {(NAME, name) for name in ("ana de la cruz", "de la cruz", "la cruz", "cruz")}


def test_chosen_fields_count_too() -> None:
    known = known_by({"ids": {"ours": "X-1"}, "work_email": ""}, kinds=["ids.ours", "missing"])
    assert known == {("ids.ours", "x-1")}


def said(system: System, which: str = "7", **fields: Any) -> tuple[RecordUpdate, Heard]:
    update = RecordUpdate("Contact", which, "", fields, complete=True, changes=None)
    return update, Heard(system.pk, "Leads")


def kept() -> set[tuple[str, str]]:
    return set(Identifier.objects.values_list("kind", "value"))


@pytest.fixture
def crm(db: None) -> System:
    return System.objects.create(name="Harbour CRM")


def test_what_changes_is_looked_up_anew_and_what_went_is_forgotten(crm: System) -> None:
    rules = matching.rules()
    engine.handle(*said(crm, first_name="Ana", email="old@a.example", phone="555 010 7788"), rules)
    engine.handle(*said(crm, first_name="Ana", email="new@a.example"), rules)
    assert kept() == {(NAME, "ana"), (EMAIL, "new@a.example")}


def test_two_updates_in_one_batch_leave_what_the_second_says(crm: System) -> None:
    engine.handle_all([said(crm, email="a@a.example"), said(crm, email="b@a.example")], matching.rules())
    assert {value for kind, value in kept() if kind == EMAIL} == {"b@a.example"}


def test_an_update_that_says_nothing_of_them_costs_no_statement(crm: System) -> None:
    rules = matching.rules()
    engine.handle(*said(crm, email="a@a.example", stage="Lead"), rules)
    with CaptureQueriesContext(connection) as captured:
        engine.handle(*said(crm, email="a@a.example", stage="Enrolled"), rules)
    assert not [query for query in captured if "identifier" in query["sql"]]


def test_a_batch_costs_the_same_for_two_records_and_for_twenty(crm: System) -> None:
    costs = []
    for count in (2, 20):
        batch = [said(crm, f"{count}-{one}", email=f"{count}.{one}@a.example") for one in range(count)]
        with CaptureQueriesContext(connection) as captured:
            engine.handle_all(batch, matching.rules())
        costs.append(len([query for query in captured if "identifier" in query["sql"]]))
    assert costs == [1, 1]


def test_a_chosen_field_counts_for_records_that_are_there_and_for_new_ones(crm: System) -> None:
    engine.handle(*said(crm, my_id="A1"), matching.rules())
    identifiers.register(crm, "my_id")
    definitions.touch()
    engine.handle(*said(crm, "8", my_id="B2"), matching.rules())
    assert kept() == {("my_id", "a1"), ("my_id", "b2")}
    assert identifiers.kinds() == {crm.pk: ("my_id",)}


@pytest.mark.parametrize("kind", ["email", "phone"])
def test_what_always_counts_is_not_registered(crm: System, kind: str) -> None:
    identifiers.register(crm, kind)
    assert identifiers.kinds() == {}


def test_a_deleted_record_takes_its_identifiers_with_it(crm: System) -> None:
    engine.handle(*said(crm, email="a@a.example"), matching.rules())
    Record.objects.all().delete()
    assert not kept()
