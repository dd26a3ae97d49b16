"""One delivery told in order: the request as it was frozen, each attempt and its answer, and what comes next."""

from typing import Any

from django.utils import timezone

from webhooks_out import curl, outbox, turns
from webhooks_out.admin_log import STATE_COLOURS, ago, moment, pretty
from webhooks_out.masks import masked_headers
from webhooks_out.models import Attempt, Delivery

ERRORS = {
    "dns": "name not found",
    "connect": "no connection",
    "tls": "encryption failed",
    "timeout": "too slow",
    "reset": "connection closed",
    "protocol": "not HTTP",
    "refused_address": "address not allowed",
    "refused_url": "URL not allowed",
    "secret": "secret unreadable",
    "lost": "worker lost",
}


def answer(status: int | None, error: str) -> str:
    """The answer in a word or two: the status, or why there was none."""
    return str(status) if status else ERRORS.get(error, error)


def story(delivery: Delivery) -> dict[str, Any]:
    """The context of a delivery's page; everything in it is plain text, which the template escapes."""
    content_type = delivery.headers.get("Content-Type", "")
    waiting = delivery.due_at if delivery.state == delivery.State.WAITING else None
    return {
        "delivery": delivery,
        "colour": STATE_COLOURS.get(delivery.state, ""),
        "next_try": f"{moment(waiting)}, {_when(waiting)}{_held_up(delivery)}" if waiting else "",
        "headers": masked_headers(delivery.headers),
        "added": curl.added_headers(delivery),
        "body": pretty(bytes(delivery.body), content_type),
        "command": curl.command(delivery),
        "tries": [_told(attempt) for attempt in delivery.tries.all()],
    }


def _told(attempt: Attempt) -> dict[str, Any]:
    good = attempt.status is not None and 200 <= attempt.status < 300
    return {
        "attempt": attempt,
        "started": moment(attempt.started_at),
        "answer": answer(attempt.status, attempt.error) if attempt.ended_at else "under way",
        "colour": "success" if good else "danger" if attempt.ended_at else "primary",
        "headers": masked_headers(outbox.header_lines(attempt.response_headers)),
        "excerpt": pretty(attempt.response),
    }


def _held_up(delivery: Delivery) -> str:
    """Why it may have to wait longer than for its own next attempt."""
    webhook = delivery.webhook
    if webhook and webhook.order != webhook.Order.ANY and turns.waits(delivery):
        return ". It waits for another delivery of its record"
    if webhook and webhook.breaker_opened_at and not delivery.requested_by:
        return ". Its webhook is paused after failures: until then, only one of its deliveries is tried"
    return ""


def _when(due: Any) -> str:
    return "as soon as a worker is free" if due <= timezone.now() else f"in {ago(due)}"
