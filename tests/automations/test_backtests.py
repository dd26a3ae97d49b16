"""A backtest says how often a rule would have fired for what happened, and what differs from the saved rule."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from automations import backtests
from automations.models import Change, Condition, Rule
from automations.rule_drafts import RuleDraft
from tests.automations.actions.acting import tell
from tests.automations.rehearsal import draft_of, everything, rule_with

pytestmark = pytest.mark.django_db


def changes(stages: str, record_id: str = "7") -> None:
    """A record that goes through these stages, one letter each."""
    for stage in stages:
        tell(record_id, stage=stage)


def rule_for(value: str, **options: str) -> Rule:
    return rule_with(("stage", "changed_to", value), **options)


def entered(rule: Rule, value: str) -> RuleDraft:
    """The rule with another value in its form."""
    condition = Condition(rule=rule, field="stage", operator="in_list", value=value)
    return RuleDraft(rule, (condition,), ())


def test_a_new_rule_is_judged_alone() -> None:
    changes("ABAC")
    found = backtests.run(draft_of(rule_for("A")), None)
    assert (found.looked, len(found.fired), found.compared) == (4, 2, False)
    assert [hit.what for hit in found.fired] == ["updated: stage", "created: stage"]
    assert found.since == Change.objects.earliest("id").created_at


def test_beside_the_saved_rule_it_says_what_is_new_and_what_is_lost() -> None:
    changes("ABCA")
    rule = rule_for("A", event="updated")
    found = backtests.run(entered(rule, "B, C"), draft_of(rule))
    assert (len(found.fired), len(found.new), len(found.lost)) == (2, 2, 1)
    assert found.new[0].words == "stage changed from 'B' to 'C', wanted a change to 'A'"
    assert found.lost[0].words == "stage was 'A', wanted one of B, C"


def test_a_rule_that_fires_once_per_record_counts_the_first_of_each() -> None:
    changes("ABA", "7")
    changes("BA", "8")
    found = backtests.run(draft_of(rule_for("A", monitor="once")), None)
    assert [hit.what for hit in found.fired] == ["updated: stage", "created: stage"]


def test_what_became_later_than_the_first_is_lost_to_who_fires_once() -> None:
    changes("ABA")
    rule = rule_for("A")
    saved = draft_of(rule)
    once = draft_of(rule)
    once.rule.monitor = Rule.Monitor.ONCE
    (lost,) = backtests.run(once, saved).lost
    assert lost.words == "it fired for this record before, and fires once per record"


def test_other_types_and_changes_of_loops_count_for_nothing() -> None:
    tell("9", "Company", stage="A")
    changes("A")
    Change.objects.filter(record__type="Contact").update(hops=9)
    found = backtests.run(draft_of(rule_for("A")), None)
    assert (found.looked, found.fired) == (1, ())


@pytest.mark.parametrize(
    ("limit", "value", "looked", "words"),
    [
        ("MAX_CHANGES", 3, 3, "it looks at 3 at most"),
        ("MAX_READ", 4, 4, "it goes through 4 changes of any type at most"),
        ("SECONDS", 0, 0, "it takes 0 seconds at most"),
        ("MAX_CHANGES", 6, 6, ""),
    ],
)
def test_it_says_how_far_it_looked(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int, looked: int, words: str
) -> None:
    changes("ABABAB")
    monkeypatch.setattr(backtests, "CHUNK", 2)
    monkeypatch.setattr(backtests, limit, value)
    found = backtests.run(draft_of(rule_for("A")), None)
    assert (found.looked, found.ended) == (looked, words)


def test_it_stores_nothing() -> None:
    changes("ABA")
    rule = rule_for("A", monitor="once")
    draft, before = draft_of(rule), everything()
    backtests.run(draft, draft)
    assert everything() == before


def test_many_changes_cost_the_queries_of_few() -> None:
    draft, costs = draft_of(rule_for("A")), []
    for count in (2, 40):
        changes("AB" * count)
        with CaptureQueriesContext(connection) as captured:
            backtests.run(draft, draft)
        costs.append(len(captured))
    assert costs[0] == costs[1] <= 7
