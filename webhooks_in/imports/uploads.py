"""Takes a file a person chose: what is no table is refused, the rest is stored with its digest, ready to be mapped."""

import codecs
import hashlib
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings
from django.core.files import File
from django.db.models import QuerySet

from webhooks_in.imports import preparation, workbooks
from webhooks_in.imports.layouts import HEAD, WORKBOOK, Layout, NotATable, as_windows, guess
from webhooks_in.models import Import, Source
from webhooks_out import drains
from webhooks_out.jobs import Job

MEGABYTE = 1_048_576
BLOCK = 262_144  # bytes read at once
FORM_ROOM = 65_536  # bytes a form has beside its file


@dataclass(frozen=True)
class Scan:
    """What was found on the way through the whole file."""

    digest: str
    is_utf8: bool


def most() -> int:
    """MB of the largest file that is taken."""
    return int(settings.MAX_IMPORT)


def too_large(size: int) -> str:
    """Why a file of this many bytes is not taken; "" when it is."""
    if size <= most() * MEGABYTE:
        return ""
    return (
        f"The file is larger than {most():,} MB, the largest that is imported here. Split it, or ask "
        "whoever runs Fieldhook to raise MAX_IMPORT."
    )


def receive(source: Source, file: File, name: str, requested_by: str) -> Import:
    """Stores the file as an import of the source, its columns guessed. NotATable says why it is refused."""
    if problem := too_large(file.size):
        raise NotATable(problem)
    opened: BinaryIO = file.open("rb")  # type: ignore[assignment] # - a file that reads bytes
    layout = guess(opened.read(HEAD))
    if layout.kind == WORKBOOK:
        workbooks.check(opened)
    scan = _scan(opened)
    if layout.encoding == "utf-8" and layout.kind != WORKBOOK and not scan.is_utf8:
        layout = as_windows(layout)
    load = Import(
        source=source,
        name=name[:200],
        digest=scan.digest,
        size=file.size,
        layout=layout.as_json(),
        requested_by=requested_by[:150],
    )
    file.seek(0)
    load.file.save(f"{load.pk}.{'xlsx' if layout.kind == WORKBOOK else 'csv'}", file, save=False)
    return _stored(load, layout)


def earlier(load: Import) -> QuerySet[Import]:
    """Imports of the very same file that got as far as importing, the newest first."""
    same = Import.objects.filter(digest=load.digest).exclude(pk=load.pk)
    begun = (Import.Stage.IMPORTING, Import.Stage.PAUSED, Import.Stage.FINISHED, Import.Stage.CANCELLED)
    return same.filter(stage__in=begun, position__gt=0).order_by("-id")


def _scan(file: BinaryIO) -> Scan:
    """Reads the file once, in blocks."""
    digest, decoder, is_utf8 = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), True
    file.seek(0)
    while block := file.read(BLOCK):
        digest.update(block)
        is_utf8 = is_utf8 and _decodes(decoder, block)
    return Scan(digest.hexdigest(), is_utf8 and _decodes(decoder, b"", last=True))


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, last: bool = False) -> bool:
    try:
        decoder.decode(block, final=last)
    except UnicodeDecodeError:
        return False
    return True


def _stored(load: Import, layout: Layout) -> Import:
    """A text is mapped by a person next, a workbook first unpacked by a worker."""
    if layout.kind == WORKBOOK:
        load.stage = Import.Stage.UNPACKING
    else:
        load.state, load.due_at = Job.State.HELD, None
        try:
            preparation.prepare(load)
        except NotATable:
            load.file.delete(save=False)
            raise
    load.save(force_insert=True)
    if load.due_at:
        drains.wake_after_commit(Import.queue)
    return load
