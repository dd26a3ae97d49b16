"""Credentials belong to the address they were entered for: a webhook that moves loses those the file does not set."""

from collections.abc import Mapping
from dataclasses import dataclass
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

# The secret that goes on counting for a while once it is replaced, and where it is kept meanwhile.
ROTATED: dict[type[models.Model], tuple[str, str]] = {
    Webhook: ("signing_secret", "previous_signing_secret"),
    Source: ("secret", "previous_secret"),
}


@dataclass(frozen=True)
class Held:
    """What a stored thing had before the file was read."""

    rotated: Secret
    blanked: tuple[tuple[str, Any, str], ...] = ()  # what it is called, the row and the column


def take(row: models.Model, stored: Mapping[str, list[Any]], given: Mapping[str, Value]) -> Held:
    """Remembers secrets; blanks those a webhook sends when it is about to get another scheme, host or port."""
    rotated = getattr(row, ROTATED[type(row)][0]) if type(row) in ROTATED else Secret("")
    if not isinstance(row, Webhook) or not row.pk or not _moves(row, given):
        return Held(rotated)
    held = [(column, row, column) for column in CREDENTIALS]
    held += [(f"key_values {pair.key!r}", pair, "secret") for pair in stored["key_values"]]
    blanked = [one for one in held if getattr(one[1], one[2])]
    for _, owner, column in blanked:
        setattr(owner, column, "")
    return Held(rotated, tuple(blanked))


def settle(row: models.Model, rows: Mapping[str, list[Any]], held: Held, filling: Filling) -> None:
    """Lets a replaced secret count for a while, and tells what was blanked and what has no secret yet."""
    if type(row) in ROTATED:
        present, previous = ROTATED[type(row)]
        if held.rotated and getattr(row, present) != held.rotated:
            until = {previous: held.rotated, "previous_valid_until": timezone.now() + ROTATION}
            for column, value in until.items():
                setattr(row, column, value)
    for name, owner, column in held.blanked:
        if not getattr(owner, column) and (owner is row or owner in rows["key_values"]):
            filling.notes.append(f"{name}: blanked, because it was entered for another address")
    if isinstance(row, Source) and row.scheme().mode != "none" and not row.secret:
        filling.warnings.append("it has no secret yet, so every request will be refused")
    if isinstance(row, Webhook):
        pairs = [pair for pair in rows["key_values"] if pair.kind == KeyValue.Kind.SECRET and not pair.secret]
        filling.warnings.extend(f"{pair.key} has no secret value yet" for pair in pairs)


def _moves(row: Webhook, given: Mapping[str, Value]) -> bool:
    port = given.get("port")
    try:
        new = with_port(given["url"].text(), port.whole() if port and not port.nothing else None)
        return origin(new) != origin(with_port(row.url, row.port))
    except (KeyError, ValueError):
        return False  # the checks refuse such an address
