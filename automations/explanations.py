"""Why a rule did or did not fire: what was kept at the time, and how rules would judge it now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, prefetch_related_objects
from django.utils import timezone
from django.utils.formats import date_format

from automations import matching
from automations.matching import CompiledRule
from automations.models import Change, OnceKey, Rule
from automations.models.rules import ANY_CHANGE
from automations.sensitive import Sensitive
from automations.verdicts import FIRED_BEFORE, NO, Verdict, kept, of_rule, once_key

MAX_RULES = 200  # judged anew for one page
EITHER = ("created", "updated")  # the events that ANY_CHANGE stands for
NOT_LIKE_THIS = (
    "it was changed or switched on since, or the import that brought the record starts no such rules"
)

Spent = Mapping[str, UUID | None]  # by the key of a rule that fires once per record, the change it fired for


@dataclass(frozen=True)
class Told:
    """What one rule made of a change. `then`: None when it was not looked at, and `why_not` says why.

    `now`: how it judges the same change as it is now, None when that is the same.
    """

    then: Verdict | None
    why_not: str = ""
    now: Verdict | None = None


@dataclass(frozen=True)
class _Seen:
    """What is asked for once for all judgements of a page."""

    spent: Spent
    hidden: Sensitive


def others(change: Change, now: datetime, hidden: Sensitive) -> list[Verdict]:
    """How rules of the same type and event without a kept verdict judge the change as they are now. A query or three.

    Those that were ruled out by the index, written since, or switched off.
    """
    if change.stale:
        return []
    asked = [verdict.rule_id for verdict in kept(change)]
    event = Q(event=change.event) | (Q(event=ANY_CHANGE) if change.event in EITHER else Q())
    rules = Rule.objects.filter(event, record_type=change.record.type).exclude(pk__in=asked)
    listed = rules.select_related("system").prefetch_related("conditions").order_by("name")[:MAX_RULES]
    spent = _spent([(rule, change) for rule in listed])
    return [_of_another(rule, change, now, _Seen(spent, hidden)) for rule in listed]


def about(rule: Rule, changes: Sequence[Change], hidden: Sensitive) -> list[Told]:
    """What the rule made of each of the changes, whatever record they are of. Three queries at most.

    Judged once more as of the moment the change came.
    """
    prefetch_related_objects([rule], "conditions", "system")
    spent = _spent([(rule, change) for change in changes])
    return [_told(rule, change, _Seen(spent, hidden)) for change in changes]


def refusal(rule: Rule, compiled: CompiledRule, change: Change, now: datetime) -> str:
    """Why a rule, stored or not, would not fire for such a change, were it switched on; "" if it would."""
    if reason := unasked(rule, change):
        return reason
    return matching.verdict(compiled, change, now).reason


def unasked(rule: Rule, change: Change) -> str:
    """Why a rule, were it switched on, would not even be looked at for such a change; "" if it would."""
    if change.stale:
        return "this update was older than what was known already, and no rule answers such"
    if rule.record_type != change.record.type:
        return f"it is for records of the type {rule.record_type}, and this is a {change.record.type}"
    if change.event not in (EITHER if rule.event == ANY_CHANGE else (rule.event,)):
        kept = ", and which changes came from a file is not kept" if rule.event == matching.IMPORTED else ""
        return f"it answers “{rule.event}”, and this was “{change.event}”{kept}"
    if rule.system and rule.system_id != change.record.system_id:
        return f"it is for records of {rule.system} only"
    if rule.source not in ("", change.source):
        return f"it is for what comes from “{rule.source}” only"
    return ""


def _told(rule: Rule, change: Change, seen: _Seen) -> Told:
    then = of_rule(rule.pk, change.verdicts)
    judged = _now(rule, change, change.created_at, seen)
    if then is None:
        return Told(None, f"It was not looked at, because {_why_not(rule, change, judged)}.")
    same = judged.fired if then.fired else judged.words.startswith(then.words.removesuffix("…"))
    # What it was asked about came from an import, which its event does not say.
    return Told(then, now=None if same or rule.event == matching.IMPORTED else judged)


def _why_not(rule: Rule, change: Change, judged: Verdict) -> str:
    if reason := _barred(rule, change):
        return reason
    if rule.created_at > change.created_at:
        written = date_format(timezone.localtime(rule.created_at), "j M Y H:i")
        would = "would fire" if judged.fired else f"would not fire: {judged.reason}"
        return f"it was written later, on {written}; as it is now, it {would}"
    return (
        f"{NOT_LIKE_THIS}; as it is now, it would fire"
        if judged.fired
        else f"it could not fire: {judged.reason}"
    )


def _of_another(rule: Rule, change: Change, now: datetime, seen: _Seen) -> Verdict:
    verdict = _now(rule, change, now, seen)
    if not verdict.fired:
        return verdict
    return Verdict(rule.pk, rule.name, fired=True, words="would fire now; it did not exist like this then")


def _now(rule: Rule, change: Change, now: datetime, seen: _Seen) -> Verdict:
    """Judged by the rule as it is now."""
    if reason := _barred(rule, change):
        return Verdict(rule.pk, rule.name, fired=False, words=f"does not fire: {reason}")
    compiled = matching.compiled(rule, rule.conditions.all(), (), seen.hidden.mask)
    verdict = matching.verdict(compiled, change, now)
    # A rule that fires once per record did so for the change that claimed its key.
    if verdict.fired and seen.spent.get(once_key(rule.pk, change.record_id), change.pk) != change.pk:
        return Verdict(rule.pk, rule.name, fired=False, words=f"{NO}{FIRED_BEFORE}")
    return verdict


def _barred(rule: Rule, change: Change) -> str:
    return unasked(rule, change) or ("" if rule.active else "it is switched off")


def _spent(pairs: Iterable[tuple[Rule, Change]]) -> Spent:
    """What was claimed for the records by rules that fire once per record. One query, none without such a rule."""
    once = (pair for pair in pairs if pair[0].monitor == Rule.Monitor.ONCE)
    keys = {once_key(rule.pk, change.record_id) for rule, change in once}
    live = OnceKey.objects.filter(key__in=keys, voided_at__isnull=True)
    return dict(live.values_list("key", "change_id")) if keys else {}
