"""What a rule, saved or not, would do for a record: whether it fires, and each step. Nothing is stored or sent."""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from automations import explanations, once_keys, rechecks, sensitive, sequences
from automations.actions import ACTIONS
from automations.actions.foresight import Foreseen, Scene
from automations.conditions import Facts, Seen, holds
from automations.matching import CompiledRule
from automations.models import Action, Change, OnceKey, Record, Rule, Run
from automations.rule_drafts import RuleDraft
from automations.sensitive import DOTS, Sensitive
from automations.steps import Step
from automations.timing import Due
from automations.verdicts import FIRED_BEFORE, once_key
from webhooks_out.jobs import Job, Outcome, Permanent, cancelled, dead, held
from webhooks_out.scalars import text

VEILED = "It rests on a field whose values are not shown, so what it would do is not shown either."
LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Judgement:
    """`refusal`: why the rule would not fire, "" if it would; `seen`: how each of its conditions comes out."""

    refusal: str
    seen: tuple[Seen, ...]

    @property
    def fires(self) -> bool:
        """Whether the rule would fire."""
        return not self.refusal


@dataclass(frozen=True)
class Told:
    """A step of the rule: what it is, when it would be due, and what would become of it. `once`: its once key."""

    number: int
    action: Action
    due: Due
    outcome: Outcome
    foreseen: Foreseen
    once: str = ""
    later: bool = False


@dataclass(frozen=True)
class Trial:
    """What came of it. `pending`: later steps of the saved rule that are pending for the record already."""

    draft: RuleDraft
    change: Change
    judgement: Judgement
    steps: tuple[Told, ...]
    now: datetime
    pending: int = 0


def run(draft: RuleDraft, change: Change, now: datetime) -> Trial:
    """Tries the rule on a change, as if it happened now; the steps are told even when it would not fire.

    A few queries for each step. The record of the change has the values it had right after it.
    """
    hidden = sensitive.known()
    rule = draft.compiled(hidden)
    later = sequences.pending(draft.rule_id, change.record.pk) if draft.rule_id else 0
    steps = _Course(draft, rule, change, now, hidden).go()
    return Trial(draft, change, _judgement(draft, rule, change, now, hidden), steps, now, later)


def _judgement(
    draft: RuleDraft, rule: CompiledRule, change: Change, now: datetime, hidden: Sensitive
) -> Judgement:
    refusal = explanations.refusal(draft.rule, rule, change, now)
    if not refusal and _fired_before(draft, change.record):
        refusal = FIRED_BEFORE
    facts = Facts(change.fields, change.diff, now.astimezone(rule.zone), rule.mask)
    seen = [one for row in rule.rows for one in holds((row,), facts)[1]]
    return Judgement(refusal, tuple(_bare(one) if one.row.field in hidden else one for one in seen))


def _bare(seen: Seen) -> Seen:
    """The same without the value that a sensitive field is compared with."""
    return seen._replace(row=replace(seen.row, value=""))


def _fired_before(draft: RuleDraft, record: Record) -> bool:
    if not draft.rule_id or draft.rule.monitor != Rule.Monitor.ONCE:
        return False
    key = once_key(draft.rule_id, record.pk)
    return OnceKey.objects.filter(key=key, voided_at__isnull=True).exists()


@dataclass
class _Course:
    """The steps one after the other, each on the record as those before it would have left it."""

    draft: RuleDraft
    rule: CompiledRule
    change: Change
    now: datetime
    hidden: Sensitive
    fields: dict[str, Any] = field(init=False)
    certificate: str = ""
    claimed: dict[str, int] = field(default_factory=dict)  # once keys, and the step that has each
    stopped: str = ""  # by which re-check

    def __post_init__(self) -> None:
        self.fields = dict(self.change.fields)

    def go(self) -> tuple[Told, ...]:
        """The steps in the order in which they stand in the rule, foreseen in that of their times."""
        steps = [(self.rule, step) for step in self.rule.steps]
        timed = sequences.timed(self.change, steps, self.now)
        pairs = [(step, due) for _, step, due in timed]
        told = [self._step(step, due) for step, due in sorted(pairs, key=lambda pair: pair[1].at or LAST)]
        return tuple(sorted(told, key=lambda one: one.number))

    def _step(self, step: Step, due: Due) -> Told:
        action, number = self.draft.actions[step.position], step.position + 1
        at = due.at or self.now
        at_once = step.kind == Action.Kind.POST_WEBHOOK and not (step.later or step.once)
        # What is posted at once is frozen as the rule fires, before any other step.
        fields = self.change.fields if at_once else self.fields
        scene = Scene(at.astimezone(self.rule.zone), self.rule.rows, self.certificate, self.hidden)
        # A kind with a once key of its own tells of it itself.
        own = ACTIONS[action.kind].once_key
        once, refused = ("", None) if own else once_keys.foreseen(self._run(action, fields))
        real, shown = self._foreseen(action, fields, scene)
        early = self._early(step, due) or refused or self._taken(once)
        if early is None and real.outcome.state == Job.State.DONE:
            self.fields |= real.fields
            self.certificate = real.certificate or self.certificate
            self.claimed |= {once: number} if once else {}
        if step.kind == Action.Kind.RECHECK and not (early or real.outcome.state == Job.State.DONE):
            self.stopped = f"Stopped by the re-check, step {number}."
        outcome = self._dotted(early) if early else shown.outcome
        return Told(number, action, due, outcome, shown, self._without_secrets(once), step.later)

    def _early(self, step: Step, due: Due) -> Outcome | None:
        """What becomes of a step before it is even begun, or None."""
        if due.at is None:
            return cancelled(due.reason) if due.passed else held(due.reason)
        if step.gated and self.stopped:
            return cancelled(self.stopped)
        if due.at <= self.now:
            return None
        at = due.at.astimezone(self.rule.zone)
        return sequences.exit_of(
            self._run(self.draft.actions[step.position], self.fields, then=self.change.fields),
            lambda: rechecks.unmet(self.rule.rows, self.fields, at, self.rule.mask),
        )

    def _taken(self, once: str) -> Outcome | None:
        if number := self.claimed.get(once):
            return cancelled(f"Step {number} would have done it already, under the same text.")
        return None

    def _foreseen(self, action: Action, fields: Mapping[str, Any], scene: Scene) -> tuple[Foreseen, Foreseen]:
        """What it comes to, and the same for people's eyes, with dots for what is sensitive."""
        real = self._asked(action, fields, scene)
        masked = self.hidden.mask("", fields)
        if masked == fields:
            return real, real
        shown = self._asked(action, masked, scene)
        if (shown.outcome.state, bool(shown.certificate)) != (real.outcome.state, bool(real.certificate)):
            return real, Foreseen(replace(real.outcome, reason=""), notes=(VEILED,), template=real.template)
        return real, shown

    def _asked(self, action: Action, fields: Mapping[str, Any], scene: Scene) -> Foreseen:
        try:
            return ACTIONS[action.kind].foresee(self._run(action, fields), scene)
        except Permanent as reason:
            return Foreseen(dead(str(reason)))

    def _run(self, action: Action, fields: Mapping[str, Any], then: Mapping[str, Any] | None = None) -> Run:
        """The run as the engine would make it, of the record with these fields; it is never stored."""
        record, change = copy(self.change.record), copy(self.change)
        record.fields = dict(fields)
        change.record, change.fields = record, dict(fields if then is None else then)
        change.diff = {
            path: [self.hidden.mask(path, side) for side in sides] for path, sides in change.diff.items()
        }
        rule = self.draft.rule
        return Run(
            change=change, record=record, rule=rule, rule_name=rule.name, action=action, kind=action.kind
        )

    def _dotted(self, outcome: Outcome) -> Outcome:
        return replace(outcome, reason=self._without_secrets(outcome.reason))

    def _without_secrets(self, words: str) -> str:
        """The words with dots for every sensitive value in them, a longer one before what it may begin with."""
        secrets = _secrets(self.fields, self.hidden.mask("", self.fields))
        for secret in sorted(secrets, key=len, reverse=True):
            words = words.replace(secret, DOTS)
        return words


def _secrets(real: Any, masked: Any) -> Iterator[str]:
    """The sensitive values, as they are written."""
    if isinstance(real, Mapping) and isinstance(masked, Mapping):
        for name, value in real.items():
            yield from _secrets(value, masked[name])
    elif isinstance(real, list) and isinstance(masked, list):
        for value, dots in zip(real, masked, strict=True):
            yield from _secrets(value, dots)
    elif masked == DOTS and real != DOTS:
        yield text(real)
