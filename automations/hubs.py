"""What two linked hubs agreed on: how one asks the other for a document, and which documents it may have.

A request is JSON in a POST, signed by Standard Webhooks with what the hubs share. It names the asking and the asked
hub, so that it is of no use elsewhere, and counts once and for a few minutes only. A hub may have the documents of the
records that were posted to it.
"""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from django.conf import settings

from automations.models import Document, Hub, OnceKey, Record
from webhooks_out import exact_json, exchange, outbox, signing
from webhooks_out.http import Answer, Outgoing
from webhooks_out.jobs import Job, new_id
from webhooks_out.messages import EXCERPT
from webhooks_out.models import Delivery
from webhooks_out.scalars import text
from webhooks_out.secrets import SecretUnreadable

PATH = "/hub/documents/"
DIGEST, NAME = "X-Document-Digest", "X-Document-Name"  # headers of a document that is handed out
SHORTEST_SECRET = 24  # characters
MAX_REQUEST = 4096  # bytes
TRANSFER = 45.0  # seconds for one document, from the look-up of the name to the last byte
TEST = 10.0  # seconds for a test of the link
DELIVERIES = 500  # of a record that are looked through, the newest first
NOT_HANDED_OUT = (
    "it hands nothing out to us. Both hubs need the same secret, each the other's account id, and clocks that agree; "
    "and only documents of records that were posted to this hub are handed out."
)


@dataclass(frozen=True)
class Asked:
    """A verified request of a linked hub. Without a record it only tests the link."""

    hub: Hub
    record_id: str
    document_id: str

    @property
    def is_test(self) -> bool:
        """Whether no document is wanted."""
        return not self.record_id


def request(hub: Hub, message_id: str, **wanted: str) -> Outgoing:
    """The signed request to a hub; `wanted`: the `record` and the `document`, or neither to test the link."""
    body = exact_json.dumps({"from": settings.ACCOUNT_ID, "to": hub.account, **wanted}).encode()
    signature = signing.headers(message_id, int(time.time()), body, [_secret(hub)])
    headers = {"Content-Type": "application/json", "Accept-Encoding": "identity", **signature}
    parts = urlsplit(hub.url)
    address = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}{PATH}"
    return Outgoing("POST", address, headers, body, timeout=TRANSFER if wanted else TEST)


def fetch(hub: Hub, wanted: tuple[str, str, str], into: BinaryIO, most: int) -> Answer:
    """Writes a document of another hub into a file, at most so many bytes; `wanted`: message, record, document."""
    message, record, document = wanted
    asked = request(hub, message, record=record, document=document)
    return exchange.client().send(Outgoing(**{**vars(asked), "into": into, "most": most}))


def test(hub: Hub) -> str:
    """Why the link does not work, in a sentence, or "". One request."""
    try:
        answer = exchange.client().send(request(hub, str(new_id())))
    except SecretUnreadable as unreadable:
        return str(unreadable)
    if answer.status == 200 and answer.excerpt.strip() == hub.account:
        return ""
    if answer.status == 404:
        return f"{hub.title} was reached, but {NOT_HANDED_OUT}"
    if answer.status:
        return f"{hub.title} answered {answer.status}, as no Fieldhook does: check the URL."
    return f"{hub.title} was not reached. {answer.detail}"


def understood(headers: Mapping[str, str], body: bytes) -> Asked | None:
    """What a linked hub asks us for; None for everybody else, and for a request that was made before.

    `headers` are looked up in lower case.
    """
    message = _message(body)
    hub = Hub.objects.filter(account=text(message.get("from")), active=True).first()
    try:
        secret = _secret(hub or Hub())
    except SecretUnreadable:
        return None
    signed = signing.verified(headers, body, secret, time.time())
    if hub is None or not signed or len(hub.secret.reveal()) < SHORTEST_SECRET:
        return None
    if message.get("to") != settings.ACCOUNT_ID:
        return None
    once = hashlib.sha256(headers["webhook-id"].encode("utf-8", "replace")).hexdigest()
    _, first = OnceKey.objects.get_or_create(key=f"hub:{hub.account}:{once}")
    asked = Asked(hub, text(message.get("record")), text(message.get("document")))
    return asked if first else None


def document_for(asked: Asked) -> Document | None:
    """The document, if it belongs to the record that is named and that record was posted to the asking hub."""
    document = named(asked.record_id, asked.document_id)
    return document if document and was_posted(document.record, asked.hub.url) else None


def named(record_id: str, document_id: str) -> Document | None:
    """Our document of this id, if it belongs to a record that calls itself by this id."""
    if not (document_id.isascii() and document_id.isdecimal() and len(document_id) < 19):
        return None
    document = Document.objects.select_related("record").filter(pk=int(document_id)).first()
    if document is None:
        return None
    record = document.record
    return document if record_id in (record.external_id, text(record.fields.get("id"))) else None


def was_posted(record: Record, url: str) -> bool:
    """Whether we posted this record to the host of this URL, or were about to."""
    mine = Delivery.objects.filter(record_id=record.external_id, record_type=record.type)
    sent = mine.exclude(state__in=(Job.State.CANCELLED, Job.State.HELD)).order_by("-id")
    origins = map(outbox.origin, sent.values_list("url", flat=True)[:DELIVERIES])
    return outbox.origin(url) in origins


def _secret(hub: Hub) -> str:
    return signing.secret_of(hub.secret.reveal())


def _message(body: bytes) -> dict[str, Any]:
    if len(body) > min(MAX_REQUEST, EXCERPT):
        return {}
    try:
        message = exact_json.loads(body)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}
