"""What the button below a preview carries: the one delivery it may make, and what was shown.

The id of the delivery is chosen when the preview is made. So whoever presses twice asks for the same delivery twice,
and the primary key lets it be made once.
"""

from dataclasses import dataclass
from uuid import UUID

from django.core import signing
from django.utils.crypto import salted_hmac

from webhooks_out import exact_json, outbox
from webhooks_out.models import Delivery

LASTS = 900  # seconds a preview may be looked at; after that it is shown anew
SALT = "automations.tickets"


@dataclass(frozen=True)
class Ticket:
    """One delivery of one webhook for one record, as one person was shown it."""

    delivery_id: UUID
    webhook_id: int
    record_id: int
    person_id: int
    fingerprint: str


def issue(ticket: Ticket) -> str:
    """The ticket as a text that nobody can alter."""
    parts = (ticket.webhook_id, ticket.record_id, ticket.person_id, ticket.fingerprint)
    return signing.dumps([ticket.delivery_id.hex, *parts], salt=SALT)


def read(text: str) -> Ticket | None:
    """The ticket of such a text; None when it was altered or is too old."""
    try:
        delivery, webhook, record, person, fingerprint = signing.loads(text, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    return Ticket(UUID(delivery), webhook, record, person, fingerprint)


def fingerprint(delivery: Delivery) -> str:
    """What tells this request from any other, secret values included, and gives none of them away."""
    real = outbox.unsealed(delivery)
    said = exact_json.dumps([delivery.method, real.url, delivery.headers, delivery.state, real.body.hex()])
    return salted_hmac(SALT, said, algorithm="sha256").hexdigest()
