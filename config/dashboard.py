"""The home page: what is going on today, in a fixed number of queries however much there is."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from automations.models import Rule
from config import figures
from webhooks_in.models import Receipt, Source
from webhooks_out import stats
from webhooks_out.jobs import Job
from webhooks_out.models import Delivery, Webhook

HOURS = 24
COLOURS = {"received": "var(--color-base-300)", "sent": "var(--color-primary-500)", "failed": "#dc2626"}
GREY = "#9ca3af"
# What came in stands beside what went out; of what went out, failures stand on top.
OPTIONS = {
    "animation": False,
    "maintainAspectRatio": False,
    "plugins": {"legend": {"display": False}},
    "scales": {
        "x": {"stacked": True, "grid": {"display": False}, "ticks": {"color": GREY, "maxTicksLimit": 8}},
        "y": {
            "stacked": True,
            "beginAtZero": True,
            "grid": {"drawTicks": False, "lineWidth": 0.5},
            "ticks": {"color": GREY, "precision": 0},
        },
    },
}


def overview(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The context of the home page: of everything only what this person may look at."""
    now = timezone.now()
    start = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    received = stats.per_hour(Receipt, start, HOURS)
    made = stats.per_hour(Delivery, start, HOURS)
    failed = stats.per_hour(Delivery, start, HOURS, state=Job.State.DEAD)
    return context | {
        "title": "Home",
        "incoming": figures.seen(request, figures.incoming(sum(received), start)),
        "outgoing": figures.seen(request, figures.outgoing(sum(made), start)),
        "backlog": figures.backlog(request, now),
        "workers": figures.workers(now),
        "hooks": figures.hooks_in_trouble(request),
        "braked": figures.braked(request),
        "failures": figures.failures(request, start),
        "chart": _chart(start, received, made, failed) if _may_see_traffic(request) else None,
        "steps": _steps(request),
    }


def _chart(start: datetime, received: list[int], made: list[int], failed: list[int]) -> dict[str, Any]:
    """The bars, hour by hour, and the same as rows for who cannot see them."""
    hours = [f"{timezone.localtime(start + timedelta(hours=hour)):%H}:00" for hour in range(HOURS)]
    sent = [all_ - bad for all_, bad in zip(made, failed, strict=True)]
    bars = {"received": received, "sent": sent, "failed": failed}
    sets = [
        {
            "label": name.capitalize(),
            "data": counts,
            "backgroundColor": COLOURS[name],
            "stack": "in" if name == "received" else "out",
            "maxBarThickness": 12,
        }
        for name, counts in bars.items()
    ]
    rows = [row for row in zip(hours, received, sent, failed, strict=True) if any(row[1:])]
    data = json.dumps({"labels": hours, "datasets": sets})
    return {"data": data, "options": json.dumps(OPTIONS), "rows": rows}


def _may_see_traffic(request: HttpRequest) -> bool:
    return figures.may_see(request, Receipt) and figures.may_see(request, Delivery)


def _steps(request: HttpRequest) -> list[dict[str, Any]]:
    """What this person can still do before anything can happen; empty once something was received.

    At most four queries.
    """
    if Receipt.objects.exists():
        return []
    steps = (
        (
            "Create a data source",
            "It gets a secret URL; enter that in your CRM.",
            Source,
            "webhooks_in_source",
        ),
        ("Create a webhook", "Where to send what, key by key.", Webhook, "webhooks_out_webhook"),
        (
            "Create a rule",
            "When this happens to a record, do that: post a webhook, send an e-mail …",
            Rule,
            "automations_rule",
        ),
    )
    return [
        {"words": words, "why": why, "done": model._default_manager.exists(), "url": figures.link_to(name)}
        for words, why, model, name in steps
        if request.user.has_perm(f"{model._meta.app_label}.add_{model._meta.model_name}")
    ]
