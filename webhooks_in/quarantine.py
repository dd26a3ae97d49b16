"""Requests that failed verification: answered 401, kept within bounds, and verified again when a person asks for it."""

import json
from collections.abc import Iterable
from hashlib import sha256

from django.db.models.functions import Now
from django.utils import timezone

from webhooks_in import verification
from webhooks_in.intake import Arrival
from webhooks_in.models import Receipt, Source
from webhooks_in.schemes import Message, NotVerified
from webhooks_out import drains
from webhooks_out.jobs import Job, new_id
from webhooks_out.secrets import Secret

MAX_HELD = 500  # requests kept for one source; later ones are only counted


def keep(source: Source | None, arrival: Arrival, reason: str) -> bool:
    """Keeps a request that failed verification, if there is room; its full headers only encrypted."""
    held = Receipt.objects.filter(source=source, state=Job.State.HELD, verified=False)
    if held.count() >= MAX_HELD or source is None:
        return False
    receipt_id = new_id()
    Receipt.objects.create(
        id=receipt_id,
        correlation_id=receipt_id,
        source=source,
        state=Job.State.HELD,
        due_at=None,
        verified=False,
        reason=reason[:500],
        method=arrival.method,
        content_type=arrival.content_type[:200],
        query=arrival.query,
        headers=arrival.kept,
        sealed_headers=Secret.of(json.dumps(arrival.headers)),
        body=arrival.body,
        body_digest=sha256(arrival.body).hexdigest(),
    )
    return True


def release(receipts: Iterable[Receipt], public_url: str) -> tuple[int, int]:
    """Verifies kept requests once more and hands those that pass to the workers; how many passed, how many did not.

    The age of a signature is judged as of its arrival, so that a corrected secret also releases yesterday's requests.
    """
    passed = failed = 0
    for receipt in receipts:
        if receipt.verified or receipt.state != Job.State.HELD:
            continue
        try:
            check(receipt, public_url)
        except NotVerified as reason:
            Receipt.objects.filter(pk=receipt.pk).update(reason=str(reason)[:500])
            failed += 1
        else:
            Receipt.objects.filter(pk=receipt.pk).update(
                state=Job.State.WAITING, verified=True, due_at=Now(), reason="", sealed_headers=""
            )
            passed += 1
    drains.wake_after_commit(Receipt.queue)
    return passed, failed


def check(receipt: Receipt, public_url: str) -> None:
    """Raises NotVerified when the kept request still does not pass."""
    source = receipt.source
    message = Message(
        method=receipt.method,
        url=f"{public_url}{source.path}" + (f"?{receipt.query}" if receipt.query else ""),
        headers=json.loads(receipt.sealed_headers.reveal() or "{}"),
        body=bytes(receipt.body),
    )
    secrets = list(source.secrets_at(timezone.now()))
    verification.verify(source.scheme(), secrets, message, receipt.created_at.timestamp())
