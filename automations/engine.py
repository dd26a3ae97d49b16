"""The heart: one update in, and out of one transaction the change, the verdicts, the runs and the deliveries."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from automations import braking, copies, identifiers, records, sequences
from automations.changes import RecordUpdate
from automations.freezing import freeze
from automations.joining import whole
from automations.matching import CompiledRule, RuleSet
from automations.models import Change, OnceKey, Rule, Run
from automations.records import Heard
from automations.sequences import RuleStep
from automations.steps import Step
from automations.timing import Due
from automations.verdicts import FIRED_BEFORE, NO, Verdict, keep, once_key
from webhooks_out import batches, drains, outbox
from webhooks_out.jobs import Job
from webhooks_out.models import Delivery


def handle(update: RecordUpdate, heard: Heard, rules: RuleSet) -> Change | None:
    """Applies one update and starts what the rules say; None when it told us nothing new."""
    return handle_all([(update, heard)], rules)[0]


def handle_all(said: Sequence[tuple[RecordUpdate, Heard]], rules: RuleSet) -> list[Change | None]:
    """Applies updates in their order and starts what the rules say; None for each that told us nothing new.

    All or nothing: one transaction. Safe to repeat: a change is unique by receipt and item, a run by change and rule.
    """
    now = timezone.now()
    said = [(copies.checked(update), heard) for update, heard in said]
    identities = [(heard.system_id, update.record_type, update.record_id) for update, heard in said]
    with transaction.atomic():
        mirror = records.lock(identities)
        looked = identifiers.look(mirror.values())
        pairs = zip(said, identities, strict=True)
        changes = [
            records.apply(whole(update, mirror[identity].fields), heard, mirror[identity])
            for (update, heard), identity in pairs
        ]
        records.save(mirror.values())
        for (update, heard), identity in zip(said, identities, strict=True):
            if update.documents:
                copies.ask(mirror[identity], update.documents, heard.correlation_id)
        identifiers.keep(looked, rules.kinds)
        new = [change for change in changes if change]
        steps = sequences.without_pending([(change, _judged(change, rules, now)) for change in new])
        batches.insert(new)
        _start(steps, rules, now)
    return changes


def decide(change: Change, rules: RuleSet) -> list[Run]:
    """Judges a stored change once more and starts what it has no run for yet; returns the new runs.

    Needs an open transaction.
    """
    now = timezone.now()
    there = set(change.runs.values_list("rule_id", "position"))
    steps = [pair for pair in _judged(change, rules, now) if (pair[0].rule_id, pair[1].position) not in there]
    started = sequences.without_pending([(change, steps)])
    change.save(update_fields=["verdicts"])
    return _start(started, rules, now)


def _judged(change: Change, rules: RuleSet, now: datetime) -> list[RuleStep]:
    """Gives the change its verdicts; returns every step of the rules that fire."""
    judged = [_once(rule, verdict, change) for rule, verdict in rules.judge(change, now)]
    keep(change, [verdict for _, verdict in judged])
    return [(rule, step) for rule, verdict in judged if verdict.fired for step in rule.steps]


def _once(rule: CompiledRule, verdict: Verdict, change: Change) -> tuple[CompiledRule, Verdict]:
    """For a rule that fires once per record: claims its key, or says that it was claimed before."""
    if not verdict.fired or rule.monitor != Rule.Monitor.ONCE:
        return rule, verdict
    key = once_key(rule.rule_id, change.record_id)
    if OnceKey.objects.filter(key=key, voided_at__isnull=True).exists():
        return rule, replace(verdict, fired=False, words=f"{NO}{FIRED_BEFORE}")
    # The record is locked, so nobody else can claim the key between the look and the claim.
    what = f"Rule: {rule.name}"[:200]
    OnceKey.objects.create(key=key, change=change, record=change.record, what=what, done_at=change.created_at)
    return rule, verdict


def _start(steps: Iterable[tuple[Change, list[RuleStep]]], rules: RuleSet, now: datetime) -> list[Run]:
    """One run per action; what need not wait goes to the outbox at once."""
    steps = list(steps)
    held = {} if rules.paced else braking.judge(_firings(steps), now)
    runs: list[Run] = []
    deliveries: list[Delivery] = []
    for change, fired in steps:
        for rule, step, due in sequences.timed(change, fired, now):
            runs.append(_run(change, rule, step, due))
            runs[-1].counted = not rules.paced
            if (reason := held.get((change.pk, rule.rule_id))) and runs[-1].due_at:
                _hold(runs[-1], reason, now)
            else:
                deliveries += _at_once(runs[-1], step, rules)
    outbox.store(deliveries)
    batches.insert(runs)
    if any(run.due_at and run.due_at <= now for run in runs):
        drains.wake_after_commit(Run.queue)
    return runs


def _firings(steps: Iterable[tuple[Change, list[RuleStep]]]) -> list[braking.Firing]:
    """Each rule that fires for a change, with the number of its steps."""
    found: list[braking.Firing] = []
    for change, fired in steps:
        numbers = Counter(rule.rule_id for rule, _ in fired)
        rules = {rule.rule_id: rule for rule, _ in fired}
        found += [(change, rules[rule_id], number) for rule_id, number in numbers.items()]
    return found


def _hold(run: Run, reason: str, now: datetime) -> None:
    """The brake's word: nothing is made until a person releases the run."""
    run.state, run.reason, run.counted = Job.State.HELD, reason, False
    run.braked_due_at, run.due_at, run.settled_at = run.due_at, None, now


def _run(change: Change, rule: CompiledRule, step: Step, due: Due) -> Run:
    """The run of a step, due at its time; one whose time cannot be told is held, and cancelled if it has passed."""
    run = Run(
        change=change,
        record=change.record,
        rule_id=rule.rule_id,
        rule_name=rule.name,
        action_id=step.action_id,
        kind=step.kind,
        position=step.position,
        due_at=due.at,
        correlation_id=change.correlation_id,
    )
    run.planned_at = due.at or run.created_at
    if due.at is None:
        run.state = Job.State.CANCELLED if due.passed else Job.State.HELD
        run.reason, run.settled_at = due.reason[:500], run.created_at
    return run


def _at_once(run: Run, step: Step, rules: RuleSet) -> list[Delivery]:
    """The delivery of an undelayed webhook; its run is done, because the outbox answers for it from here on."""
    if step.later or step.once or step.definition is None:
        return []
    delivery = freeze(step.definition, run.change, rules.tags)
    run.delivery, run.state, run.due_at, run.settled_at = delivery, Job.State.DONE, None, run.due_at
    return [delivery]
