"""One exchange with a receiver: what is really sent of a delivery, and what may be kept of the answer."""

import base64
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from django.conf import settings
from django.utils import timezone

from webhooks_out import outbox, signing
from webhooks_out.http import Answer, Client, Outgoing
from webhooks_out.models import Delivery, Webhook
from webhooks_out.secrets import MASK, SecretUnreadable

SHORTEST = 4  # characters of a secret that is masked where it is echoed


def request(delivery: Delivery, webhook: Webhook) -> Answer:
    """Makes the one request of one attempt; a secret that the receiver echoes is masked. Touches no database."""
    try:
        real = outbox.unsealed(delivery)
        credentials = _credentials(webhook, real.url)
        headers = delivery.headers | credentials | _signature(delivery, webhook, real.body)
    except SecretUnreadable as unreadable:
        return Answer(error="secret", detail=str(unreadable))
    answer = client().send(
        Outgoing(
            method=delivery.method,
            url=real.url,
            headers=headers,
            body=real.body,
            timeout=float(webhook.timeout),
            verify_tls=webhook.verify_tls,
            ca=webhook.ca,
        )
    )
    secrets = [*real.secrets, *_parts(credentials)]
    return masked(answer, secrets) if secrets else answer


def masked(answer: Answer, secrets: Iterable[str]) -> Answer:
    """The answer with every one of these secrets replaced by dots; very short ones could be anything and stay."""
    wanted = sorted({secret for secret in secrets if len(secret) >= SHORTEST}, key=len, reverse=True)
    if not wanted:
        return answer
    pattern = re.compile("|".join(map(re.escape, wanted)))
    headers = {name: pattern.sub(MASK, value) for name, value in answer.headers.items()}
    return replace(answer, excerpt=pattern.sub(MASK, answer.excerpt), headers=headers)


@lru_cache(maxsize=1)
def client() -> Client:
    """The process's one HTTP client, its connections kept between drains."""
    return Client(pool=settings.SEND_THREADS, allowed=tuple(settings.ALLOWED_PRIVATE_NETWORKS))


def _credentials(webhook: Webhook, url: str) -> dict[str, str]:
    """Stored credentials, only for the address they were entered for."""
    if outbox.origin(url) != outbox.origin(outbox.with_port(webhook.url, webhook.port)):
        return {}
    headers = outbox.header_lines(webhook.secret_headers.reveal())
    if webhook.auth_username:
        pair = f"{webhook.auth_username}:{webhook.auth_password.reveal()}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    return headers


def _parts(credentials: dict[str, str]) -> Iterator[str]:
    """The values of secret headers, whole and without the word in front; of Basic also the password."""
    for value in credentials.values():
        yield value
        scheme, _, rest = value.partition(" ")
        yield rest
        if scheme == "Basic":
            yield base64.b64decode(rest).decode().partition(":")[2]


def _signature(delivery: Delivery, webhook: Webhook, body: bytes) -> dict[str, str]:
    """Standard Webhooks headers: the delivery's id for life, the time of this attempt."""
    keys = [webhook.signing_secret.reveal()]
    if webhook.previous_valid_until and webhook.previous_valid_until > timezone.now():
        keys.append(webhook.previous_signing_secret.reveal())
    return signing.headers(str(delivery.pk), int(time.time()), body, [key for key in keys if key])
