"""Finds record ids that occur twice in a file, in as little memory for a million rows as for ten."""

import hashlib
from collections.abc import Iterable
from uuid import UUID

from automations.changes import RecordUpdate
from webhooks_in.models import Import, ImportKey

TWICE = "Its record id is that of row {:,}, too. Only the first one counts."


def found(load: Import, read: Iterable[tuple[int, RecordUpdate | str]]) -> dict[int, str]:
    """The rows of a chunk whose record was met in an earlier row, with the reason; the others are remembered.

    Needs the transaction in which the chunk is counted. Rows that were remembered before find themselves.
    """
    keys = {row: _key(update) for row, update in read if isinstance(update, RecordUpdate)}
    first = dict(ImportKey.objects.filter(load=load, key__in=set(keys.values())).values_list("key", "row"))
    new = []
    for row, key in keys.items():
        if key not in first:
            first[key] = row
            new.append(ImportKey(load=load, key=key, row=row))
    ImportKey.objects.bulk_create(new)
    return {row: TWICE.format(first[key]) for row, key in keys.items() if first[key] != row}


def _key(update: RecordUpdate) -> UUID:
    identity = f"{update.record_type}\0{update.record_id}".encode("utf-8", "replace")
    return UUID(bytes=hashlib.blake2b(identity, digest_size=16).digest())
