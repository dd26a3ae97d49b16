"""From a stored receipt to record updates in the hands of the engine: many at once, or one with care."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import parse_qsl
from uuid import UUID

from django.db import connection, transaction

from automations import engine
from automations.changes import NotUnderstood, RecordUpdate
from automations.matching import RuleSet
from automations.models import Change
from automations.records import Heard
from webhooks_in import duplicates, payloads
from webhooks_in.dialects import DIALECTS
from webhooks_in.dialects.reading import FieldRow, Item, Reading
from webhooks_in.models import PATHS, Receipt, Source, SourceField
from webhooks_in.payloads import NotReadable
from webhooks_out.batches import rows, table
from webhooks_out.jobs import Outcome, clock, dead, done

NOTHING_NEW = "{} {}: nothing in it was new."
NO_TAGS: Mapping[str, str] = MappingProxyType({})
SETTLED = {"id": "uuid", "token": "text", "notes": "jsonb"}


def process(receipt: Receipt, rules: RuleSet) -> Outcome:
    """Reads a receipt and hands each update to the engine, each in a transaction of its own.

    After a crash only the items that are missing are handled.
    """
    try:
        items = parse(receipt, rules.tags)
    except NotReadable as error:
        return dead(f"The request could not be read: {error}")
    handled: set[int] = set()
    if receipt.attempts > 1:
        handled.update(Change.objects.filter(receipt_id=receipt.pk).values_list("item", flat=True))
    notes = [_handle(receipt, at, item, rules) for at, item in enumerate(items) if at not in handled]
    if not items:
        notes = ["It holds no events."]
    outcome = done()
    if items and all(isinstance(item, NotUnderstood) for item in items):
        outcome = dead(f"Nothing in it was understood. {items[0]}")
    return replace(outcome, also={"notes": [note for note in notes if note]})


def process_all(receipts: list[Receipt], rules: RuleSet) -> bool:
    """Reads and settles receipts in one transaction; False, and nothing done, when one of them needs care."""
    if any(receipt.attempts > 1 or receipt.source.match_field for receipt in receipts):
        return False
    read = [(receipt, parse(receipt, rules.tags)) for receipt in receipts]
    said = [(receipt, at, item) for receipt, items in read for at, item in enumerate(items)]
    if any(isinstance(item, NotUnderstood) for _, _, item in said) or not all(items for _, items in read):
        return False
    with transaction.atomic():
        heard = [(item, _heard(receipt, at)) for receipt, at, item in said if isinstance(item, RecordUpdate)]
        changes = engine.handle_all(heard, rules)
        notes: dict[UUID, list[str]] = {receipt.pk: [] for receipt in receipts}
        for (receipt, _, _), (item, _), change in zip(said, heard, changes, strict=True):
            if change is None:
                notes[receipt.pk].append(NOTHING_NEW.format(item.record_type, item.record_id))
        if _settle(receipts, notes) < len(receipts):
            transaction.set_rollback(True)
            return False
    return True


def _settle(receipts: list[Receipt], notes: dict[UUID, list[str]]) -> int:
    """Marks receipts as done that are still ours; how many were."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE webhooks_in_receipt SET state = 'done', due_at = NULL, token = '', reason = '',
                    settled_at = {clock()}, notes = said.notes
                FROM {table(SETTLED)}
                WHERE webhooks_in_receipt.id = said.id AND webhooks_in_receipt.token = said.token
                    AND webhooks_in_receipt.state = 'running'""",
            [rows(SETTLED, ((one.pk, one.token, notes[one.pk]) for one in receipts))],
        )
        return int(cursor.rowcount)


def parse(receipt: Receipt, tags: Mapping[str, str] = NO_TAGS) -> list[Item]:
    """What the source's dialect makes of a receipt; NotReadable when its body is no payload at all."""
    dialect = DIALECTS[receipt.source.dialect]
    body = dialect.repair(bytes(receipt.body))
    payload = payloads.read(receipt.method, receipt.content_type, receipt.query, body)
    return with_constants(
        receipt.source, dialect.parse(payload, reading(receipt.source, receipt.query, tags))
    )


def with_constants(source: Source, items: list[Item]) -> list[Item]:
    """The items with what the source gives every new record beside what its sender says."""
    defaults = {row.field: row.value for row in source.constants.all()}
    if not defaults:
        return items
    return [replace(item, defaults=defaults) if isinstance(item, RecordUpdate) else item for item in items]


def reading(source: Source, query: str, tags: Mapping[str, str] = NO_TAGS) -> Reading:
    """What the source says about reading its requests. Without the tags, keys of the budget are ordinary ones."""
    return Reading(
        record_type=source.record_type,
        event=source.event,
        field_map=tuple(map(field_row, source.field_map.all())),
        query=dict(parse_qsl(query)),
        tags=tags,
        **{f"path_{name}": getattr(source, f"path_{name}") for name in PATHS},
    )


def field_row(row: SourceField) -> FieldRow:
    """A row of the field map as dialects read it."""
    return FieldRow(
        key=row.key,
        field=row.field,
        required=row.required,
        transform=row.transform,
        missing=row.missing,
        default=row.default,
    )


def _handle(receipt: Receipt, index: int, item: Item, rules: RuleSet) -> str:
    """Hands one item to the engine; a note for the receipt when nothing came of it."""
    with transaction.atomic():
        [item] = duplicates.resolve(receipt.source, [item])
        if isinstance(item, NotUnderstood):
            return str(item)
        if engine.handle(item, _heard(receipt, index), rules):
            return ""
        return NOTHING_NEW.format(item.record_type, item.record_id)


def _heard(receipt: Receipt, index: int) -> Heard:
    return Heard(
        system_id=receipt.source.system_id,
        source=receipt.source.title,
        receipt_id=receipt.pk,
        item=index,
        correlation_id=receipt.correlation_id,
        hops=receipt.hops,
    )
