"""Credentials belong to the address they were entered for: a webhook that moves loses those the file does not set."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils import timezone

from config.files.document import Value
from config.files.entries import Filling
from webhooks_in.models import Source
from webhooks_out.forms import CREDENTIALS, ROTATION
from webhooks_out.models import KeyValue, Webhook
from webhooks_out.outbox import origin, with_port
from webhooks_out.secrets import Secret


@dataclass(frozen=True)
class Held:
    """What a stored webhook had before the file was read."""

    blanked: tuple[tuple[str, Any, str], ...] = ()  # what it is called, the row and the column
    signing_secret: Secret = field(default_factory=lambda: Secret(""))


def take(row: models.Model, stored: Mapping[str, list[Any]], given: Mapping[str, Value]) -> Held:
    """Blanks what a webhook sends in secret when it is about to get another scheme, host or port."""
    if not isinstance(row, Webhook) or not row.pk:
        return Held()
    held = [(column, row, column) for column in CREDENTIALS]
    held += [(f"key_values {pair.key!r}", pair, "secret") for pair in stored["key_values"]]
    blanked = [one for one in held if _moves(row, given) and getattr(one[1], one[2])]
    for _, owner, column in blanked:
        setattr(owner, column, "")
    return Held(tuple(blanked), row.signing_secret)


def settle(row: models.Model, rows: Mapping[str, list[Any]], held: Held, filling: Filling) -> None:
    """Tells what stayed blank and what has no secret yet; a replaced signing secret goes on signing for a while."""
    for name, owner, column in held.blanked:
        if not getattr(owner, column) and (owner is row or owner in rows["key_values"]):
            filling.notes.append(f"{name}: blanked, because it was entered for another address")
    if isinstance(row, Source) and row.scheme().mode != "none" and not row.secret:
        filling.warnings.append("it has no secret yet, so every request will be refused")
    if not isinstance(row, Webhook):
        return
    if held.signing_secret and row.signing_secret != held.signing_secret:
        row.previous_signing_secret, row.previous_valid_until = held.signing_secret, timezone.now() + ROTATION
    if row.active:
        row.disabled_reason = ""
    lacking = [
        pair.key for pair in rows["key_values"] if pair.kind == KeyValue.Kind.SECRET and not pair.secret
    ]
    filling.warnings.extend(f"{key} has no secret value yet" for key in lacking)


def _moves(row: Webhook, given: Mapping[str, Value]) -> bool:
    port = given.get("port")
    try:
        new = with_port(given["url"].text(), port.whole() if port and not port.nothing else None)
        return origin(new) != origin(with_port(row.url, row.port))
    except (KeyError, ValueError):
        return False  # the checks refuse such an address
