"""Records stored by an earlier version are found and filtered like new ones."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from automations.models import Change, Identifier, Record, System

migration = import_module("automations.migrations.0005_known_records")


@pytest.mark.django_db
def test_records_that_were_there_are_found_and_filtered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration, "CHUNK", 2)
    crm = System.objects.create(name="Harbour CRM")
    old = [_stored(crm, number) for number in range(5)]
    for _ in range(2):  # cut short, it is run again
        migration.fill(apps, _Editor())
    assert Identifier.objects.filter(kind="email", value__startswith="ana").count() == len(old)
    assert Identifier.objects.count() == 3 * len(old)
    facts = set(Record.objects.values_list("stage", "status", "campaign", "source"))
    assert facts == {("Lead", "", "Spring", "Leads")}


class _Editor:
    connection = connection


def _stored(crm: System, number: int) -> Record:
    fields = {
        "email": f"ana{number}@harbour.example",
        "phone": "555 010 7788",
        "stage": "Lead",
        "campaign": "Spring",
    }
    record = Record.objects.create(
        system=crm, type="Contact", external_id=str(number), name="Ana", fields=fields
    )
    for source in ("Leads", "Insites"):
        Change.objects.create(record=record, event="updated", source=source)
    return record
