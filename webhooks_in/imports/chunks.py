"""Goes through a file chunk by chunk; what a chunk does and how far the work is are stored in one transaction."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from automations.changes import RecordUpdate
from webhooks_in.imports import repeats
from webhooks_in.imports.csv_rows import Row
from webhooks_in.imports.tables import opened
from webhooks_in.imports.updates import Columns
from webhooks_in.models import Import, ImportReject
from webhooks_out.jobs import Job

CHUNK = 250  # rows of one transaction
LEASE = 15.0  # seconds a chunk may take before another worker may start it again
SLICE = 1.0  # seconds after which other work may have its turn
CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"
COUNTS = (CREATED, UPDATED, UNCHANGED, "rejected")


@dataclass(frozen=True)
class Good:
    """A row that says something of a record."""

    number: int  # counted from 1
    row: Row
    update: RecordUpdate


# Does the good rows of a chunk and says what came of each: a count's name, or the reason why it is rejected after all.
Do = Callable[[Import, Sequence[Good]], Sequence[str]]


def go(
    load: Import, mapped: Columns, do: Do, *, holds: Callable[[Import], bool], keep_rejects: int | None = None
) -> bool:
    """Does rows from where the import stands, for a slice of time; True at the end of the file.

    False, too, when the import is no longer ours, or when `holds` says before a chunk that it has to wait.
    `keep_rejects`: how many rejected rows are kept at most.
    """
    ends = time.monotonic() + SLICE
    with opened(load, load.offset) as rows:
        while chunk := list(islice(rows, CHUNK)):
            if holds(load):
                return False
            with transaction.atomic():
                tally = _chunk(load, chunk, mapped, do)
                ours = advance(load, tally, len(chunk), chunk[-1].end, keep_rejects)
                transaction.set_rollback(not ours)
            if not ours or time.monotonic() > ends:
                return False
    return True


def advance(load: Import, told: "Tally", done: int, offset: int, keep_rejects: int | None = None) -> bool:
    """Counts rows as done and renews the lease; False, and nothing is changed, when the import is no longer ours."""
    counted = {name: F(name) + told.counts[name] for name in COUNTS}
    mine = Import.objects.filter(pk=load.pk, token=load.token, state=Job.State.RUNNING, stage=load.stage)
    later = Now() + timedelta(seconds=LEASE)
    position = load.position + done
    if not mine.update(position=position, offset=offset, due_at=later, attempts=0, reason="", **counted):
        return False
    room = len(told.rejects) if keep_rejects is None else max(0, keep_rejects - load.rejected)
    ImportReject.objects.bulk_create(told.rejects[:room])
    load.position, load.offset = position, offset
    for name in COUNTS:
        setattr(load, name, getattr(load, name) + told.counts[name])
    return True


@dataclass(frozen=True)
class Tally:
    """What came of the rows of a chunk."""

    counts: dict[str, int]
    rejects: list[ImportReject]


def _chunk(load: Import, rows: list[Row], mapped: Columns, do: Do) -> Tally:
    numbered = list(enumerate(rows, start=load.position + 1))
    read = [(number, mapped.update(row)) for number, row in numbered]
    reasons = {number: said for number, said in read if isinstance(said, str)} | repeats.found(load, read)
    good = [
        Good(number, row, update)
        for (number, row), (_, update) in zip(numbered, read, strict=True)
        if isinstance(update, RecordUpdate) and number not in reasons
    ]
    came = dict(zip((one.number for one in good), do(load, good) if good else (), strict=True))
    reasons |= {number: said for number, said in came.items() if said not in COUNTS}
    counts = {name: sum(said == name for said in came.values()) for name in COUNTS}
    return Tally(counts | {"rejected": len(reasons)}, _rejects(load, dict(numbered), reasons))


def _rejects(load: Import, rows: dict[int, Row], reasons: dict[int, str]) -> list[ImportReject]:
    dry = load.stage == Import.Stage.TRYING
    return [
        ImportReject(load=load, dry=dry, row=number, reason=reason[:500], values=rows[number].cells)
        for number, reason in sorted(reasons.items())
    ]
