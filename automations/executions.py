"""What a person sees of an execution: the webhooks to choose from, the request, and what becomes of it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from automations import posting, sensitive
from automations.models import Record, Tag
from automations.posting import Preview
from webhooks_out import curl, outbox
from webhooks_out.admin_log import STATE_COLOURS, ago, moment, pretty
from webhooks_out.jobs import Job
from webhooks_out.masks import masked_headers
from webhooks_out.models import Attempt, Delivery, Webhook
from webhooks_out.outbox import Definition

# Seconds before each further look at a delivery that is not settled; the last one goes on until PATIENCE is over.
LOOKS = (0.3, 0.5, 0.5, 1, 1, 2, 2, 3, 5, 10)
PATIENCE = 120  # looks, some twenty minutes
HEADLINES = {
    Job.State.WAITING: "Queued. A worker sends it as soon as one is free.",
    Job.State.RUNNING: "It is being sent …",
    Job.State.DONE: "Sent, and accepted by the receiver.",
    Job.State.DEAD: "It failed, and is not tried again.",
    Job.State.CANCELLED: "It was cancelled and is not sent.",
    Job.State.HELD: "Nothing was sent: data is missing. Complete the record, then execute the webhook again.",
}


@dataclass(frozen=True)
class Progress:
    """How far a delivery is, in words, and when to look again."""

    headline: str
    colour: str
    tries: tuple[dict[str, Any], ...]
    next_try: str  # when it is tried again, if it failed and is
    look: int  # which look at it comes next
    wait: int | None  # milliseconds until then; None when there is nothing more to see
    gave_up: bool  # whether it is unsettled and yet not looked at any more


def offered(record: Record) -> list[Webhook]:
    """The webhooks that may be executed on this record: those switched on and offered for its type."""
    active = Webhook.objects.filter(active=True)
    return [webhook for webhook in active if webhook.is_offered_to(record.type)]


def preview(webhook: Webhook, record: Record, requested_by: str) -> Preview:
    """What this webhook would send of this record now."""
    tags = dict(Tag.objects.values_list("name", "path"))
    return posting.preview(Definition.of(webhook), record, tags, requested_by, sensitive.known())


def told(delivery: Delivery, webhook: Webhook) -> dict[str, Any]:
    """A request, frozen but not sent, for people's eyes: secrets are dots."""
    delivery.webhook = webhook
    return {
        "method": delivery.method,
        "url": delivery.url,
        "headers": masked_headers(delivery.headers) | curl.added_headers(delivery),
        "body": pretty(bytes(delivery.body), delivery.headers.get("Content-Type", "")),
    }


def of_record(record: Record, delivery_id: UUID) -> Delivery | None:
    """The delivery with this id, if it was made by hand for this record."""
    by_hand = Delivery.objects.filter(pk=delivery_id, origin=Delivery.Origin.MANUAL)
    return by_hand.filter(record_type=record.type, record_id=record.external_id).first()


def progress(delivery: Delivery, look: str) -> Progress:
    """How far it is; `look` says how often it was looked at before, as the page said it."""
    number = int(look) if look.isascii() and look.isdecimal() and len(look) < 6 else 0
    over = delivery.settled or number >= PATIENCE
    return Progress(
        headline=_headline(delivery),
        colour=STATE_COLOURS.get(delivery.state, ""),
        tries=tuple(_try(attempt) for attempt in delivery.tries.all()),
        next_try=_next_try(delivery),
        look=number + 1,
        wait=None if over else int(LOOKS[min(number, len(LOOKS) - 1)] * 1000),
        gave_up=over and not delivery.settled,
    )


def _headline(delivery: Delivery) -> str:
    if delivery.state == Job.State.WAITING and delivery.attempts:
        return "It failed, and is tried again by itself."
    return HEADLINES[Job.State(delivery.state)]


def _next_try(delivery: Delivery) -> str:
    if delivery.state != Job.State.WAITING or not delivery.attempts or delivery.due_at is None:
        return ""
    number = f"attempt {delivery.attempts + 1} of {delivery.max_attempts}"
    return f"{moment(delivery.due_at)}, in {ago(delivery.due_at)} ({number})"


def _try(attempt: Attempt) -> dict[str, Any]:
    accepted = attempt.status is not None and 200 <= attempt.status < 300
    return {
        "attempt": attempt,
        "accepted": accepted,
        "headers": masked_headers(outbox.header_lines(attempt.response_headers)),
        "excerpt": pretty(attempt.response),
    }
