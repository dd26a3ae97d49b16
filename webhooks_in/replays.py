"""Processing receipts again: what is missing is filled in, and nothing is done twice."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from automations import engine, matching, verdicts
from automations.changes import RecordUpdate
from automations.matching import RuleSet
from automations.models import Change, Record
from webhooks_in import processing
from webhooks_in.models import Receipt
from webhooks_in.payloads import NotReadable
from webhooks_out import drains
from webhooks_out.jobs import Job

STARTS = 3  # of a receipt that is processed again, before it is given up


@dataclass
class Replayed:
    """What became of receipts that were to be processed again."""

    queued: int = 0  # holds events that came to nothing before; a worker reads them anew
    judged: int = 0  # its changes were judged by the present rules
    runs: int = 0  # actions that this started
    unsettled: int = 0  # still at work, or quarantined: left alone
    overtaken: int = 0  # its records have changed since, so reading it anew would undo that: left alone
    unreadable: int = 0


def replay(receipts: Iterable[Receipt]) -> Replayed:
    """Judges the changes of settled receipts by the present rules, and has events that came to nothing read anew.

    A rule that was mended or written since starts its runs; a run that is there stays and is not repeated, whatever
    its state. An event is read anew only if its record did not change since.
    """
    told, rules = Replayed(), matching.rules()
    queued: list[Receipt] = []
    for receipt in receipts:
        if not receipt.settled or not receipt.verified or receipt.state == Job.State.HELD:
            told.unsettled += 1
            continue
        changes = list(Change.objects.filter(receipt_id=receipt.pk).order_by("item"))
        for change in changes:
            told.runs += _judge_again(change, rules)
        told.judged += bool(changes)
        _sort_out(receipt, {change.item for change in changes}, told, queued)
    told.queued = _queue(queued)
    return told


def _judge_again(change: Change, rules: RuleSet) -> int:
    """Starts what the present rules find missing; how many runs. The record is locked, as for a new change."""
    with transaction.atomic():
        change.record = Record.objects.select_for_update().get(pk=change.record_id)
        before = verdicts.kept(change)
        started = engine.decide(change, rules)
        present = {verdict.rule_id: verdict for verdict in verdicts.kept(change)}
        # What fired stays fired, and a rule that is gone keeps its word.
        present |= {old.rule_id: old for old in before if old.fired or old.rule_id not in present}
        verdicts.keep(change, list(present.values()))
        change.save(update_fields=["verdicts"])
    return len(started)


def _sort_out(receipt: Receipt, handled: set[int], told: Replayed, queued: list[Receipt]) -> None:
    """Queues the receipt if events of it came to nothing and reading them anew harms nothing."""
    try:
        items = processing.parse(receipt)
    except NotReadable:
        told.unreadable += 1
        return
    missing = [item for at, item in enumerate(items) if at not in handled]
    updates = [item for item in missing if isinstance(item, RecordUpdate)]
    if not updates:
        told.unreadable += bool(missing)
    elif any(_overtaken(update, receipt) for update in updates):
        told.overtaken += 1
    else:
        queued.append(receipt)


def _overtaken(update: RecordUpdate, receipt: Receipt) -> bool:
    """Whether the record has changed since by something that arrived later; a dated update is judged by its date."""
    if update.occurred_at:
        return False
    later = Q(receipt_id__gt=receipt.pk) | Q(receipt_id__isnull=True, id__gt=receipt.pk)
    return Change.objects.filter(
        later,
        record__system=receipt.source.system_id,
        record__type=update.record_type,
        record__external_id=update.record_id,
        stale=False,
    ).exists()


def _queue(receipts: list[Receipt]) -> int:
    """Makes the receipts due in the order they arrived; how many. Their starts begin anew, but not at the first.

    A receipt's second start looks which of its events were handled, so that none is handled twice.
    """
    queued = 0
    for wait, receipt in _in_order(receipts):
        queued += Receipt.objects.filter(pk=receipt.pk, due_at__isnull=True).update(
            state=Job.State.WAITING,
            due_at=Now() - wait,
            settled_at=None,
            reason="",
            token="",
            attempts=1,
            max_attempts=1 + STARTS,
        )
    if queued:
        drains.wake_after_commit(Receipt.queue)
    return queued


def _in_order(receipts: list[Receipt]) -> Iterator[tuple[timedelta, Receipt]]:
    """Oldest first; each is due a little before the next."""
    ordered = sorted(receipts, key=lambda receipt: receipt.pk)
    for at, receipt in enumerate(ordered):
        yield timedelta(milliseconds=len(ordered) - at), receipt
