"""What a rule is tried on: a change that happened to a record, or one that is only supposed. Nothing is stored."""

from copy import copy
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from automations import records
from automations.changes import UNKNOWN, RecordUpdate
from automations.models import Change, Record, Rule
from automations.models.rules import ANY_CHANGE
from automations.records import Heard

CREATED, CHANGED = "created", "changed"
OFFERED = 10  # changes of a record to choose from
NAMED = 3  # changed fields that are named of each
SUPPOSED = {
    CREATED: "as if it were created just now",
    CHANGED: "as if all its fields had just changed",
}


@dataclass(frozen=True)
class Occasion:
    """Something to try a rule on: what chooses it, and its words; `at`: when it happened, if it did."""

    key: str
    words: str
    at: datetime | None = None


def offered(record: Record) -> list[Occasion]:
    """The newest changes of a record, then what can be supposed. One query."""
    newest = Change.objects.filter(record=record, stale=False).order_by("-id").defer("fields", "verdicts")
    return [*map(_happened, newest[:OFFERED]), *(Occasion(key, words) for key, words in SUPPOSED.items())]


def chosen(record: Record, key: UUID | str, rule: Rule) -> tuple[Change, Occasion]:
    """The change of that key and its words; the latest one, or what can be supposed, when there is none of that key.

    Its record has the values it had right after the change.
    """
    if key in SUPPOSED:
        return _supposed(record, str(key), rule), Occasion(str(key), SUPPOSED[str(key)])
    happened = Change.objects.filter(record=record, stale=False).order_by("-id")
    change = happened.filter(pk=key).first() if isinstance(key, UUID) else None
    change = change or happened.first()
    if change is None:
        return _supposed(record, CHANGED, rule), Occasion(CHANGED, SUPPOSED[CHANGED])
    change.record = copy(record)
    change.record.fields = change.fields
    return change, _happened(change)


def told(change: Change) -> str:
    """What happened, in a few words: “updated: stage, phone and 3 more”."""
    return f"{change.event}: {_named(change)}" if change.diff else change.event


def _happened(change: Change) -> Occasion:
    return Occasion(str(change.pk), told(change), change.created_at)


def _named(change: Change) -> str:
    names = list(change.diff)
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


def _supposed(record: Record, key: str, rule: Rule) -> Change:
    """The change as the engine would make it of a record that comes in like this."""
    update = RecordUpdate(record.type, record.external_id, "", record.fields, complete=True, changes=None)
    heard = Heard(record.system_id, source=rule.source or record.source)
    blank = Record(system_id=record.system_id, type=record.type, external_id=record.external_id)
    change = records.apply(update, heard, blank) or Change(event=CREATED)
    change.record, change.fields = copy(record), record.fields
    if key == CHANGED:
        change.event = "updated" if rule.event in (ANY_CHANGE, CREATED) else rule.event
        change.diff = {path: [UNKNOWN, new] for path, (_, new) in change.diff.items()}
    return change
