"""What became of each row of an import: from its changes and its rejected rows, so that no row is stored twice."""

from dataclasses import dataclass

from automations.models import Change, Record
from webhooks_in.models import Import

PER_PAGE = 50


@dataclass(frozen=True)
class Result:
    """What became of one row. Without a record it was rejected, or nothing in it was new."""

    row: int
    word: str
    colour: str
    reason: str = ""
    record: Record | None = None


@dataclass(frozen=True)
class Page:
    """Some rows in order; `following`: the row the next page starts with, None at the end."""

    results: list[Result]
    first: int
    following: int | None


def page(load: Import, first: int) -> Page:
    """What became of the rows from this one on. Three queries at most."""
    last = min(first + PER_PAGE - 1, load.position)
    changes = Change.objects.filter(receipt_id=load.pk, item__range=(first, last)).select_related("record")
    changed = {change.item: change for change in changes.defer("fields", "record__fields")}
    reasons = dict(load.rejects.filter(dry=False, row__range=(first, last)).values_list("row", "reason"))
    results = [_result(row, changed.get(row), reasons.get(row)) for row in range(first, last + 1)]
    return Page(results, first, last + 1 if last < load.position else None)


def _result(row: int, change: Change | None, reason: str | None) -> Result:
    if reason is not None:
        return Result(row, "Rejected", "danger", reason)
    if change is None:
        return Result(row, "Unchanged", "", "Nothing in it was new.")
    word, colour = ("Created", "success") if change.event == "created" else ("Updated", "info")
    return Result(row, word, colour, record=change.record)
