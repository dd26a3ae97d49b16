"""A delivery as a curl command to paste into a terminal; what is secret stands there as a placeholder."""

import shlex
from collections.abc import Iterator
from urllib.parse import quote_plus

from webhooks_out import outbox
from webhooks_out.masks import masked_headers
from webhooks_out.models import Delivery, Webhook
from webhooks_out.secrets import MASK, SecretUnreadable

PLACEHOLDER = "SECRET"
UNREADABLE = "<body that is not text>"


def command(delivery: Delivery) -> str:
    """The command, one option a line. Needs the delivery's webhook for the credentials it would add."""
    lines = [f"curl -X {delivery.method} {shlex.quote(_open(delivery.url))}"]
    lines += [f"  {option}" for option in _options(delivery)]
    return " \\\n".join(lines)


def added_headers(delivery: Delivery) -> dict[str, str]:
    """What each attempt adds to the frozen headers, values masked: credentials of the webhook, and the signature."""
    added = {"webhook-id": str(delivery.pk), "webhook-timestamp": "(seconds, at each attempt)"}
    webhook = delivery.webhook
    if webhook is None:
        return added
    if _bound_here(webhook, delivery.url):
        added |= dict.fromkeys(_secret_names(webhook), MASK)
        added |= {"Authorization": MASK} if webhook.auth_username else {}
    return added | ({"webhook-signature": MASK} if webhook.signing_secret else {})


def _options(delivery: Delivery) -> Iterator[str]:
    for name, value in masked_headers(delivery.headers).items():
        yield f"-H {shlex.quote(f'{name}: {_open(value)}')}"
    for name, value in added_headers(delivery).items():
        if name not in ("Authorization", "webhook-timestamp"):
            yield f"-H {shlex.quote(f'{name}: {_open(value)}')}"
    webhook = delivery.webhook
    if webhook and webhook.auth_username and _bound_here(webhook, delivery.url):
        yield f"--user {shlex.quote(f'{webhook.auth_username}:{PLACEHOLDER}')}"
    if body := bytes(delivery.body):
        yield f"--data-raw {shlex.quote(_open(_text(body)))}"


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return UNREADABLE


def _open(text: str) -> str:
    """The dots of masked values, encoded or not, as a placeholder."""
    return text.replace(MASK, PLACEHOLDER).replace(quote_plus(MASK), PLACEHOLDER)


def _bound_here(webhook: Webhook, url: str) -> bool:
    return outbox.origin(url) == outbox.origin(outbox.with_port(webhook.url, webhook.port))


def _secret_names(webhook: Webhook) -> list[str]:
    try:
        return list(outbox.header_lines(webhook.secret_headers.reveal()))
    except SecretUnreadable:
        return []
