"""What arrives from each source: how much, when last, and what was not let in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, OuterRef, Subquery, Sum
from django.utils import timezone

from webhooks_in.models import Receipt, Refusal, Source
from webhooks_out.jobs import Job
from webhooks_out.stats import first_id

RECENTLY = timedelta(hours=24)


@dataclass(frozen=True)
class Traffic:
    """One source lately. `received` and `refused` are of the last 24 hours, `quarantined` is what is kept now."""

    last_at: datetime | None = None
    received: int = 0
    refused: int = 0
    quarantined: int = 0


def traffic(sources: Iterable[int], now: datetime | None = None) -> dict[int, Traffic]:
    """What came from each of these sources. Four queries."""
    ids, since = list(sources), (now or timezone.now()) - RECENTLY
    newest = Receipt.objects.filter(source=OuterRef("pk")).order_by("-id").values("created_at")[:1]
    last = dict(Source.objects.filter(pk__in=ids).annotate(at=Subquery(newest)).values_list("pk", "at"))
    recent = Receipt.objects.filter(source__in=ids, id__gte=first_id(since)).order_by()
    received = dict(recent.values_list("source").annotate(Count("pk")))
    # The second half of the filter is what lets the index of unfinished receipts be used.
    held = (
        Receipt.objects.filter(state=Job.State.HELD, verified=False).exclude(state=Job.State.DONE).order_by()
    )
    quarantined = dict(held.values_list("source").annotate(Count("pk")))
    refusals = Refusal.objects.filter(source__in=ids, hour__gte=since).order_by()
    refused = dict(refusals.values_list("source").annotate(Sum("count")))
    return {
        pk: Traffic(last.get(pk), received.get(pk, 0), refused.get(pk, 0), quarantined.get(pk, 0))
        for pk in ids
    }
