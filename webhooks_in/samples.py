"""The last requests of a source, taken apart: every field with its path, and what the dialect made of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import prefetch_related_objects
from django.db.models.functions import Length

from automations import sensitive
from automations.changes import NotUnderstood, RecordUpdate
from automations.models import Tag
from automations.outlines import Outline, outline
from automations.sensitive import DOTS, Sensitive
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
    masked: str = ""  # the whole payload, as JSON, when dots stand in it; "" when it holds nothing sensitive


@dataclass(frozen=True)
class Reader:
    """What is asked for once for all requests of a source: the tags, and what is shown as dots."""

    tags: Mapping[str, str]
    fields: Sensitive
    keys: Sensitive


def reader(source: Source) -> Reader:
    """For `read`. A few queries."""
    fields = sensitive.known()
    keys = {row.key for row in source.field_map.all() if row.sensitive}
    return Reader(dict(Tag.objects.values_list("name", "path")), fields, Sensitive(fields.marked | keys))


def latest(source: Source) -> list[Sample]:
    """The newest requests of a source, quarantined ones too. Three queries."""
    prefetch_related_objects([source], "field_map")
    newest = source.receipts.order_by("-id").defer("body", "headers", "sealed_headers")
    receipts = list(newest.annotate(size=Length("body"))[:LATEST])
    small = [receipt.pk for receipt in receipts if receipt.size <= MAX_READ]
    bodies = dict(Receipt.objects.filter(pk__in=small).values_list("pk", "body"))
    samples, known = [], reader(source)
    for receipt in receipts:
        receipt.source = source
        if receipt.pk in bodies:
            receipt.body = bodies[receipt.pk]
            samples.append(read(receipt, known))
        else:
            samples.append(Sample(receipt, problem=f"Too large to be shown here: {receipt.size:,} bytes."))
    return samples


def paths(samples: Iterable[Sample], path_items: str) -> list[str]:
    """Every path a source could be given, each once; within the events first, if one request holds many."""
    found = dict.fromkeys(path for sample in samples for path in sample.payload.paths)
    event = f"{path_items}.0."
    inside = [path.removeprefix(event) for path in found if path_items and path.startswith(event)]
    return list(dict.fromkeys([*inside, *found]))


def read(receipt: Receipt, known: Reader | None = None) -> Sample:
    """What is in a request, as the source reads it now, with dots for what is sensitive."""
    known = known or reader(receipt.source)
    source, dialect = receipt.source, DIALECTS[receipt.source.dialect]
    try:
        body = dialect.repair(bytes(receipt.body))
        payload = payloads.read(receipt.method, receipt.content_type, receipt.query, body)
    except NotReadable as reason:
        return Sample(receipt, problem=f"It could not be read: {reason}.")
    items = dialect.parse(payload, processing.reading(source, receipt.query, known.tags))
    cleaned = exact_json.clean(payload)[0]
    shown = known.keys.mask("", cleaned)
    return Sample(
        receipt,
        payload=_outline(shown),
        items=tuple(_items(items[:MAX_ITEMS], known.fields)),
        more=max(0, len(items) - MAX_ITEMS),
        masked="" if shown == cleaned else exact_json.dumps(shown),
    )


def _outline(shown: Any) -> Outline:
    """The rows; dots are no value to compare anything with."""
    found = outline(shown)
    leaves = (replace(leaf, value="") if leaf.shown == DOTS else leaf for leaf in found.leaves)
    return replace(found, leaves=tuple(leaves))


def _items(found: Iterable[RecordUpdate | NotUnderstood], hidden: Sensitive) -> Iterable[Item]:
    for item in found:
        if isinstance(item, RecordUpdate):
            yield Item(item, _outline(hidden.mask("", dict(item.fields))))
        else:
            yield Item(problem=str(item))
