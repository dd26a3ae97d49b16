"""What loading a file did, or would do, thing by thing and field by field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.files.writing import one_line

SIGNS = {"created": "+", "changed": "~", "left": "="}


@dataclass(frozen=True)
class Outcome:
    """What became of one thing of the file: created, changed or left."""

    state: str
    noun: str
    name: str
    lines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        head = f"{SIGNS[self.state]} {self.noun} {one_line(self.name)}: {self.state}"
        told = [*self.lines, *(f"! {warning}" for warning in self.warnings)]
        return "\n".join([head, *(f"    {line}" for line in told)])


def report(outcomes: Sequence[Outcome], *, dry_run: bool) -> str:
    """The outcomes as lines, with the sum of them at the end."""
    counts = {state: sum(one.state == state for one in outcomes) for state in SIGNS}
    total = ", ".join(f"{count} {state}" for state, count in counts.items())
    end = f"{total}. This was a dry run: nothing was changed." if dry_run else f"{total}."
    return "\n".join([*map(str, outcomes), end])


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """A line for each field that differs, and for each row that came or went."""
    for key in dict.fromkeys((*after, *before)):
        old, new = before.get(key), after.get(key)
        if isinstance(old or new, list) and old != new:
            yield from _rows(key, old or [], new or [])
        elif old != new:
            yield f"{key}: {_shown(old)} → {_shown(new)}" if before else f"{key}: {_shown(new)}"


def _rows(key: str, old: list[Any], new: list[Any]) -> Iterator[str]:
    gone = [row for row in old if row not in new]
    come = [row for row in new if row not in old]
    yield from (f"{key} - {one_line(row)}" for row in gone)
    yield from (f"{key} + {one_line(row)}" for row in come)
    if not gone and not come:
        yield f"{key}: in another order"


def _shown(value: Any) -> str:
    return "(default)" if value is None else one_line(value)
