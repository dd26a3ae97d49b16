"""How often a rule, saved or not, would have fired for the changes that are stored, beside the rule as it was saved.

Only looks: conditions are pure, and the changes are read in chunks, so that it takes bounded memory and time.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from automations import explanations, occasions, sensitive
from automations.matching import CompiledRule
from automations.models import Change, Rule
from automations.rule_drafts import RuleDraft
from automations.verdicts import FIRED_BEFORE

MAX_CHANGES = 2_000  # of the rule's type of record that are judged
MAX_READ = 20_000  # of any type that are passed over for it
CHUNK = 1_000  # changes of any type, read with two statements
SECONDS = 5.0
LISTED = 10  # changes of each sort that are shown


@dataclass(frozen=True)
class Hit:
    """One stored change. `words`: why only one of both rules fires for it, "" where there is one rule."""

    change_id: UUID
    record_id: int
    name: str
    what: str
    at: datetime
    words: str = ""


@dataclass(frozen=True)
class Backtest:
    """What came of it. `new`: the saved rule does not fire for them; `lost`: it alone does."""

    looked: int
    fired: tuple[Hit, ...]
    new: tuple[Hit, ...] = ()
    lost: tuple[Hit, ...] = ()
    since: datetime | None = None  # of the oldest change that was judged
    ended: str = ""  # why no older change was looked at; "" = there is none
    compared: bool = False  # with a rule as it was saved


@dataclass
class _Tally:
    """For which changes one rule fires, newest first; of a rule that fires once per record, the oldest of each."""

    rule: Rule
    compiled: CompiledRule
    refusals: dict[UUID, str] = field(default_factory=dict)  # of the changes the other rule may fire for
    hits: dict[UUID, Hit] = field(default_factory=dict)
    of_record: dict[int, UUID] = field(default_factory=dict)

    def judge(self, change: Change) -> None:
        """Notes whether it fires for the change, the next older one."""
        refusal = explanations.refusal(self.rule, self.compiled, change, change.created_at)
        if refusal:
            self.refusals[change.pk] = refusal
            return
        if self.rule.monitor == Rule.Monitor.ONCE and (newer := self.of_record.get(change.record_id)):
            self.refusals[newer] = FIRED_BEFORE
            del self.hits[newer]
        self.of_record[change.record_id] = change.pk
        self.hits[change.pk] = _hit(change)


def run(draft: RuleDraft, saved: RuleDraft | None) -> Backtest:
    """Judges the newest changes of the rule's type by the rule, and by the rule as it was saved if there is one."""
    hidden, until = sensitive.known(), time.monotonic() + SECONDS
    ours = _Tally(draft.rule, draft.compiled(hidden))
    theirs = _Tally(saved.rule, saved.compiled(hidden)) if saved else None
    looked, since, ended = 0, None, ""
    for change in _changes(draft.rule.record_type):
        ended = _end(change, looked, until)
        if ended or change is None:
            break
        looked, since = looked + 1, change.created_at
        for tally in filter(None, (ours, theirs)):
            tally.judge(change)
    found = Backtest(looked, tuple(ours.hits.values()), since=since, ended=ended)
    if theirs is None:
        return found
    return replace(found, new=_only(ours, theirs), lost=_only(theirs, ours), compared=True)


def _end(change: Change | None, looked: int, until: float) -> str:
    """Why this change is not looked at any more, or ""."""
    if change is None:
        return f"it goes through {MAX_READ:,} changes of any type at most"
    if looked == MAX_CHANGES:
        return f"it looks at {MAX_CHANGES:,} at most"
    return f"it takes {SECONDS:.0f} seconds at most" if time.monotonic() > until else ""


def _changes(record_type: str) -> Iterator[Change | None]:
    """The changes of this type, newest first; None when there are more than may be read."""
    everything = Change.objects.order_by("-id")
    window, read = everything, 0
    while keys := list(window.values_list("pk", flat=True)[:CHUNK]):
        if read >= MAX_READ:
            yield None
            return
        # Asked by their keys, as a database that is asked for a range may read all records of the type.
        ours = everything.filter(pk__in=keys, record__type=record_type)
        yield from ours.select_related("record").defer("verdicts", "notes", "record__fields")
        read += len(keys)
        window = everything.filter(pk__lt=keys[-1])


def _only(one: _Tally, other: _Tally) -> tuple[Hit, ...]:
    """The changes for which only one of them fires, with what the other says."""
    return tuple(
        replace(hit, words=other.refusals[pk]) for pk, hit in one.hits.items() if pk not in other.hits
    )


def _hit(change: Change) -> Hit:
    what = occasions.told(change)
    return Hit(change.pk, change.record_id, str(change.record), what, change.created_at)
