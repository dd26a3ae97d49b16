"""How often rules fire, as columns of a query, so that a list of rules asks once."""

from datetime import timedelta

from django.db.models import Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from automations.models import Rule, Run
from webhooks_out.stats import first_id

RECENTLY = timedelta(hours=24)


def with_firings(rules: QuerySet[Rule]) -> QuerySet[Rule]:
    """The rules with `last_fired_at` (or None) and `runs_recently`: the actions they started in the last 24 hours.

    Both are read from the index of rule and run alone.
    """
    runs = Run.objects.filter(rule=OuterRef("pk"))
    recent = runs.filter(id__gte=first_id(timezone.now() - RECENTLY)).order_by().values("rule")
    times = recent.annotate(times=Count("pk")).values("times")
    return rules.annotate(
        last_fired_at=Subquery(runs.order_by("-id").values("created_at")[:1]),
        runs_recently=Coalesce(Subquery(times), Value(0)),
    )
