"""What becomes of one field: the ways in which an action changes its value. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact
from typing import Any

from automations import editing
from automations.editing import TEXT, NotAllowed
from webhooks_out.scalars import MAX_EXPONENT, is_empty, number, text

HOW = {
    "set": "Set it to",
    "clear": "Empty it",
    "append": "Add to its end",
    "increment": "Count it up by",
    "copy": "Copy the field",
}
BETWEEN = {"comma": ", ", "space": " ", "line": "\n", "nothing": ""}
# Two numbers that can be reckoned with have a sum of no more digits than this.
EXACT = Context(prec=3 * MAX_EXPONENT, traps=[Inexact])


@dataclass(frozen=True)
class Said:
    """What is written: the text with its tags filled in, or the very value that is copied."""

    value: Any
    between: str


def _set(before: Any, said: Said) -> Any:
    """A value of the kind that is there."""
    return editing.read(editing.kind_of(before) or TEXT, said.value)


def _appended(before: Any, said: Said) -> Any:
    if editing.kind_of(before) not in ("", TEXT):
        raise NotAllowed("it holds no text, so nothing can be added to its end.")
    whole = said.value if is_empty(before) else f"{before}{said.between}{said.value}"
    return editing.read(TEXT, whole)


def _counted_up(before: Any, said: Said) -> Any:
    """The sum, exact to the last digit, written as the number that is there."""
    old, by = Decimal(0) if is_empty(before) else number(before), number(said.value)
    if old is None or by is None:
        wrong = said.value if by is None else text(before)
        raise NotAllowed(f"“{wrong[:60]}” is no number, so it cannot be counted with.")
    total = EXACT.add(old, by)
    if isinstance(before, str) and before:
        return text(total)
    return total if total.as_tuple().exponent else int(total)


WAYS: dict[str, Callable[[Any, Said], Any]] = {
    "set": _set,
    "clear": lambda _before, _said: None,
    "append": _appended,
    "increment": _counted_up,
    "copy": lambda _before, said: said.value,
}
