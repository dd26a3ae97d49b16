"""What a rule made of the newest changes is found among so many of them, and what it did not look at is explained."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automations import judgements
from automations.judgements import FIRED, HELD, SILENT, about, newest
from automations.models import Change, Record, Rule, Run, System
from tests.automations.actions.acting import rule_that, tell
from webhooks_out import definitions

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule() -> Rule:
    """Whoever is a lead is welcomed."""
    return rule_that("notify_staff", ("stage", "equals", "Lead"))


def change(rule: Rule, **options: Any) -> Change:
    """A change that came just now, of a contact unless said otherwise."""
    system, _ = System.objects.get_or_create(name=options.pop("system", "Harbour CRM"))
    kind, fields = options.pop("type", "Contact"), options.get("fields", {"stage": "Lead"})
    record = Record.objects.create(system=system, type=kind, external_id="1", fields=fields)
    said: dict[str, Any] = {"event": "updated", "fields": fields, "source": "A file"}
    return Change.objects.create(record=record, **said | options)


def why_not(rule: Rule, change: Change) -> str:
    (found,) = about(rule, str(change.pk)).judgements
    assert found.told.then is None
    return found.told.why_not


def states(page: judgements.Page) -> list[str]:
    return [one.state for one in page.judgements]


def test_the_newest_come_first_and_are_filtered_by_what_became_of_them(rule: Rule) -> None:
    for stage in ("Lead", "Enrolled", "Left"):
        tell(stage=stage)
    assert states(newest(rule)) == [SILENT, SILENT, FIRED]
    assert states(newest(rule, SILENT)) == [SILENT, SILENT]
    (fired,) = newest(rule, FIRED).judgements
    assert [run.kind for run in fired.runs] == ["notify_staff"]


def test_what_the_brake_holds_is_held_back(rule: Rule) -> None:
    Rule.objects.update(brake_runs=1)
    definitions.touch()
    tell("7", stage="Lead")
    tell("8", stage="Lead")
    (held,) = newest(rule, HELD).judgements
    assert (held.change.record.external_id, held.state) == ("8", HELD)
    assert "Held by the brake" in held.runs[0].reason
    assert states(newest(rule)) == [HELD, FIRED]


def test_other_rules_and_other_types_are_no_part_of_it(rule: Rule) -> None:
    other = rule_that("notify_staff", name="Other", of="Company")
    tell("7", "Company", stage="Lead")
    assert newest(rule).judgements == []
    assert len(newest(other).judgements) == 1


def test_it_looks_no_further_than_it_says_and_can_go_on(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judgements, "LOOK", 4)
    for number in range(6):
        tell(str(number), stage="Lead" if not number else "Left")
    first = newest(rule, FIRED)
    assert (first.looked, first.judgements, first.since is not None) == (4, [], True)
    second = newest(rule, FIRED, first.older)
    assert (second.looked, states(second), second.older) == (2, [FIRED], None)


def test_changes_of_other_types_end_the_look_too(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judgements, "SPAN", 3)
    tell("1", stage="Lead")
    for number in range(4):
        tell(str(number), "Task", stage="Lead")
    first = newest(rule)
    assert (first.looked, first.judgements) == (0, [])
    assert states(newest(rule, "", first.older)) == [FIRED]


def test_a_full_page_goes_on_where_it_ended(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judgements, "PAGE", 2)
    for number in range(3):
        tell(str(number), stage="Lead")
    first = newest(rule)
    assert (len(first.judgements), len(newest(rule, "", first.older).judgements)) == (2, 1)
    searched = about(rule, "Nobody")
    assert searched.judgements == []


def test_it_costs_the_same_for_two_changes_and_for_twenty(rule: Rule) -> None:
    counted = []
    for count in (2, 20):
        for number in range(count):
            tell(f"{count}-{number}", stage="Lead")
        again = Rule.objects.get()
        with CaptureQueriesContext(connection) as captured:
            assert len(newest(again).judgements) >= count
        counted.append(len(captured))
    assert counted[0] == counted[1]


@pytest.mark.parametrize(
    ("how", "change_is", "words"),
    [
        ({}, {"type": "Company"}, "it is for records of the type Contact, and this is a Company"),
        ({}, {"event": "deleted"}, "it answers “created or updated”, and this was “deleted”"),
        ({"source": "Insites"}, {}, "it is for what comes from “Insites” only"),
        ({"active": False}, {}, "it is switched off"),
        ({}, {"stale": True}, "this update was older than what was known already"),
        ({}, {"fields": {"stage": "Left"}}, "it could not fire: stage was 'Left', wanted 'Lead'"),
        ({}, {}, "it was changed or switched on since"),
        ({}, {"quiet": True}, "it could not fire: an action of a rule made this change"),
    ],
)
def test_a_change_it_did_not_look_at_says_why(
    rule: Rule, how: dict[str, Any], change_is: dict[str, Any], words: str
) -> None:
    Rule.objects.update(**how)
    rule.refresh_from_db()
    assert why_not(rule, change(rule, **change_is)).startswith(f"It was not looked at, because {words}")


def test_another_system_is_named(rule: Rule) -> None:
    rule.system = System.objects.create(name="HubSpot")
    rule.save()
    assert "it is for records of HubSpot only" in why_not(rule, change(rule))


def test_a_rule_that_was_written_later_says_so() -> None:
    came = timezone.now()
    rule = rule_that("notify_staff", ("stage", "equals", "Lead"))
    words = why_not(rule, change(rule, created_at=came))
    assert "it was written later, on " in words
    assert words.endswith("as it is now, it would fire.")


def test_a_record_is_found_by_its_name_and_told_what_differs_now(rule: Rule) -> None:
    tell("8", first_name="Bo", stage="Lead")
    tell("7", first_name="Ana", stage="Lead")
    (one,) = about(rule, "ana").judgements
    assert (one.state, one.told.now) == (FIRED, None)
    rule.conditions.update(value="Left")
    (one,) = about(rule, "ana").judgements
    assert one.now == "it would not fire: stage was 'Lead', wanted 'Left'"


def test_a_rule_that_fires_once_per_record_is_judged_by_that_too(rule: Rule) -> None:
    Rule.objects.update(monitor="once")
    definitions.touch()
    rule.refresh_from_db()
    tell(first_name="Ana", stage="Lead")
    tell(first_name="Ana", stage="Lead", visits=2)
    second, first = about(rule, "Ana").judgements
    assert (first.state, first.told.now) == (FIRED, None)
    assert (second.state, second.told.now) == (SILENT, None)
    assert Run.objects.count() == 1
