"""Two data sources, one of which storms: a rule answers each of its changes. Served by `launch`."""

from automations.models import Rule, Run
from tests.benchmarks import hub_desk
from webhooks_in.models import Receipt, Source
from webhooks_out import definitions

STORM = "Insites: storm"


def prepare(url: str, limit: int) -> dict[str, str]:
    """The paths of both; the rule may start so many runs in an hour."""
    calm = hub_desk.prepare(url)
    storm = Source.objects.get()
    storm.pk, storm.title = None, STORM
    storm.renew_token()
    storm.save()
    Rule.objects.update(source=STORM, brake_runs=limit, brake_minutes=60)
    definitions.touch()
    return {"calm": calm, "storm": storm.path}


def unread() -> int:
    """How many receipts are still to be read."""
    return Receipt.objects.filter(due_at__isnull=False).count()


def outcome(limit: int) -> dict[str, float]:
    """Runs that were started and held, and the seconds from the one that reached the limit to the last started."""
    started = Run.objects.exclude(state="held").order_by("created_at")
    times = list(started.values_list("created_at", flat=True))
    late = (times[-1] - times[limit - 1]).total_seconds()
    return {"started": len(times), "held": Run.objects.filter(state="held").count(), "late": late}
