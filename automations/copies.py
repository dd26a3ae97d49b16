"""Copies of documents from another record, here or in a linked hub: asked for by a post, made by a worker."""

import hashlib
from dataclasses import replace
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast
from urllib.parse import unquote
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Now

from automations import documents, hubs
from automations.changes import DocumentsAsked, RecordUpdate
from automations.models import DocumentCopy, Hub, Record
from webhooks_out import drains
from webhooks_out.http import Answer
from webhooks_out.jobs import Job, Outcome, dead, done, retry
from webhooks_out.judging import TRY_AGAIN
from webhooks_out.secrets import SecretUnreadable

LEASE = hubs.TRANSFER + 10  # seconds a worker has for one copy
BACKOFF = (30.0, 300.0)  # seconds before the second and third attempt, as for deliveries
MB = 1024 * 1024  # bytes
PIECE = 64 * 1024  # bytes read at once
UNKNOWN = (
    "The documents {ids} of record {record} were not fetched: no linked hub has the account id {account}."
)
NOT_OURS = "This hub has no document {id} of record {record} that was posted to itself."
SWITCHED_OFF = "No linked hub with the account id {account} is switched on."
DAMAGED = "The document arrived damaged: it is not what {hub} says it sent."
TOO_LARGE = "The document is larger than {most} MB, the most that is copied."


def checked(update: RecordUpdate) -> RecordUpdate:
    """The update; documents of an account that nobody linked are noted instead of asked for."""
    asked = update.documents
    if asked is None or asked.account == settings.ACCOUNT_ID or _linked(asked.account):
        return update
    note = UNKNOWN.format(ids=", ".join(asked.ids), record=asked.record_id, account=asked.account)
    return replace(update, documents=None, notes=(*update.notes, note))


def ask(record: Record, asked: DocumentsAsked, correlation_id: UUID) -> None:
    """Has each document copied once; one that failed before is tried anew. Needs an open transaction."""
    DocumentCopy.objects.bulk_create(
        (
            DocumentCopy(
                record=record,
                account=asked.account,
                external_record_id=asked.record_id,
                document_id=known,
                correlation_id=correlation_id,
            )
            for known in asked.ids
        ),
        ignore_conflicts=True,
    )
    mine = DocumentCopy.objects.filter(record=record, account=asked.account)
    _revive(mine.filter(external_record_id=asked.record_id, document_id__in=asked.ids))
    drains.wake_after_commit(DocumentCopy.queue)


def again(record: Record) -> int:
    """Tries anew what failed of a record's copies; how many."""
    count = _revive(DocumentCopy.objects.filter(record=record))
    drains.wake_after_commit(DocumentCopy.queue)
    return count


def perform(copy: DocumentCopy) -> Outcome:
    """Makes one copy; a repeat after a crash finds the document that is there already."""
    if copy.account == settings.ACCOUNT_ID:
        return _within(copy)
    hub = _linked(copy.account)
    return _fetched(copy, hub) if hub else dead(SWITCHED_OFF.format(account=copy.account))


def _revive(copies: QuerySet[DocumentCopy]) -> int:
    return copies.filter(state=Job.State.DEAD).update(
        state=Job.State.WAITING, due_at=Now(), attempts=0, reason="", settled_at=None
    )


def _linked(account: str) -> Hub | None:
    return Hub.objects.filter(account=account, active=True).first()


def _within(copy: DocumentCopy) -> Outcome:
    document = hubs.named(copy.external_record_id, copy.document_id)
    if document is None or not hubs.was_posted(document.record, settings.PUBLIC_URL):
        return dead(NOT_OURS.format(id=copy.document_id, record=copy.external_record_id))
    with document.file.open("rb") as file:
        return _kept(copy, document.name, cast(BinaryIO, file), f"Record {copy.external_record_id}")


def _fetched(copy: DocumentCopy, hub: Hub) -> Outcome:
    most = min(hub.max_file_size * MB, documents.max_size())
    wanted = (f"{copy.pk}.{copy.attempts}", copy.external_record_id, copy.document_id)
    with SpooledTemporaryFile(documents.IN_MEMORY) as spooled:
        file = cast(BinaryIO, spooled)
        try:
            answer = hubs.fetch(hub, wanted, file, most)
        except SecretUnreadable as unreadable:
            return dead(str(unreadable))
        if outcome := _refused(copy, hub, answer, most):
            return outcome
        if _digest(file) != _header(answer, hubs.DIGEST):
            return retry(copy, DAMAGED.format(hub=hub.title), delays=BACKOFF)
        name = unquote(_header(answer, hubs.NAME))
        return _kept(copy, name, file, f"{hub.title}, record {copy.external_record_id}")


def _refused(copy: DocumentCopy, hub: Hub, answer: Answer, most: int) -> Outcome | None:
    """What becomes of a copy whose document did not come; None when it came whole."""
    if answer.status is None:
        return retry(copy, f"{hub.title} did not send it. {answer.detail}", delays=BACKOFF)
    if answer.status in TRY_AGAIN or answer.status >= 500:
        return retry(copy, f"{hub.title} answered {answer.status}.", delays=BACKOFF)
    if answer.status == 404:
        return dead(f"{hub.title} was reached, but {hubs.NOT_HANDED_OUT}")
    if answer.status != 200:
        return dead(
            f"{hub.title} answered {answer.status}, as no Fieldhook does: check its URL under Linked hubs."
        )
    return dead(TOO_LARGE.format(most=most // MB)) if answer.cut else None


def _kept(copy: DocumentCopy, name: str, file: BinaryIO, origin: str) -> Outcome:
    file.seek(0)
    if not file.read(1):
        return dead("The document is empty.")
    file.seek(0)
    try:
        documents.store(copy.record, name, file, origin=origin)
    except documents.Refused as reason:
        return dead(str(reason))
    return done()


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _header(answer: Answer, name: str) -> str:
    return next((value for key, value in answer.headers.items() if key.lower() == name.lower()), "")
