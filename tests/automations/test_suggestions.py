"""Nobody has to guess a name: what was heard lately is offered."""

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from automations import suggestions
from automations.models import Change, Record, System


@pytest.fixture
def ana(db: None) -> Record:
    crm = System.objects.create(name="Harbour CRM")
    fields = {"stage": "", "email": "ana@harbour.example", "debts": [{"sum": 5}]}
    return Record.objects.create(system=crm, type="Contact", external_id="7", fields=fields)


def test_fields_come_from_recent_records_with_an_example(ana: Record) -> None:
    Record.objects.create(system=ana.system, type="Contact", external_id="8", fields={"stage": "Lead"})
    Record.objects.create(system=ana.system, type="Company", external_id="8", fields={"revenue": 1})
    assert suggestions.fields("Contact") == {
        "debts.0.sum": "5",
        "email": "ana@harbour.example",
        "stage": "Lead",
    }


def test_types_and_events_are_the_usual_ones_and_those_heard(ana: Record) -> None:
    Change.objects.create(record=ana, event="payment.returned")
    types, events = suggestions.heard()
    assert suggestions.types(types) == ["Company", "Contact", "Task"]
    assert suggestions.events(events)[-1] == "payment.returned"
    assert suggestions.events(events)[0] == "created or updated"


def test_a_named_event_is_remembered_for_good(ana: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    for event in ("payment.returned", "created", "updated", "document.signed", "payment.returned"):
        Change.objects.create(record=ana, event=event)
    assert suggestions.named_events() == ["document.signed", "payment.returned"]
    monkeypatch.setattr(suggestions, "MAX_EVENTS", 1)
    assert suggestions.named_events() == ["document.signed"]


def test_without_named_events_none_is_offered(ana: Record) -> None:
    Change.objects.create(record=ana, event="created")
    assert suggestions.named_events() == []


def test_named_events_are_found_by_their_index(
    ana: Record, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1) as captured:
        suggestions.named_events()
    statement = captured.captured_queries[0]["sql"]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # the table is empty
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{statement}")
        plan = " ".join(str(row) for row in cursor.fetchall())
    assert "change_named" in plan


def test_before_anything_was_heard_nothing_is_unheard_of(db: None) -> None:
    known = suggestions.known("Contact")
    assert [*known.types, *known.events, *known.fields] == []
