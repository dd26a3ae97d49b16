"""Each rule that could have fired says why it did not."""

from datetime import UTC, datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from automations.explanations import others
from automations.models import Change, Condition, Record, Rule, System
from automations.sensitive import Sensitive

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, tzinfo=UTC)


@pytest.fixture
def change() -> Change:
    """Ana became a lead."""
    crm = System.objects.create(name="Harbour CRM")
    ana = Record.objects.create(system=crm, type="Contact", external_id="7")
    return Change(record=ana, event="updated", diff={"stage": ["", "Lead"]}, fields={"stage": "Lead"})


def rule(name: str, value: str = "Lead", **options: object) -> Rule:
    made = Rule.objects.create(name=name, monitor="every", **options)
    Condition.objects.create(rule=made, field="stage", value=value)
    return made


def test_rules_without_a_kept_verdict_are_judged_as_they_are_now(change: Change) -> None:
    there = rule("there at the time")
    rule("failing", value="Enrolled")
    rule("written since")
    rule("asleep", active=False)
    rule("elsewhere", system=System.objects.create(name="HubSpot"))
    rule("imports", source="A file")
    rule("companies", record_type="Company")
    rule("deletions", event="deleted")
    change.verdicts = [{"rule": there.pk, "name": there.name, "fired": True, "words": "fired"}]
    assert {verdict.name: verdict.words for verdict in others(change, NOW, Sensitive())} == {
        "asleep": "does not fire: it is switched off",
        "elsewhere": "does not fire: it is for records of HubSpot only",
        "failing": "did not fire: stage was 'Lead', wanted 'Enrolled'",
        "imports": "does not fire: it is for what comes from “A file” only",
        "written since": "would fire now; it did not exist like this then",
    }


def test_a_stale_change_is_explained_by_being_stale(change: Change) -> None:
    rule("any")
    change.stale = True
    assert others(change, NOW, Sensitive()) == []


def test_explaining_costs_the_same_for_two_rules_and_for_twenty(
    change: Change, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (2, 20):
        for number in range(count):
            rule(f"{count}-{number}")
        with django_assert_num_queries(2):
            others(change, NOW, Sensitive())
