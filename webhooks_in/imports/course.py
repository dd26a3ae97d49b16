"""The course of an import: what a worker does for it in each stage, and what comes next."""

from collections.abc import Sequence
from functools import partial

from django.db.models import QuerySet
from django.utils import timezone

from automations import engine, matching, records
from automations.changes import NotUnderstood, RecordUpdate
from automations.joining import whole
from automations.matching import RuleSet
from automations.models import Change, Record
from automations.records import Heard
from webhooks_in import duplicates
from webhooks_in.dialects.reading import Item
from webhooks_in.imports import brake, chunks, preparation, unpacking
from webhooks_in.imports.chunks import COUNTS, CREATED, UNCHANGED, UPDATED, Good
from webhooks_in.imports.layouts import NotATable
from webhooks_in.imports.updates import columns
from webhooks_in.models import Import, ImportKey, ImportReject
from webhooks_out.jobs import Job, Outcome, dead

MAX_TRIED_REJECTS = 1_000  # rows a dry run keeps; all are counted
FORGET_AT_ONCE = 5_000  # rows deleted in one statement


def proceed(load: Import) -> Outcome:
    """Works on a claimed import for a while; what it waits for next."""
    try:
        if load.stage == Import.Stage.UNPACKING:
            return _unpack(load)
        return _try(load) if load.stage == Import.Stage.TRYING else _import(load)
    except NotATable as reason:
        return dead(str(reason))


def heard(load: Import, row: int) -> Heard:
    """How a row reached us; a change is unique by import and row, so that none can be imported twice."""
    return Heard(
        system_id=load.source.system_id,
        source=load.source.title,
        receipt_id=load.pk,
        item=row,
        correlation_id=load.correlation_id,
    )


def _unpack(load: Import) -> Outcome:
    if not unpacking.unpack(load):
        return _later()
    preparation.prepare(load)
    names = ("layout", "table", "headings", "mapping", "id_column")
    also = {name: getattr(load, name) for name in names}
    return Outcome(Job.State.HELD, also=also | {"stage": Import.Stage.MAPPING, "position": 0, "attempts": 0})


def _try(load: Import) -> Outcome:
    """A dry run: says of each row what would become of it, and stores no record."""
    if not load.position:
        forget(ImportKey.objects.filter(load=load))
        forget(ImportReject.objects.filter(load=load, dry=True))
    rules = matching.rules()
    mapped = columns(load, rules.tags)
    if not chunks.go(load, mapped, _foreseen, holds=_never, keep_rejects=MAX_TRIED_REJECTS):
        return _later()
    counts = {name: getattr(load, name) for name in COUNTS}
    ready = {"stage": Import.Stage.READY, "rows": load.position, "tried": counts, "attempts": 0}
    return Outcome(Job.State.HELD, also=ready | {"finished_at": timezone.now()})


def _import(load: Import) -> Outcome:
    if brake.holds(load):
        return Outcome(Job.State.WAITING, brake.WORDS, brake.WAIT, {"attempts": 0})
    rules = matching.rules()
    store = partial(_stored, rules=rules.of_imports(ordinary=load.source.imports_fire))
    if not chunks.go(load, columns(load, rules.tags), store, holds=brake.holds):
        return _later()
    forget(ImportKey.objects.filter(load=load))
    return Outcome(Job.State.DONE, also={"stage": Import.Stage.FINISHED, "finished_at": timezone.now()})


def _never(_load: Import) -> bool:
    return False


def _later() -> Outcome:
    return Outcome(Job.State.WAITING, after=0.0)


def _stored(load: Import, good: Sequence[Good], rules: RuleSet) -> list[str]:
    """Hands the rows to the engine; what came of each."""
    settled = _without_duplicates(load, good)
    said = [(item, heard(load, number)) for number, item in settled if isinstance(item, RecordUpdate)]
    changes = iter(engine.handle_all(said, rules))
    return [_named(next(changes)) if isinstance(item, RecordUpdate) else str(item) for _, item in settled]


def _foreseen(load: Import, good: Sequence[Good]) -> list[str]:
    """What would come of each row, by the engine's own comparison; nothing is stored."""
    settled = _without_duplicates(load, good)
    there = _there(load, [item for _, item in settled if isinstance(item, RecordUpdate)])
    came = []
    for number, item in settled:
        if isinstance(item, NotUnderstood):
            came.append(str(item))
            continue
        record = there[item.record_type, item.record_id]
        came.append(_named(records.apply(whole(item, record.fields), heard(load, number), record)))
    return came


def _without_duplicates(load: Import, good: Sequence[Good]) -> list[tuple[int, Item]]:
    """The rows as the source wants its duplicates treated; the number of each."""
    resolved = duplicates.resolve(load.source, [one.update for one in good])
    return list(zip((one.number for one in good), resolved, strict=True))


def _there(load: Import, updates: Sequence[RecordUpdate]) -> dict[tuple[str, str], Record]:
    """The records the updates are about; those we have not heard of as new ones that are not stored."""
    system_id = load.source.system_id
    wanted = {(update.record_type, update.record_id) for update in updates}
    ids, types = {one for _, one in wanted}, {kind for kind, _ in wanted}
    stored = Record.objects.filter(system_id=system_id, type__in=types, external_id__in=ids)
    known = {(record.type, record.external_id): record for record in stored}
    new = {one: Record(system_id=system_id, type=one[0], external_id=one[1]) for one in wanted - known.keys()}
    return known | new


def _named(change: Change | None) -> str:
    if change is None:
        return UNCHANGED
    return CREATED if change.event == CREATED else UPDATED


def forget(rows: QuerySet[ImportKey] | QuerySet[ImportReject]) -> None:
    """Deletes rows, some thousand at a time."""
    while rows.filter(
        pk__in=list(rows.order_by("pk").values_list("pk", flat=True)[:FORGET_AT_ONCE])
    ).delete()[0]:
        pass
