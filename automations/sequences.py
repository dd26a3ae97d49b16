"""Steps of a rule that are done later: when each is due, what stops them, and what a second trigger does to them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from automations import rechecks, sensitive, timing
from automations.matching import CompiledRule
from automations.models import Action, Change, Rule, Run
from automations.models.runs import PENDING
from automations.steps import Step
from automations.timing import Due
from automations.verdicts import amend
from webhooks_out.jobs import Job, Outcome, cancelled

LOOK = 60.0  # seconds at most until a step looks again whether the re-check before it is over
KEPT = "its later steps were not made again: those of an earlier change are pending"
RESTARTED = "Started anew: the rule fired again for this record."
REPLACED = "its later steps were replaced by those of the next change"

RuleStep = tuple[CompiledRule, Step]
Judged = tuple[Change, list[RuleStep]]


def timed(
    change: Change, steps: Iterable[RuleStep], now: datetime
) -> Iterator[tuple[CompiledRule, Step, Due]]:
    """Each step with its time; none behind a re-check is due before that is."""
    checks: dict[int, datetime] = {}
    for rule, step in steps:
        due = timing.due(step.timing, change.fields, now, rule.zone)
        if due.at:
            due = replace(due, at=max(due.at, checks.get(rule.rule_id, due.at)))
            if step.kind == Action.Kind.RECHECK and due.at:
                checks[rule.rule_id] = due.at
        yield rule, step, due


def without_pending(judged: Sequence[Judged]) -> list[Judged]:
    """Without later steps of which some are pending for the same rule and record; rules that restart cancel those.

    At most one query for all, and one statement for each restart. Needs an open transaction.
    """
    pending = _pending(judged)
    made: dict[tuple[int, int], int] = {}
    kept: list[Judged] = []
    for change, steps in judged:
        left = steps
        for rule in {rule.rule_id: rule for rule, step in steps if step.later}.values():
            pair = (rule.rule_id, change.record_id)
            if pair not in pending and pair not in made:
                made[pair] = len(kept)
            elif rule.again == Rule.Again.KEEP:
                left = _without_later(left, rule)
                amend(change, rule.rule_id, KEPT)
            else:
                _drop(kept, made.get(pair), rule)
                _cancel(change, rule)
                made[pair] = len(kept)
        kept.append((change, left))
    return kept


def stopped(run: Run) -> Outcome | None:
    """Why a run that has come due is not to be done now, or None."""
    if run.position and (check := _check_before(run)):
        wait = (check.planned_at - timezone.now()).total_seconds()
        return Outcome(
            Job.State.WAITING,
            "Waits for the re-check before it.",
            min(max(wait, 1.0), LOOK),
            {"attempts": F("attempts") - 1},
        )
    if run.rule is None or run.planned_at <= run.created_at:
        return None
    return exit_of(run, partial(unmet, run))


def exit_of(run: Run, still_unmet: Callable[[], str]) -> Outcome | None:
    """What the exit condition of its rule makes of a later step, or None; the conditions are asked only if need be."""
    stops, reason = run.rule.stops if run.rule else Rule.Stops.NEVER, ""
    if stops == Rule.Stops.UNMET:
        reason = still_unmet()
    elif stops == Rule.Stops.LEFT:
        reason = rechecks.left(run.change.fields, run.record.fields)
    return cancelled(f"Stopped: {reason}.") if reason else None


def pending(rule_id: int, record_id: int) -> int:
    """How many later steps of a rule are pending for a record, for whatever change."""
    return Run.objects.filter(_LATER, rule=rule_id, record=record_id).count()


def unmet(run: Run) -> str:
    """The conditions of the run's rule that the record no longer meets, in words, or ""."""
    if run.rule is None:
        return "the rule was deleted"
    now = timezone.now().astimezone(timing.zone(run.rule.time_zone))
    rows = [condition.row() for condition in run.rule.conditions.all()]
    return rechecks.unmet(rows, run.record.fields, now, sensitive.known().mask)


def cancel_rest(run: Run, reason: str) -> int:
    """Cancels the steps behind this one that are pending; how many."""
    rest = Run.objects.filter(change=run.change_id, rule=run.rule_id, position__gt=run.position)
    return _cancelled(rest.filter(PENDING), reason)


def _pending(judged: Iterable[Judged]) -> set[tuple[int, int]]:
    """The pairs of rule and record with later steps that are pending for another change."""
    asked = [(rule.rule_id, change) for change, steps in judged for rule, step in steps if step.later]
    if not asked:
        return set()
    rules, records = {rule for rule, _ in asked}, {change.record_id for _, change in asked}
    found = Run.objects.filter(_LATER, rule__in=rules, record__in=records)
    ours = found.exclude(change__in={change.pk for _, change in asked})
    return set(ours.order_by().values_list("rule_id", "record_id").distinct())


_LATER = PENDING & Q(planned_at__gt=F("created_at"))


def _drop(kept: list[Judged], index: int | None, rule: CompiledRule) -> None:
    """Takes the later steps from a change of the same transaction, which has no runs yet."""
    if index is not None:
        change, steps = kept[index]
        amend(change, rule.rule_id, REPLACED)
        kept[index] = (change, _without_later(steps, rule))


def _cancel(change: Change, rule: CompiledRule) -> None:
    former = Run.objects.filter(_LATER, rule=rule.rule_id, record=change.record_id)
    _cancelled(former.exclude(change=change.pk), RESTARTED)


def _cancelled(runs: QuerySet[Run], reason: str) -> int:
    return runs.update(
        state=Job.State.CANCELLED,
        due_at=None,
        braked_due_at=None,
        settled_at=Now(),
        reason=reason[:500],
        token="",
    )


def _without_later(steps: Iterable[RuleStep], rule: CompiledRule) -> list[RuleStep]:
    return [(one, step) for one, step in steps if one.rule_id != rule.rule_id or not step.later]


def _check_before(run: Run) -> Run | None:
    """The re-check of the same rule and change that is not over and stands before this step."""
    unsettled = PENDING | Q(state=Job.State.RUNNING)
    before = Run.objects.filter(change=run.change_id, rule=run.rule_id, position__lt=run.position)
    return before.filter(unsettled, kind=Action.Kind.RECHECK).order_by("-planned_at").first()
