"""How long changes keep why rules did not fire; that a rule fired is kept for as long as the change."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction

from automations import verdicts
from automations.models import Change
from webhooks_out.stats import first_id

CHUNK = 500  # changes of one transaction, so that nobody waits for long


def forget_reasons(before: datetime) -> Iterator[int]:
    """Takes from changes made before then what rules that did not fire said of them; the number of each chunk.

    It may be stopped at any time and begun anew. A change that somebody else is writing just then is left for the
    next time. Whoever asks later why a rule did not fire is told how it judges the change as it is now.
    """
    old = Change.objects.filter(id__lt=first_id(before)).order_by("id").values_list("id", flat=True)
    last = UUID(int=0)
    while ids := list(old.filter(id__gt=last)[:CHUNK]):
        last = ids[-1]
        yield _forgotten(ids)


def _forgotten(ids: list[UUID]) -> int:
    """How many of these changes had something to forget."""
    with transaction.atomic():
        rows = Change.objects.select_for_update(skip_locked=True).filter(pk__in=ids).exclude(verdicts=[])
        told = [change for change in rows.only("verdicts") if verdicts.forget_reasons(change)]
        Change.objects.bulk_update(told, ["verdicts"])
    return len(told)
