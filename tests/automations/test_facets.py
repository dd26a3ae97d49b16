"""Lists are filtered by what the usual fields say, and offer only what there is."""

from typing import Any

import pytest

from automations import engine, facets, matching
from automations.changes import RecordUpdate
from automations.models import Record, System
from automations.records import Heard


@pytest.mark.parametrize(
    ("fields", "facet", "expected"),
    [
        ({"stage": "Lead"}, "stage", "Lead"),
        ({"STATUS": " NOT STARTED "}, "status", "NOT STARTED"),
        ({"Campaign": 7}, "campaign", "7"),
        ({"lead_status": "Open", "status": ""}, "status", "Open"),
        ({"lead_status": "Open", "status": "Won"}, "status", "Won"),
        ({"stage": {"id": 1}}, "stage", ""),
        ({"stage": None}, "stage", ""),
        ({"stage": "x" * 300}, "stage", "x" * 100),
        ({}, "stage", ""),
    ],
)
def test_a_facet_is_read_from_the_usual_fields(fields: dict[str, Any], facet: str, expected: str) -> None:
    assert facets.read(fields, facet) == expected


@pytest.fixture
def heard(db: None) -> Heard:
    return Heard(System.objects.create(name="Harbour CRM").pk, "Leads")


def tell(heard: Heard, which: str, **fields: Any) -> None:
    update = RecordUpdate("Contact", which, "", fields, complete=True, changes=None)
    engine.handle(update, heard, matching.rules())


def test_a_record_remembers_its_facets_and_where_it_was_first_heard_of(heard: Heard) -> None:
    tell(heard, "7", stage="Lead", campaign="Spring")
    tell(Heard(heard.system_id, "Insites"), "7", stage="Enrolled")
    record = Record.objects.get()
    assert (record.stage, record.status, record.campaign, record.source) == ("Enrolled", "", "", "Leads")


def test_the_values_in_use_are_offered_once_and_in_order(heard: Heard) -> None:
    for which, stage in enumerate(["Lead", "Enrolled", "Lead", ""]):
        tell(heard, str(which), stage=stage)
    assert facets.choices("Contact", "stage") == ["Enrolled", "Lead"]
    assert facets.choices("Contact", "source") == ["Leads"]
    assert facets.choices("Company", "stage") == []


def test_no_more_values_are_offered_than_a_person_can_choose_from(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facets, "CHOICES", 2)
    for which in range(4):
        tell(heard, str(which), stage=f"Stage {which}")
    assert facets.choices("Contact", "stage") == ["Stage 0", "Stage 1"]


def test_only_what_has_an_index_can_be_asked_for() -> None:
    with pytest.raises(ValueError, match="name"):
        facets.choices("Contact", "name")
