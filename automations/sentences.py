"""A rule as one sentence, the way an administrator would tell it to a colleague."""

from collections.abc import Iterable

from automations import timing
from automations.actions import ACTIONS
from automations.models import Action, Condition, Rule
from automations.models.rules import ANY_CHANGE
from automations.operators import arrow

MAX_VALUE = 60  # characters of a value or field that are repeated
MAX_PARTS = 6  # conditions or actions that are named; of more only the number
VERBS = {
    "created": "is created",
    "updated": "is updated",
    ANY_CHANGE: "is created or updated",
    "deleted": "is deleted",
    "imported": "is imported",
}
HABITS = {Rule.Monitor.EVERY: " (every time)", Rule.Monitor.ONCE: " (once per record)"}
STOPS = {
    Rule.Stops.UNMET: "; later steps only while the conditions hold",
    Rule.Stops.LEFT: "; later steps only while the stage stays as it was",
}


def sentence(rule: Rule) -> str:
    """The rule in words. Asks for its conditions and actions with their webhooks: prefetch them for a list."""
    return told(rule, list(rule.conditions.all()), list(rule.actions.all()))


def told(rule: Rule, conditions: list[Condition], actions: list[Action]) -> str:
    """The same of a rule that need not be stored, with these conditions and actions."""
    deeds = _joined([deed(action) for action in actions], ", then ") or "nothing is done"
    return f"When {_trigger(rule)}{_if(conditions)}: {deeds}{_habits(rule)}."


def _habits(rule: Rule) -> str:
    return STOPS.get(Rule.Stops(rule.stops), "") + HABITS.get(Rule.Monitor(rule.monitor), "")


def deed(action: Action) -> str:
    """What an action does, in words."""
    return f"{timing.told(action.timing)} {work(action)}".strip()


def work(action: Action) -> str:
    """The same without its time."""
    if action.webhook:
        return f"post to {action.webhook}"
    kind = ACTIONS[action.kind]
    return kind.deed(kind.filled(action.options)) or action.get_kind_display().lower()


def _trigger(rule: Rule) -> str:
    article = "an" if rule.record_type[:1].lower() in "aeio" else "a"
    whom = f"{article} {rule.record_type}" + (f" of {rule.system}" if rule.system else "")
    verb = VERBS.get(rule.event)
    said = f"{whom} {verb}" if verb else f"“{_cut(rule.event)}” happens to {whom}"
    return f"{said} through “{_cut(rule.source)}”" if rule.source else said


def _if(conditions: list[Condition]) -> str:
    groups: dict[int, list[str]] = {}
    for condition in conditions:
        groups.setdefault(condition.group, []).append(_words(condition))
    wanted = [_joined(words, " and ") for _, words in sorted(groups.items())]
    return f" and {_joined(wanted, ', or ')}" if wanted else ""


def _words(condition: Condition) -> str:
    if condition.operator == "changed_from_to":
        old, new = arrow(condition.value)
        return f"{_cut(condition.field)} changed from {_cut(old)} to {_cut(new)}"
    words = f"{_cut(condition.field)} {condition.get_operator_display()}"
    return f"{words} {_cut(condition.value)}" if condition.value else words


def _joined(parts: Iterable[str], word: str) -> str:
    named = list(parts)
    if len(named) > MAX_PARTS:
        named = [*named[:MAX_PARTS], f"{len(named) - MAX_PARTS} more"]
    return word.join(named)


def _cut(written: str) -> str:
    return written if len(written) <= MAX_VALUE else f"{written[: MAX_VALUE - 1]}…"
