"""What makes a rule impossible, and what makes it doubtful, said before it is saved: pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from automations import timing
from automations.comparison import fold
from automations.conditions import Row, problem
from automations.models.rules import ANY_CHANGE
from automations.spelling import nearest
from automations.timing import AT_ONCE, FAR, Timing

EVENTS = (ANY_CHANGE, "created", "updated", "deleted", "imported")  # what every system has

# Operators that need something in the field, so that they never hold beside “is empty”.
_NEED_CONTENT = frozenset({"equals", "in_list", "greater", "less", "between", "older_than", "newer_than"})


@dataclass(frozen=True)
class Planned:
    """One action as it was entered. `webhook`: its title, "" for none."""

    webhook: str
    webhook_active: bool = True
    needs_webhook: bool = True
    problem: str = ""  # what its kind says against its options
    delay: int = 0
    unit: str = "minutes"
    timing: Timing = AT_ONCE  # the rest of it, beside delay and unit


@dataclass(frozen=True)
class Draft:
    """A rule as it was entered."""

    record_type: str
    event: str
    rows: tuple[Row, ...] = ()
    actions: tuple[Planned, ...] = ()


@dataclass(frozen=True)
class Known:
    """What was heard of lately: names to compare a rule's own with. Empty: nothing was heard yet."""

    types: Collection[str] = ()
    events: Collection[str] = ()
    fields: Collection[str] = ()  # of records of the rule's type


def action_problem(action: Planned) -> str:
    """Why this action cannot be saved, or ""."""
    if action.needs_webhook and not action.webhook:
        return "Choose the webhook to post to."
    if action.problem:
        return action.problem
    try:
        delay = timedelta(**{action.unit: action.delay})
    except OverflowError:
        delay = timedelta.max
    return f"The delay is longer than {FAR.days} days." if delay > FAR else timing.problem(action.timing)


def contradictions(rows: Iterable[Row]) -> list[str]:
    """A sentence for each group whose conditions can never hold together."""
    groups: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if not problem(row):
            groups[row.group].append(row)
    found = ((group, _contradiction(rows)) for group, rows in sorted(groups.items()))
    return [f"Group {group} can never hold: {reason}." for group, reason in found if reason]


def problems(draft: Draft) -> list[str]:
    """Why the rule cannot work, one sentence each; empty when it can."""
    found = [f"{row.field or 'Condition'}: {reason}" for row in draft.rows if (reason := problem(row))]
    found += contradictions(draft.rows)
    found += [reason for action in draft.actions if (reason := action_problem(action))]
    return found if draft.actions else [*found, "A rule needs at least one action."]


def warnings(draft: Draft, known: Known) -> list[str]:
    """What is possible but probably not meant, one sentence each."""
    return [
        *_unheard("record type", draft.record_type, known.types, "No record"),
        *_unheard_event(draft, known),
        *(sentence for field in _fields(draft.rows) for sentence in _unheard_field(draft, field, known)),
        *_wide(draft),
        *(
            f"The webhook “{action.webhook}” is switched off: what this rule posts to it will be cancelled."
            for action in draft.actions
            if action.webhook and not action.webhook_active
        ),
        *_doubled(draft.actions),
        *_no_old_values(draft),
    ]


def _contradiction(rows: Sequence[Row]) -> str:
    """Why these rows exclude each other, or ""; a field with several values may well meet two of them."""
    by_field: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_field[row.field].append(row)
    for field, ours in by_field.items():
        operators = {row.operator for row in ours}
        if "is_empty" in operators and operators & {*_NEED_CONTENT, "is_not_empty"}:
            return f"{field} would have to be empty and filled"
        equal, unequal = (
            {fold(row.value) for row in ours if row.operator == name} for name in ("equals", "not_equals")
        )
        if both := equal & unequal:
            return f"{field} would have to equal {min(both)!r} and not equal it"
    return ""


def _fields(rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(row.field for row in rows))


def _unheard(what: str, name: str, heard: Collection[str], nobody: str) -> list[str]:
    if not heard or name in heard:
        return []
    return [f"{nobody} of the {what} “{name}” was received lately.{_meant(name, heard)}"]


def _unheard_event(draft: Draft, known: Known) -> list[str]:
    if draft.event in EVENTS:
        return []
    return _unheard("event", draft.event, known.events, "Nothing")


def _unheard_field(draft: Draft, field: str, known: Known) -> list[str]:
    heard = known.fields
    if not heard or field in heard or any(path.startswith(f"{field}.") for path in heard):
        return []
    return [f"No recent {draft.record_type} has a field “{field}”.{_meant(field, heard)}"]


def _meant(name: str, heard: Collection[str]) -> str:
    """The heard name that is most like this one, as a question."""
    close = nearest(name, heard)
    return f" Did you mean “{close}”?" if close else ""


def _wide(draft: Draft) -> list[str]:
    if draft.rows:
        return []
    return [f"Without conditions the rule fires for every {draft.record_type} that is {draft.event}."]


def _doubled(actions: Sequence[Planned]) -> list[str]:
    seen: set[tuple[str, int, str, Timing]] = set()
    doubled: dict[str, None] = {}
    for action in actions:
        key = (action.webhook, action.delay, action.unit, action.timing)
        if action.webhook and key in seen:
            doubled[action.webhook] = None
        seen.add(key)
    return [f"Two actions post to “{title}” at the same time." for title in doubled]


def _no_old_values(draft: Draft) -> list[str]:
    """A record that was just created has no old values to have changed from."""
    fields = [row.field for row in draft.rows if row.operator in {"changed_from", "changed_from_to"}]
    if draft.event != "created" or not fields:
        return []
    return [f"A new {draft.record_type} has no old value, so {fields[0]} can hardly have changed from one."]
