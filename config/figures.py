"""The numbers and lists of the home page; each function is one to four queries, however much there is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from django.db.models import Model, Q, Sum
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

from automations import held_runs
from automations.models import Change, Run
from config.health import STALE
from webhooks_in.models import Receipt, Refusal, Source
from webhooks_out import stats
from webhooks_out.admin_log import ago, brief
from webhooks_out.drains import BEAT, queues
from webhooks_out.jobs import Job
from webhooks_out.models import Delivery, Heartbeat, Webhook

FAILURES = 8  # last failures shown
HOOKS = 8  # webhooks in trouble shown
RULES = 8  # rules shown of which runs are held
DAILY = (Receipt, Run, Delivery)  # queues that are shown even when nothing is in them
LATE = timedelta(seconds=60)  # what is overdue for longer asks for attention

# What names a job of each kind, and the columns its name and reason need.
NAMED_BY: dict[type[Job], tuple[str, ...]] = {
    Delivery: ("title", "record_name", "record_id"),
    Run: ("rule_name", "kind"),
    Receipt: ("source__title",),
}


@dataclass(frozen=True)
class Figure:
    """One number, of what, where it leads, and whether it asks for attention."""

    words: str
    count: int
    of: type[Model]
    url: str = ""
    alarming: bool = False


def may_see(request: HttpRequest, model: type[Model]) -> bool:
    """Whether this person may look at rows of this kind, and so be told of them."""
    meta = model._meta
    return bool(request.user.has_perm(f"{meta.app_label}.view_{meta.model_name}"))


def seen(request: HttpRequest, found: list[Figure]) -> list[Figure]:
    """The numbers of what this person may look at."""
    return [figure for figure in found if may_see(request, figure.of)]


def incoming(received: int, start: datetime) -> list[Figure]:
    """What came in since `start`: accepted, repeated, refused, quarantined, and what it changed. Four queries."""
    held = stats.unfinished(Receipt, start).get(Job.State.HELD, 0)
    repeated = Receipt.objects.filter(id__gte=stats.first_id(start), duplicates__gt=0)
    repeats = repeated.aggregate(total=Sum("duplicates"))["total"] or 0
    refused = Refusal.objects.filter(hour__gte=start).aggregate(total=Sum("count"))["total"] or 0
    changes = Change.objects.filter(id__gte=stats.first_id(start)).count()
    return [
        Figure("Received", received - held, Receipt, link(Receipt, since="24h")),
        Figure("Repeats", repeats, Receipt, link(Receipt, since="24h")),
        Figure("Refused", refused, Source, link_to("webhooks_in_source"), alarming=refused > 0),
        Figure(
            "Quarantined", held, Receipt, link(Receipt, since="24h", state=Job.State.HELD), alarming=held > 0
        ),
        Figure("Changes", changes, Change, link(Change, since="24h")),
    ]


def outgoing(made: int, start: datetime) -> list[Figure]:
    """What went out since `start`: what rules started, and what was sent; what of both failed for good, or is held.

    Three queries.
    """
    states, of_runs = stats.unfinished(Delivery, start), stats.unfinished(Run, start)
    runs = Run.objects.filter(id__gte=stats.first_id(start)).count()
    done = made - sum(states.values())
    return [
        Figure("Actions started", runs, Run, link(Run, since="24h")),
        *_troubled("Actions", Run, of_runs),
        Figure("Delivered", done, Delivery, link(Delivery, since="24h", state=Job.State.DONE)),
        *_troubled("Deliveries", Delivery, states),
    ]


def backlog(request: HttpRequest, now: datetime) -> list[dict[str, Any]]:
    """What of each queue is not settled, and how late the latest of it is. One query a queue.

    A queue that is seldom used is left out while nothing is in it, and so is what this person may not see.
    """
    visible = ((name, model) for name, model in sorted(queues().items()) if may_see(request, model))
    found = [(name, model, stats.backlog(model)) for name, model in visible]
    return [
        {
            "name": name.capitalize(),
            "count": one.count,
            "late": ago(one.oldest_due, now) if one.oldest_due and one.oldest_due < now else "",
            "alarming": bool(one.oldest_due and now - one.oldest_due > LATE),
            "url": link(model, state=Job.State.WAITING),
        }
        for name, model, one in found
        if one.count or model in DAILY
    ]


def workers(now: datetime) -> dict[str, Any]:
    """Whether the workers are alive, by their last sign of life. One query."""
    beat = Heartbeat.objects.filter(name=BEAT).values_list("beat_at", flat=True).first()
    return {"alive": beat is not None and now - beat <= STALE, "beat": ago(beat, now) if beat else ""}


def hooks_in_trouble(request: HttpRequest) -> list[Webhook]:
    """Webhooks that fail or were switched off, the worst first; none for who may not see them. One query."""
    if not may_see(request, Webhook):
        return []
    trouble = Webhook.objects.filter(Q(failures_in_row__gt=0) | Q(active=False))
    return list(trouble.order_by("-failures_in_row", "title")[:HOOKS])


def braked(request: HttpRequest) -> list[dict[str, Any]]:
    """The rules of which the brake holds runs, those with most first, for who may see runs. One query."""
    found = held_runs.by_rule()[:RULES] if may_see(request, Run) else []
    return [{"rule": one, "url": reverse("admin:automations_rule_held", args=[one.rule_id])} for one in found]


def failures(request: HttpRequest, start: datetime) -> list[dict[str, Any]]:
    """The last jobs of any kind that failed for good, as far as this person may see them. One query a kind."""
    found: list[Job] = []
    for model, names in NAMED_BY.items():
        if may_see(request, model):
            dead = model._default_manager.filter(state=Job.State.DEAD, id__gte=stats.first_id(start))
            dead = dead.exclude(state=Job.State.DONE).select_related(
                *(name[:-7] for name in names if "__" in name)
            )
            found += dead.only("reason", "created_at", *names)[:FAILURES]
    found.sort(key=attrgetter("id"), reverse=True)
    return [
        {"job": job, "kind": job._meta.verbose_name, "at": brief(job.created_at), "url": link(job)}
        for job in found[:FAILURES]
    ]


def link(of: Any, **filters: str) -> str:
    """The address of a model's list with these filters, or of one row's page; "" if it has none."""
    name = f"{of._meta.app_label}_{of._meta.model_name}"
    return link_to(name, **filters) if isinstance(of, type) else link_to(name, pk=of.pk)


def link_to(name: str, pk: Any = None, **filters: str) -> str:
    """The same by the name of the pages; `pk` is that of a row."""
    try:
        if pk is not None:
            return reverse(f"admin:{name}_change", args=[pk])
        return reverse(f"admin:{name}_changelist") + (f"?{urlencode(filters)}" if filters else "")
    except NoReverseMatch:
        return ""


def _troubled(words: str, model: type[Job], states: dict[str, int]) -> Iterator[Figure]:
    """How many of these failed for good or are held, each to be looked at."""
    for name, state in (("failed", Job.State.DEAD), ("held", Job.State.HELD)):
        count = states.get(state, 0)
        yield Figure(
            f"{words} {name}", count, model, link(model, since="24h", state=state), alarming=count > 0
        )
