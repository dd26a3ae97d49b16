"""Which rules fire for a change, what the others say, and that the index leaves nobody out."""

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from automations import loops, matching
from automations.changes import UNKNOWN
from automations.conditions import Row
from automations.matching import CompiledRule, RuleSet, verdict
from automations.models import Change, Record, Rule
from automations.timing import Timing
from tests.world import make_rule, make_webhook
from webhooks_out import definitions

NOW = timezone.now()


def rule(*rows: tuple[str, str, str], rule_id: int = 1, **options: Any) -> CompiledRule:
    """A rule whose conditions must all hold."""
    ordinary = {"name": "Rule", "record_type": "Contact", "event": "created or updated", "system_id": None}
    compiled = tuple(Row(1, field, operator, value) for field, operator, value in rows)
    return CompiledRule(
        **{"rule_id": rule_id, "monitor": "every", "rows": compiled, "steps": ()} | ordinary | options
    )


def change(fields: dict[str, Any], diff: dict[str, Any] | None = None, **options: Any) -> Change:
    """A change of a contact, not stored."""
    record = Record(type=options.pop("type", "Contact"), system_id=1, external_id="7")
    ordinary = {"event": "updated", "changes_source": "derived"}
    return Change(record=record, fields=fields, diff=diff or {}, **ordinary | options)


def fired(rules: list[CompiledRule], happened: Change) -> set[int]:
    judged = RuleSet(rules, {}).judge(happened, NOW)
    return {one.rule_id for one, said in judged if said.fired}


ENROLLED = change({"stage": "Enrolled", "city": "Bath"}, {"stage": ["Lead", "Enrolled"]})


@pytest.mark.parametrize(
    ("compiled", "happened", "fires"),
    [
        (rule(), ENROLLED, True),
        (rule(event="created"), ENROLLED, False),
        (rule(event="updated"), ENROLLED, True),
        (rule(record_type="Company"), ENROLLED, False),
        (rule(system_id=1), ENROLLED, True),
        (rule(system_id=2), ENROLLED, False),
        (rule(source="Leads"), change({}, source="Leads"), True),
        (rule(source="Leads"), change({}, source="Payments"), False),
        (rule(source="Leads"), change({}), False),
        (rule(("stage", "equals", "Enrolled")), ENROLLED, True),
        (rule(("stage", "equals", "Lead")), ENROLLED, False),
        (rule(event="payment.returned"), change({}, event="payment.returned"), True),
        (rule(), change({}, stale=True), False),
        (rule(), change({}, hops=loops.MAX_HOPS + 1), False),
    ],
)
def test_a_rule_fires_for_what_it_names(compiled: CompiledRule, happened: Change, fires: bool) -> None:
    assert bool(fired([compiled], happened)) is fires


STARTS = {"monitor": Rule.Monitor.STARTS}
MOVED = change({"address": {"city": "York"}}, {"address": [None, {"city": "York"}]})
ONLY_CITY = change({"stage": "Enrolled", "city": "York"}, {"city": ["Bath", "York"]})


@pytest.mark.parametrize(
    ("happened", "fires"),
    [
        (ENROLLED, True),
        (ONLY_CITY, False),
        (change({"stage": "Enrolled"}, {"stage": [UNKNOWN, "Enrolled"]}), True),
        (change({"stage": "Enrolled"}, event="created"), True),
        (change({"stage": "Enrolled"}, changes_source="unknown"), False),
    ],
)
def test_start_to_hold_means_they_did_not_hold_before(happened: Change, fires: bool) -> None:
    assert bool(fired([rule(("stage", "equals", "Enrolled"), **STARTS)], happened)) is fires


@pytest.mark.parametrize(
    ("compiled", "happened", "words"),
    [
        (
            rule(("stage", "equals", "Enrolled")),
            change({"stage": "Lead"}),
            "did not fire: stage was 'Lead', wanted 'Enrolled'",
        ),
        (
            rule(("stage", "equals", "Enrolled"), **STARTS),
            ONLY_CITY,
            "did not fire: its conditions already held before this change",
        ),
        (rule(), ENROLLED, "fired"),
    ],
)
def test_a_verdict_is_in_words(compiled: CompiledRule, happened: Change, words: str) -> None:
    assert verdict(compiled, happened, NOW).words == words


def test_the_index_leaves_nobody_out() -> None:
    several = [
        rule(("stage", "equals", "Enrolled"), rule_id=1),
        rule(("stage", "changed_to", "Enrolled"), rule_id=2),
        rule(("stage", "equals", "enrolled"), rule_id=3, **STARTS),
        rule(("stage", "in_list", "Lead, Enrolled"), rule_id=4),
        rule(("city", "starts_with", "B"), rule_id=5),
        rule(rule_id=6),
    ]
    nested = rule(("address.city", "changed", ""), rule_id=7)
    assert fired([nested], MOVED) == {7}
    others = [rule((f"field_{n}", "equals", "x"), rule_id=100 + n) for n in range(matching.EXPLAIN_ALL)]
    assert fired(several + others, ENROLLED) == fired(several, ENROLLED) == {1, 2, 3, 4, 5, 6}
    assert fired([nested, *others], MOVED) == {7}


@pytest.mark.parametrize(
    ("operator", "options"), [("equals", {}), ("equals", STARTS), ("changed_to", {}), ("changed_to", STARTS)]
)
def test_many_rules_that_cannot_apply_are_not_looked_at(
    monkeypatch: pytest.MonkeyPatch, operator: str, options: dict[str, Any]
) -> None:
    looked: list[int] = []
    monkeypatch.setattr(matching, "verdict", lambda one, *_: looked.append(one.rule_id))
    others = [rule(("stage", operator, f"Stage {n}"), rule_id=100 + n, **options) for n in range(1000)]
    index = RuleSet([rule(("stage", operator, "Enrolled"), **options), *others], {})
    index.judge(ENROLLED, NOW)
    assert looked == [1]


def test_before_is_the_record_with_the_change_undone() -> None:
    happened = change(
        {"stage": "Enrolled", "address": {"city": "York"}},
        {"stage": [UNKNOWN, "Enrolled"], "address.city": ["Bath", "York"]},
    )
    assert matching.before(happened) == {"stage": None, "address": {"city": "Bath"}}
    assert happened.fields["address"] == {"city": "York"}


@pytest.mark.django_db
def test_rules_are_loaded_once_per_version(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_rule(make_webhook("http://127.0.0.1/"), delay=3)
    definitions.touch()
    loaded = matching.rules()
    with django_assert_num_queries(1):
        assert matching.rules() is loaded
    definitions.touch()
    assert matching.rules() is not loaded


@pytest.mark.django_db
def test_a_compiled_rule_needs_no_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_rule(make_webhook("http://127.0.0.1/", pairs={"a": "b"}), ("stage", "equals", "x"), delay=3)
    rules = matching.rules()
    with django_assert_num_queries(0):
        ((compiled, _),) = rules.judge(change({"stage": "x"}), NOW)
    assert compiled.steps[0].timing == Timing(count=3, unit="minutes")
    assert compiled.steps[0].definition is not None


@pytest.mark.parametrize(("ordinary", "expected"), [(False, {2}), (True, {1, 2})])
@pytest.mark.parametrize("event", ["created", "updated"])
def test_what_is_imported_starts_rules_for_imports_and_others_if_wanted(
    event: str, ordinary: bool, expected: set[int]
) -> None:
    rules = RuleSet([rule(rule_id=1), rule(rule_id=2, event="imported")], {})
    judged = rules.of_imports(ordinary=ordinary).judge(change({}, event=event), NOW)
    assert {one.rule_id for one, said in judged if said.fired} == expected
    assert {one.rule_id for one, _ in rules.judge(change({}, event=event), NOW)} == {1}
