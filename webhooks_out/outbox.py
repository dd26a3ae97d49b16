"""The outbox: requests are frozen and stored here first, and only then sent."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from django.db.models.functions import Now

from webhooks_out import batches, bodies, drains, exact_json, mapping
from webhooks_out.bodies import Event
from webhooks_out.jobs import Job, new_id
from webhooks_out.mapping import Pair, Values
from webhooks_out.models import Delivery, Webhook
from webhooks_out.secrets import Secret

USER_AGENT = "Fieldhook"
HOPS_HEADER = "X-Fieldhook-Hops"


@dataclass(frozen=True)
class Definition:
    """A webhook as it stood when it was loaded: all that freezing a request needs, with no query."""

    webhook_id: int | None
    title: str
    active: bool
    method: str
    url: str
    body_kind: str
    headers: dict[str, str]
    pairs: tuple[Pair, ...]
    max_attempts: int
    order: str = Webhook.Order.ANY

    @classmethod
    def of(cls, webhook: Webhook, pairs: Iterable[Pair] | None = None) -> "Definition":
        """The definition of a webhook, saved or not; `pairs` stand in for the stored key-values."""
        return cls(
            webhook_id=webhook.pk,
            title=webhook.title,
            active=webhook.active,
            method=webhook.method,
            url=with_port(webhook.url, webhook.port),
            body_kind=webhook.body_kind,
            headers=header_lines(webhook.headers),
            pairs=tuple(pairs if pairs is not None else (row.pair() for row in webhook.key_values.all())),
            max_attempts=webhook.max_attempts,
            order=webhook.order,
        )


@dataclass(frozen=True)
class Subject:
    """Whom a delivery is about, and why it is made."""

    record_type: str = ""
    record_id: str = ""
    record_name: str = ""
    origin: str = Delivery.Origin.RULE
    requested_by: str = ""
    correlation_id: UUID = field(default_factory=new_id)
    hops: int = 0


def freeze(definition: Definition, values: Values, event: Event, subject: Subject) -> Delivery:
    """The request as it will be sent, not yet stored. What is secret in it is kept sealed beside a masked copy."""
    rendered = mapping.render(definition.pairs, values)
    built = bodies.build(definition.body_kind, definition.url, rendered, event)
    shown, sealed = built, ""
    if any(concealed for _, _, concealed in rendered.pairs):
        shown = bodies.build(definition.body_kind, definition.url, mapping.masked(rendered), event)
        secrets = [str(value) for _, value, concealed in rendered.pairs if concealed]
        body = base64.b64encode(built.body).decode()
        sealed = exact_json.dumps({"url": built.url, "body": body, "secrets": secrets})
    delivery = Delivery(
        webhook_id=definition.webhook_id,
        title=definition.title,
        method=definition.method,
        url=shown.url,
        headers=_headers(definition, built.content_type, subject.hops),
        body=shown.body,
        sealed=Secret.of(sealed),
        max_attempts=definition.max_attempts,
        in_turn=definition.order != Webhook.Order.ANY and bool(subject.record_id),
        **vars(subject),
    )
    if rendered.held:
        delivery.state, delivery.due_at = Job.State.HELD, None
        delivery.reason = " ".join(rendered.missing)[:500]
    elif not definition.active:
        delivery.state, delivery.due_at, delivery.reason = (
            Job.State.CANCELLED,
            None,
            "The webhook is switched off.",
        )
    return delivery


def store(deliveries: list[Delivery]) -> None:
    """Stores frozen deliveries in one statement and wakes a worker once the transaction is committed."""
    if deliveries:
        batches.insert(deliveries)
        drains.wake_after_commit(Delivery.queue)


@dataclass(frozen=True)
class Unsealed:
    """What is really sent: the URL and body with their secrets, and those secrets, so that no log repeats them."""

    url: str
    body: bytes
    secrets: tuple[str, ...] = ()


def unsealed(delivery: Delivery) -> Unsealed:
    """The URL and body to send, secrets included; SecretUnreadable when FIELD_KEYS no longer holds the key."""
    if not delivery.sealed:
        return Unsealed(delivery.url, bytes(delivery.body))
    real: dict[str, Any] = exact_json.loads(delivery.sealed.reveal())
    return Unsealed(real["url"], base64.b64decode(real["body"]), tuple(real["secrets"]))


def replay(deliveries: Iterable[Delivery], requested_by: str) -> int:
    """Sends settled deliveries once more, each the same frozen request under the same id; returns how many."""
    ids = [delivery.pk for delivery in deliveries]
    sent_again = 0
    for delivery in Delivery.objects.filter(pk__in=ids, due_at__isnull=True).only("pk", "attempts"):
        sent_again += Delivery.objects.filter(pk=delivery.pk, due_at__isnull=True).update(
            state=Job.State.WAITING,
            due_at=Now(),
            reason="",
            settled_at=None,
            max_attempts=delivery.attempts + 1,
            requested_by=requested_by,
        )
    drains.wake_after_commit(Delivery.queue)
    return sent_again


def cancel_waiting(webhook: Webhook, reason: str) -> int:
    """Cancels what still waits for this webhook, except what a person asked for; returns how many."""
    return Delivery.objects.filter(webhook=webhook, state=Job.State.WAITING, requested_by="").update(
        state=Job.State.CANCELLED, due_at=None, reason=reason, settled_at=Now()
    )


@lru_cache(maxsize=1024)
def origin(url: str) -> str:
    """Scheme, host and port of a URL, lower case: what credentials are bound to."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme.lower())
    return f"{parts.scheme.lower()}://{(parts.hostname or '').lower()}:{parts.port or default}"


@lru_cache(maxsize=1024)
def with_port(url: str, port: int | None) -> str:
    """The URL with the port an administrator named, if any."""
    if not port:
        return url
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return urlunsplit(parts._replace(netloc=f"{host}:{port}"))


def header_lines(text: str) -> dict[str, str]:
    """Headers from lines of “Name: value”; lines without a colon are ignored (the form refuses them)."""
    lines = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, _, value in lines}


def _headers(definition: Definition, content_type: str, hops: int) -> dict[str, str]:
    own = {"User-Agent": USER_AGENT, HOPS_HEADER: str(hops + 1)}
    return own | ({"Content-Type": content_type} if content_type else {}) | definition.headers
