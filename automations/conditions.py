"""Whether a record, and what just changed in it, meets a rule's conditions: pure, no queries."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from automations.changes import UNKNOWN
from automations.comparison import index_key
from automations.operators import OPERATORS, arrow, listed
from webhooks_out.paths import MISSING, look_up, prefixes
from webhooks_out.scalars import is_empty, text

MAX_VALUE = 10_000  # characters of a condition's value
MAX_SHOWN = 80  # characters of a value that words repeat
MAX_LISTED = 20  # items of a value that words repeat

Mask = Callable[[str, Any], Any]  # by the path of a value, what words may say of it


@dataclass(frozen=True)
class Row:
    """One condition: rows of one group must all hold, one group is enough."""

    group: int
    field: str  # a field name or dotted path
    operator: str  # one of OPERATORS
    value: str = ""


@dataclass(frozen=True)
class Facts:
    """What conditions are judged by: the record after the change, what changed, and the time in the rule's zone."""

    values: Mapping[str, Any]
    diff: Mapping[str, tuple[Any, Any]]  # {field: (old or UNKNOWN, new)}
    now: datetime  # aware
    mask: Mask = lambda _path, value: value


class Seen(NamedTuple):
    """How one condition came out, in words: "Stage was 'Lead', wanted 'Enrolled'"."""

    row: Row
    held: bool
    words: str


def holds(rows: Sequence[Row], facts: Facts) -> tuple[bool, tuple[Seen, ...]]:
    """Whether the conditions hold, and how each came out; a group is not looked at further once a row of it failed.

    No conditions hold. A row that cannot work (see `problem`) does not hold and says why.
    """
    groups: set[int] = set()
    failed: set[int] = set()
    seen = []
    for row in rows:
        groups.add(row.group)
        if row.group in failed:
            continue
        outcome = _judge(row, facts)
        seen.append(outcome)
        if not outcome.held:
            failed.add(row.group)
    return not groups or failed != groups, tuple(seen)


def failing(seen: Iterable[Seen]) -> str:
    """The first condition that failed in each group, in words."""
    first: dict[int, str] = {}
    for one in seen:
        if not one.held:
            first.setdefault(one.row.group, one.words)
    return "; and ".join(first.values())


def problem(row: Row) -> str:
    """Why this condition cannot be saved, or "": the sentence for the administrator."""
    return _reason(row.operator, row.value) if row.field.strip() else "Choose a field."


def fields(rows: Sequence[Row]) -> frozenset[str]:
    """Every field the conditions look at."""
    return frozenset(row.field for row in rows)


def gate(rows: Sequence[Row]) -> tuple[tuple[str, Hashable | None], ...] | None:
    """What must have changed for the conditions to hold: one (field, new value or None for any) per group.

    None when a group looks at no change. Values are those of `comparison.index_keys`.
    """
    gates = []
    for group in _groups(rows):
        row = next((row for row in group if _looks_at_change(row)), None)
        if row is None:
            return None
        new = {"changed_to": row.value, "changed_from_to": arrow(row.value)[1]}.get(row.operator)
        gates.append((row.field, index_key(new) if new else None))
    return tuple(gates) or None


def equalities(rows: Sequence[Row]) -> tuple[tuple[str, Hashable], ...] | None:
    """What must be equal for the conditions to hold: at least one of these (field, value).

    None when a group demands no indexable equality. Values are those of `comparison.index_keys`.
    """
    pairs: list[tuple[str, Hashable]] = []
    for group in _groups(rows):
        found = next(filter(None, map(_equality, group)), None)
        if found is None:
            return None
        pairs.extend(found)
    return tuple(pairs) or None


@lru_cache(maxsize=4_096)
def _reason(name: str, value: str) -> str:
    operator = OPERATORS.get(name)
    if operator is None:
        return f"There is no operator “{name[:MAX_SHOWN]}”."
    if not operator.takes_value:
        return f"“{operator.label}” takes no value: clear it." if value.strip() else ""
    if not value.strip():
        return f"“{operator.label}” needs a value. {operator.help}"
    if len(value) > MAX_VALUE:
        return f"The value is longer than {MAX_VALUE} characters."
    reason = operator.check(value)
    return f"“{operator.label}” cannot work: {reason}." if reason else ""


def _judge(row: Row, facts: Facts) -> Seen:
    reason = _reason(row.operator, row.value)
    if reason:
        return Seen(row, False, f"{row.field}: {reason}")
    operator, wanted = OPERATORS[row.operator], _cut(text(facts.mask(row.field, row.value)))
    if operator.of_change:
        change = _change(facts, row.field)
        if change is None:
            return Seen(row, False, f"{row.field} did not change")
        old, new = (facts.mask(row.field, value) for value in change)
        held, words = operator.test(change, row.value, facts.now), _change_words(row.field, old, new)
    else:
        value = look_up(facts.values, row.field)
        words = _value_words(row.field, facts.mask(row.field, value))
        try:
            held = operator.test(None if value is MISSING else value, row.value, facts.now)
        except TimeoutError:
            return Seen(row, False, f"{words}, but looking for {wanted} in it took too long")
    return Seen(row, held, words if held else f"{words}, wanted {operator.wanted.format(wanted)}")


def _change(facts: Facts, field: str) -> tuple[Any, Any] | None:
    """The old and new value of a field, however deep its change was reported; None if it did not change."""
    if field in facts.diff:
        return facts.diff[field]
    for parent in prefixes(field)[1:] if "." in field else ():
        if parent in facts.diff:
            old, new = (_part(side, field.removeprefix(f"{parent}.")) for side in facts.diff[parent])
            return None if old == new else (old, new)
    inside = f"{field}."
    if any(changed.startswith(inside) for changed in facts.diff):
        return UNKNOWN, _part(facts.values, field)
    return None


def _part(value: Any, path: str) -> Any:
    found = UNKNOWN if value == UNKNOWN else look_up(value, path)
    return None if found is MISSING else found


def _value_words(field: str, value: Any) -> str:
    if value is MISSING:
        return f"{field} is not in the record"
    return f"{field} was {_shown(value)}"


def _change_words(field: str, old: Any, new: Any) -> str:
    if old == UNKNOWN:
        return f"{field} changed to {_shown(new)}, from what was not said"
    return f"{field} changed from {_shown(old)} to {_shown(new)}"


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f"'{_cut(value)}'" if value.strip() else "empty"
    if is_empty(value):
        return "empty"
    if isinstance(value, (list, Mapping)) and len(value) > MAX_LISTED:
        return f"a list of {len(value)}" if isinstance(value, list) else f"an object of {len(value)} fields"
    return f"'{_cut(text(value))}'"


def _cut(written: str) -> str:
    return written if len(written) <= MAX_SHOWN else f"{written[: MAX_SHOWN - 1]}…"


def _groups(rows: Sequence[Row]) -> list[list[Row]]:
    groups: dict[int, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    return list(groups.values())


def _looks_at_change(row: Row) -> bool:
    return row.operator in OPERATORS and OPERATORS[row.operator].of_change


def _equality(row: Row) -> list[tuple[str, Hashable]]:
    """The pairs of which one must be among the record's, [] when this row says nothing an index can use."""
    written = {"equals": (row.value,), "in_list": listed(row.value)}.get(row.operator, ())
    keys = [index_key(value) for value in written]
    return [(row.field, key) for key in keys if key is not None] if None not in keys else []
