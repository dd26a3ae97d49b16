"""Whether what a rule asked for still holds when a later step comes due: on the record as it is then, pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from automations import facets
from automations.conditions import Facts, Mask, Row, failing, holds
from automations.operators import OPERATORS, arrow

# What is left of a condition on a change once the change is over: the new value stays, the old one does not return.
_STANDING = {"changed_to": "equals", "changed_from_to": "equals", "changed_from": "not_equals"}


def unmet(rows: Iterable[Row], values: Mapping[str, Any], now: datetime, mask: Mask) -> str:
    """The conditions that no longer hold, with the values seen; "" when they hold. `now`: in the rule's zone.

    That a field changed stays true; that it changed to a value means that it has it still.
    """
    rows = list(rows)
    standing = list(_standing(rows))
    if {row.group for row in rows} != {row.group for row in standing}:
        return ""
    held, seen = holds(standing, Facts(values=values, diff={}, now=now, mask=mask))
    return "" if held else failing(seen)


def left(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """That the record has another stage than then, in words; "" when it has the same."""
    was, is_now = facets.read(then, "stage"), facets.read(now, "stage")
    if was.casefold() == is_now.casefold():
        return ""
    return f"its stage was “{was or 'empty'}” and is “{is_now or 'empty'}” by now"


def _standing(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        operator = OPERATORS.get(row.operator)
        if row.operator in _STANDING:
            value = arrow(row.value)[1] if row.operator == "changed_from_to" else row.value
            yield replace(row, operator=_STANDING[row.operator], value=value)
        elif operator is None or not operator.of_change:
            yield row
