"""The last requests of a source, taken apart: every field with its path, and what the dialect made of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import prefetch_related_objects
from django.db.models.functions import Length

from automations import matching
from automations.changes import NotUnderstood, RecordUpdate
from automations.outlines import Outline, outline
from webhooks_in import payloads, processing
from webhooks_in.dialects import DIALECTS
from webhooks_in.models import Receipt, Source
from webhooks_in.payloads import NotReadable
from webhooks_out import exact_json

LATEST = 5  # requests shown
MAX_READ = 262_144  # bytes of a request that is taken apart here; a larger one is only named
MAX_ITEMS = 3  # events of one request that are shown
NO_FIELDS = Outline(())


@dataclass(frozen=True)
class Item:
    """One event of a request: an update with its record's fields, or the sentence why it was not understood."""

    update: RecordUpdate | None = None
    fields: Outline = NO_FIELDS
    problem: str = ""

    @property
    def changed(self) -> frozenset[str]:
        """The fields the sender itself named as changed."""
        return frozenset(self.update.changes or ()) if self.update else frozenset()


@dataclass(frozen=True)
class Sample:
    """A request: its payload with every path, and its events. `more`: events that are not shown."""

    receipt: Receipt
    payload: Outline = NO_FIELDS
    items: tuple[Item, ...] = ()
    more: int = 0
    problem: str = ""


def latest(source: Source) -> list[Sample]:
    """The newest requests of a source, quarantined ones too. Three queries."""
    prefetch_related_objects([source], "field_map")
    newest = source.receipts.order_by("-id").defer("body", "headers", "sealed_headers")
    receipts = list(newest.annotate(size=Length("body"))[:LATEST])
    small = [receipt.pk for receipt in receipts if receipt.size <= MAX_READ]
    bodies = dict(Receipt.objects.filter(pk__in=small).values_list("pk", "body"))
    samples = []
    for receipt in receipts:
        receipt.source = source
        if receipt.pk in bodies:
            receipt.body = bodies[receipt.pk]
            samples.append(read(receipt))
        else:
            samples.append(Sample(receipt, problem=f"Too large to be shown here: {receipt.size:,} bytes."))
    return samples


def paths(samples: Iterable[Sample], path_items: str) -> list[str]:
    """Every path a source could be given, each once; within the events first, if one request holds many."""
    found = dict.fromkeys(path for sample in samples for path in sample.payload.paths)
    event = f"{path_items}.0."
    inside = [path.removeprefix(event) for path in found if path_items and path.startswith(event)]
    return list(dict.fromkeys([*inside, *found]))


def read(receipt: Receipt) -> Sample:
    """What is in a request, as the source reads it now. Asks only for the source's field map."""
    source, dialect = receipt.source, DIALECTS[receipt.source.dialect]
    try:
        body = dialect.repair(bytes(receipt.body))
        payload = payloads.read(receipt.method, receipt.content_type, receipt.query, body)
    except NotReadable as reason:
        return Sample(receipt, problem=f"It could not be read: {reason}.")
    items = dialect.parse(payload, processing.reading(source, receipt.query, matching.rules().tags))
    return Sample(
        receipt,
        payload=outline(exact_json.clean(payload)[0]),
        items=tuple(_items(items[:MAX_ITEMS])),
        more=max(0, len(items) - MAX_ITEMS),
    )


def _items(found: Iterable[RecordUpdate | NotUnderstood]) -> Iterable[Item]:
    for item in found:
        if isinstance(item, RecordUpdate):
            yield Item(item, outline(dict(item.fields)))
        else:
            yield Item(problem=str(item))
