"""The door by which the queue's workers come in to read receipts."""

from functools import partial

from automations import matching
from webhooks_in import processing
from webhooks_in.models import Receipt, Source
from webhooks_out import definitions, drains
from webhooks_out.jobs import claim, due, work_together

BATCH = 50  # receipts claimed at once
LEASE = 20.0  # seconds in which a batch is read many times over


def drain(slot: int = 0) -> None:
    """Reads the receipts that are due until none is."""
    drains.drain(Receipt, slot, step, plenty=BATCH)


def step() -> int:
    """Claims some receipts and processes them; how many. One that was started before is claimed alone.

    Should a receipt kill its worker, those claimed with it are tried again one by one, and only it dies.
    """
    if not due(Receipt):
        return 0
    claimed = claim(Receipt, BATCH, lease=LEASE, where="AND attempts = 0") or claim(Receipt, 1, lease=LEASE)
    if claimed:
        rules = matching.rules()
        _attach_sources(claimed)
        process = partial(processing.process, rules=rules)
        work_together(claimed, partial(processing.process_all, rules=rules), process)
    return len(claimed)


_sources = definitions.Kept[int, Source](Source.objects.prefetch_related("field_map", "constants").in_bulk)


def _attach_sources(receipts: list[Receipt]) -> None:
    """Gives receipts their sources as they are defined now."""
    known = _sources.get({receipt.source_id for receipt in receipts})
    for receipt in receipts:
        if source := known.get(receipt.source_id):
            receipt.source = source
