"""Nobody has to guess a name: what was heard lately is offered."""

import pytest

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


def test_before_anything_was_heard_nothing_is_unheard_of(db: None) -> None:
    known = suggestions.known("Contact")
    assert [*known.types, *known.events, *known.fields] == []
