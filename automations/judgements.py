"""Whether a rule, saved or not, answers a change: every reason in words, and every condition with the value seen."""

from dataclasses import dataclass
from datetime import datetime

from automations import loops, matching
from automations.conditions import Facts, Row, Seen, failing, holds
from automations.matching import IMPORTED, CompiledRule
from automations.models import Change
from automations.models.rules import ANY_CHANGE
from automations.sensitive import Sensitive

EITHER = ("created", "updated")  # the events that ANY_CHANGE stands for


@dataclass(frozen=True)
class Judgement:
    """`refusal`: why the rule would not fire, "" if it would; `seen`: how each of its conditions comes out."""

    refusal: str
    seen: tuple[Seen, ...]

    @property
    def fires(self) -> bool:
        """Whether the rule would fire."""
        return not self.refusal


def judge(rule: CompiledRule, change: Change, now: datetime, hidden: Sensitive) -> Judgement:
    """The whole of it; the values of hidden fields are not told. Pure."""
    facts = _facts(rule, change, now)
    seen = tuple(_veiled(one, hidden) for row in rule.rows for one in holds((row,), facts)[1])
    return Judgement(refusal(rule, change, now, hidden), seen)


def refusal(rule: CompiledRule, change: Change, now: datetime, hidden: Sensitive) -> str:
    """Why the rule does not fire for the change, or ""; as the engine decides it."""
    if reason := unasked(rule, change):
        return reason
    verdict = matching.verdict(rule, change, now)
    if verdict.fired:
        return ""
    held, seen = holds(rule.rows, _facts(rule, change, now))
    if held or loops.stopped(change):
        return verdict.words.removeprefix(matching.NO)
    return failing(_veiled(one, hidden) for one in seen)


def unasked(rule: CompiledRule, change: Change) -> str:
    """Why the rule is not even asked about the change, or ""."""
    record = change.record
    if rule.record_type != record.type:
        return f"it is for records of the type {rule.record_type}"
    if change.event not in (EITHER if rule.event == ANY_CHANGE else (rule.event,)):
        kept = ", and which changes came from a file is not kept" if rule.event == IMPORTED else ""
        return f"it answers “{rule.event}”, and this is “{change.event}”{kept}"
    if rule.system_id not in (None, record.system_id):
        return "it is for records of another system"
    if rule.source not in ("", change.source):
        came = f"this came through “{change.source}”" if change.source else "this came through none"
        return f"it is for what comes through the data source “{rule.source}”, and {came}"
    return "this update was older than what was known, so no rule is asked" if change.stale else ""


def _facts(rule: CompiledRule, change: Change, now: datetime) -> Facts:
    return Facts(values=change.fields, diff=change.diff, now=now.astimezone(rule.zone))


def _veiled(seen: Seen, hidden: Sensitive) -> Seen:
    """The same without the value, for a field whose values are dots."""
    if seen.row.field not in hidden:
        return seen
    outcome = "as wanted" if seen.held else "not as wanted"
    words = f"{seen.row.field} is {outcome}, but its value is not shown"
    return seen._replace(words=words, row=_bare(seen.row))


def _bare(row: Row) -> Row:
    return Row(row.group, row.field, row.operator)
