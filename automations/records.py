"""Keeps our mirror of the CRM's records and says what each update changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection

from automations import facets
from automations.changes import UNKNOWN, RecordUpdate
from automations.models import Change, Record
from webhooks_out import exact_json, paths
from webhooks_out.batches import rows, table
from webhooks_out.jobs import clock, new_id

NAME_FIELDS = (
    "name",
    "full_name",
    "TITLE",
    "title",
    "ORGANISATION_NAME",
    "company_name",
    "email",
    "EMAIL_ADDRESS",
)
FIRST_NAMES = ("first_name", "firstname", "FIRST_NAME", "firstName")
LAST_NAMES = ("last_name", "lastname", "LAST_NAME", "lastName")
ORDINARY = ("created", "updated")  # events that mean nothing when nothing changed
MAX_DIFF_DEPTH = 5  # levels of nested objects that are compared field by field


IDENTITY = {"system_id": "bigint", "type": "text", "external_id": "text"}
SAVED = {
    "id": "bigint",
    "fields": "jsonb",
    "ours": "jsonb",
    "name": "text",
    "deleted": "boolean",
    "occurred_at": "timestamptz",
    "source": "text",
    "stage": "text",
    "status": "text",
    "campaign": "text",
}

Identity = tuple[int, str, str]  # system, record type, the sender's id


@dataclass(frozen=True)
class Heard:
    """How an update reached us."""

    system_id: int
    source: str = ""
    receipt_id: UUID | None = None
    item: int = 0
    correlation_id: UUID = field(default_factory=new_id)
    hops: int = 0
    origin: str = Change.Origin.SOURCE
    depth: int = 0
    quiet: bool = False  # starts no rules
    run_id: UUID | None = None


def lock(identities: Iterable[Identity]) -> dict[Identity, Record]:
    """The records, made where they are missing, locked until the transaction ends; always in the same order."""
    wanted = sorted(set(identities))
    found = _locked(wanted)
    if missing := [identity for identity in wanted if identity not in found]:
        new = (Record(system_id=system, type=kind, external_id=known) for system, kind, known in missing)
        Record.objects.bulk_create(new, ignore_conflicts=True)
        found |= _locked(missing)
    return found


def apply(update: RecordUpdate, heard: Heard, record: Record) -> Change | None:
    """Brings a locked record up to date and returns the change; None when the update told us nothing new.

    Stores neither: see `save`. An update older than the mirror comes back as a stale change and overwrites nothing.
    """
    created = not record.fields and record.occurred_at is None
    change = Change(
        record=record,
        receipt_id=heard.receipt_id,
        item=heard.item,
        event=update.event or ("created" if created else "updated"),
        occurred_at=update.occurred_at,
        actor=update.actor[:200],
        origin=heard.origin,
        source=heard.source,
        hops=heard.hops,
        depth=heard.depth,
        quiet=heard.quiet,
        run_id=heard.run_id,
        correlation_id=heard.correlation_id,
        notes=list(update.notes),
    )
    change.stale = bool(update.occurred_at and record.occurred_at and update.occurred_at < record.occurred_at)
    said, notes = exact_json.clean({**(update.defaults if created else {}), **update.fields})
    change.notes += notes
    before = record.fields
    spoken = {*said, *(part for path in update.changes or () for part in paths.prefixes(path))}
    ours = _ours(heard, spoken, record)
    kept = {name: before[name] for name in before if name in ours} if update.complete else before
    after = kept | said
    for path, (_, new) in (update.changes or {}).items():
        _put(after, path, exact_json.clean(new)[0])
    change.diff, change.changes_source = _compare(update, before, after, created)
    change.fields = after
    if not change.stale:
        record.source = heard.source if created else record.source
        record.ours = sorted(ours & after.keys())
        _remember(record, change, update)
    news = change.diff or change.stale or created or change.event not in ORDINARY
    return change if news else None


def save(records: Iterable[Record]) -> None:
    """Writes what is known of these records, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE automations_record SET fields = said.fields, ours = said.ours, name = said.name,
                    deleted = said.deleted, occurred_at = said.occurred_at, source = said.source, stage = said.stage,
                    status = said.status, campaign = said.campaign, updated_at = {clock()}
                FROM {table(SAVED)} WHERE automations_record.id = said.id""",
            [rows(SAVED, map(attrgetter(*SAVED), records))],
        )


def _locked(identities: Sequence[Identity]) -> dict[Identity, Record]:
    """Those of the records that are there, in one statement."""
    lock = "" if connection.vendor == "sqlite" else "FOR UPDATE OF r"
    found = Record.objects.raw(
        f"""SELECT r.* FROM {table(IDENTITY)} JOIN automations_record r ON r.system_id = said.system_id
                AND r.type = said.type AND r.external_id = said.external_id
            ORDER BY r.id {lock}""",
        [rows(IDENTITY, identities)],
    )
    return {(record.system_id, record.type, record.external_id): record for record in found}


def _ours(heard: Heard, spoken: set[str], record: Record) -> set[str]:
    """The fields that the record's own system never spoke of: an update that tells the whole record leaves them."""
    if heard.origin == Change.Origin.SOURCE:
        return set(record.ours) - spoken
    return set(record.ours) | (spoken - record.fields.keys())


def _compare(
    update: RecordUpdate, before: dict[str, Any], after: dict[str, Any], created: bool
) -> tuple[dict[str, list[Any]], str]:
    """{path: [old, new]} and where the old values come from."""
    if update.changes is not None:
        pairs = (_told(path, old, new, before, created) for path, (old, new) in update.changes.items())
        return {path: [old, new] for path, old, new in pairs if old != new}, Change.ChangesSource.SENDER
    if created and update.event == "updated":
        return {}, Change.ChangesSource.UNKNOWN
    return dict(_differences(before, after, "", 1)), Change.ChangesSource.DERIVED


def _told(path: str, old: Any, new: Any, before: dict[str, Any], created: bool) -> tuple[str, Any, Any]:
    """A change the sender named; the old value it kept to itself is taken from the mirror, if the mirror has it."""
    new = exact_json.clean(new)[0]
    if old != UNKNOWN or created:
        return path, exact_json.clean(old)[0], new
    known = paths.look_up(before, path)
    return path, UNKNOWN if known is paths.MISSING else known, new


def _differences(before: Any, after: Any, path: str, depth: int) -> Iterator[tuple[str, list[Any]]]:
    """Every path at which two objects differ, nested objects field by field."""
    for key in before.keys() | after.keys():
        old, new, at = before.get(key), after.get(key), f"{path}{key}"
        if old == new and type(old) is type(new):
            continue
        if isinstance(new, dict) and isinstance(old, dict | None) and depth < MAX_DIFF_DEPTH:
            yield from _differences(old or {}, new, f"{at}.", depth + 1)
        else:
            yield at, [old, new]


def _remember(record: Record, change: Change, update: RecordUpdate) -> None:
    record.fields = change.fields
    record.name = _name(change.fields)[:200] or record.name
    record.occurred_at = update.occurred_at or record.occurred_at
    record.deleted = change.event == "deleted"
    record.stage, record.status, record.campaign = map(partial(facets.read, change.fields), facets.FIELDS)


def _put(fields: dict[str, Any], path: str, value: Any) -> None:
    """Sets a changed value in the record, at its nested place when the path leads to one."""
    head, _, rest = path.partition(".")
    if rest and path not in fields and isinstance(fields.get(head), dict):
        fields[head] = dict(fields[head])
        _put(fields[head], rest, value)
    else:
        fields[path] = value


def _name(fields: Mapping[str, Any]) -> str:
    """What people call this record: first and last name, or the first field that holds a name."""
    parts = [
        next((str(fields[key]) for key in keys if fields.get(key)), "") for keys in (FIRST_NAMES, LAST_NAMES)
    ]
    whole = " ".join(part for part in parts if part)
    return whole or next((str(fields[key]) for key in NAME_FIELDS if fields.get(key)), "")
