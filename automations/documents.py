"""Files that belong to records: kept once, within a size, and never trusted for what they say they are."""

import hashlib
import mimetypes
import re
import unicodedata
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Any, BinaryIO
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files import File
from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from automations.models import Document, Record

CHUNK = 64 * 1024  # bytes read at once
IN_MEMORY = 1024 * 1024  # bytes; larger files wait on disk while they are measured
MAX_NAME = 150  # characters of a name
MAX_SUFFIX = 20  # characters of a name's ending that survive a cut
UNNAMED = "document"
UNKNOWN_TYPE = "application/octet-stream"

_SEPARATORS = re.compile(r"[/\\]")
_FORBIDDEN = re.compile(r'[<>:"|?*%\x7f]')


class Refused(Exception):
    """A file that is not kept; str() says why, for the person who gave it."""


def max_size() -> int:
    """The largest document that is kept, in bytes."""
    return int(settings.MAX_DOCUMENT) * 1024 * 1024


def store(
    record: Record,
    name: str,
    content: BinaryIO,
    *,
    uploaded_by: User | None = None,
    origin: str = "",
    path: str = "",
) -> Document:
    """Keeps a file with a record; Refused when it is too large.

    The same file under the same name is kept once, and found again. `path`: where it is kept, for content that is
    always the same there; what a crash left at that place is replaced.
    """
    name = cleaned_name(name)
    with SpooledTemporaryFile(IN_MEMORY) as copy:
        size, digest = _measured(content, copy)
        if known := _known(record, name, digest):
            return known
        copy.seek(0)
        document = Document(
            record=record,
            name=name,
            content_type=mimetypes.guess_type(name)[0] or UNKNOWN_TYPE,
            size=size,
            digest=digest,
            origin=origin[:200],
            uploaded_by=uploaded_by,
        )
        return _kept(document, copy, path)


def remove(document: Document) -> None:
    """Deletes a document, and its file once that is certain."""
    file: Any = document.file
    with transaction.atomic():
        document.delete()
        transaction.on_commit(partial(file.storage.delete, file.name))


def of_record(record: Record) -> QuerySet[Document]:
    """A record's documents, newest first, with who uploaded them."""
    return record.documents.select_related("uploaded_by", "certificate").order_by("-pk")


def cleaned_name(name: str) -> str:
    """A name that is only a name: no path, nothing a system gives a meaning to, nothing invisible, not too long."""
    last = _SEPARATORS.split(unicodedata.normalize("NFC", name))[-1]
    visible = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in last)
    plain = " ".join(_FORBIDDEN.sub("_", visible).split()).strip(". ")
    if len(plain) > MAX_NAME:
        stem, dot, suffix = plain.rpartition(".")
        kept = f".{suffix}" if dot and stem and len(suffix) <= MAX_SUFFIX else ""
        plain = plain[: MAX_NAME - len(kept)] + kept
    return plain or UNNAMED


def _measured(content: BinaryIO, copy: IO[bytes]) -> tuple[int, str]:
    """Copies the content and returns its bytes and digest; reads no further than the size that is kept."""
    most, size, digest = max_size(), 0, hashlib.sha256()
    while part := content.read(CHUNK):
        size += len(part)
        if size > most:
            raise Refused(f"It is larger than {settings.MAX_DOCUMENT} MB, the most a document may have.")
        digest.update(part)
        copy.write(part)
    return size, digest.hexdigest()


def _known(record: Record, name: str, digest: str) -> Document | None:
    return record.documents.filter(digest=digest, name=name).first()


def _kept(document: Document, copy: IO[bytes], path: str) -> Document:
    """Writes the file, then the row; whichever came second when two were at it finds the first."""
    file: Any = document.file
    if path:
        file.storage.delete(path)
        file.name = file.storage.save(path, File(copy))
    else:
        # On disk it has a name of our own, so that nothing hangs on what somebody called it.
        file.save(uuid4().hex, File(copy), save=False)
    try:
        with transaction.atomic():
            document.save(force_insert=True)
    except DatabaseError:
        if file.name != path:
            file.storage.delete(file.name)
        if known := _known(document.record, document.name, document.digest):
            return known
        raise
    return document
