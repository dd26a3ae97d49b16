"""Why a rule did or did not fire: what was kept at the time, and how the other rules would judge it now."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from automations import matching, timing
from automations.matching import CompiledRule, Verdict
from automations.models import Change, Rule
from automations.models.rules import ANY_CHANGE

MAX_RULES = 200  # judged anew for one page
EITHER = ("created", "updated")  # the events that ANY_CHANGE stands for


def kept(change: Change) -> list[Verdict]:
    """The verdicts of the time the change arrived; those that fired first."""
    rows: Iterable[Any] = change.verdicts if isinstance(change.verdicts, list) else ()
    verdicts = [
        Verdict(
            row.get("rule", 0), str(row.get("name", "")), bool(row.get("fired")), str(row.get("words", ""))
        )
        for row in rows
        if isinstance(row, dict)
    ]
    return sorted(verdicts, key=lambda verdict: not verdict.fired)


def others(change: Change, now: datetime) -> list[Verdict]:
    """How rules of the same type and event without a kept verdict judge the change as they are now. Two queries.

    Those that were ruled out by the index, written since, or switched off.
    """
    if change.stale:
        return []
    asked = [verdict.rule_id for verdict in kept(change)]
    event = Q(event=change.event) | (Q(event=ANY_CHANGE) if change.event in EITHER else Q())
    rules = Rule.objects.filter(event, record_type=change.record.type).exclude(pk__in=asked)
    rules = rules.select_related("system").prefetch_related("conditions").order_by("name")
    return [_now(rule, change, now) for rule in rules[:MAX_RULES]]


def _now(rule: Rule, change: Change, now: datetime) -> Verdict:
    if not rule.active:
        return _no(rule, "it is switched off")
    if rule.system_id not in (None, change.record.system_id):
        return _no(rule, f"it is for records of {rule.system} only")
    if rule.source not in ("", change.source):
        return _no(rule, f"it is for what comes from “{rule.source}” only")
    verdict = matching.verdict(_compiled(rule), change, now)
    if verdict.fired:
        return Verdict(
            rule.pk, rule.name, fired=True, words="would fire now; it did not exist like this then"
        )
    return verdict


def _no(rule: Rule, reason: str) -> Verdict:
    return Verdict(rule.pk, rule.name, fired=False, words=f"does not fire: {reason}")


def _compiled(rule: Rule) -> CompiledRule:
    """The rule as the evaluator reads it; its actions are not asked about."""
    return CompiledRule(
        rule_id=rule.pk,
        name=rule.name,
        record_type=rule.record_type,
        event=rule.event,
        system_id=rule.system_id,
        monitor=rule.monitor,
        rows=tuple(condition.row() for condition in rule.conditions.all()),
        steps=(),
        zone=timing.zone(rule.time_zone),
    )
