"""What happened to records: each change with the verdicts, runs and deliveries that followed, and the documents.

However long a page of it is, it takes the same few queries.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Left
from django.utils import timezone

from automations import sensitive, verdicts
from automations.models import Change, Document, Record, Run
from automations.sensitive import Sensitive
from automations.verdicts import Verdict
from webhooks_out.models import Attempt, Delivery
from webhooks_out.stats import first_id

PAGE = 30  # changes on one page of a record's timeline
MAX_PAIRS = 40  # fields of one change that are listed
MAX_EXCERPT = 200  # characters of an answer
HEAVY = ("headers", "body", "sealed")  # of a delivery; no list shows them
ANSWERS = "answers"  # where a delivery has its attempts without their long texts, the last one last


@dataclass(frozen=True)
class Pair:
    """One field a change touched."""

    path: str
    old: Any
    new: Any


@dataclass
class Story:
    """One change and what followed from it. `repeats`: deliveries of it that no run points to any more."""

    change: Change
    pairs: tuple[Pair, ...]
    more: int  # fields that are not listed
    verdicts: list[Verdict]
    runs: list[Run] = field(default_factory=list)
    repeats: list[Delivery] = field(default_factory=list)

    @property
    def id(self) -> UUID:
        """Where it stands in time."""
        return self.change.pk

    @property
    def fired(self) -> list[Verdict]:
        """The rules that fired."""
        return [verdict for verdict in self.verdicts if verdict.fired]

    @property
    def silent(self) -> list[Verdict]:
        """The rules that did not."""
        return [verdict for verdict in self.verdicts if not verdict.fired]


@dataclass(frozen=True)
class Entry:
    """One line of a timeline: a change with what followed, a delivery that staff asked for, or a document."""

    id: UUID  # where it stands in time
    at: datetime
    story: Story | None = None
    delivery: Delivery | None = None
    document: Document | None = None


@dataclass(frozen=True)
class Timeline:
    """Entries, newest first; `older`: the id to ask for what came before."""

    entries: list[Entry]
    older: UUID | None = None

    @property
    def days(self) -> list[tuple[date, list[Entry]]]:
        """The entries by the day they happened on, in the site's time zone."""
        days: dict[date, list[Entry]] = {}
        for entry in self.entries:
            days.setdefault(timezone.localdate(entry.at), []).append(entry)
        return list(days.items())


def of_record(record: Record, hidden: Sensitive, before: UUID | None = None) -> Timeline:
    """One page of a record's timeline. The number of queries does not grow with what happened."""
    changes = record.changes.order_by("-id").defer("fields")
    deliveries = _of(record).order_by("-id").prefetch_related(_answers("tries"))
    documents = record.documents.select_related("uploaded_by", "certificate").order_by("-created_at")
    if before:
        changes, deliveries = changes.filter(id__lt=before), deliveries.filter(id__lt=before)
        documents = documents.filter(created_at__lt=_moment(before))
    page = list(changes[: PAGE + 1])
    told = stories(page[:PAGE], hidden)
    older = page[PAGE - 1].pk if len(page) > PAGE else None
    loose = _placed(list(deliveries[: PAGE * 4]), told)
    entries = [Entry(story.id, story.change.created_at, story=story) for story in told]
    entries += [Entry(delivery.pk, delivery.created_at, delivery=delivery) for delivery in loose]
    entries += [
        Entry(first_id(one.created_at), one.created_at, document=one) for one in documents[: PAGE * 4]
    ]
    shown = [entry for entry in entries if older is None or entry.id >= older]
    return Timeline(sorted(shown, key=attrgetter("id"), reverse=True), older)


def stories(changes: Sequence[Change], hidden: Sensitive | None = None) -> list[Story]:
    """The changes with what followed from them, in their order, sensitive values as dots. A handful of queries."""
    runs: dict[UUID, list[Run]] = defaultdict(list)
    light = [f"delivery__{name}" for name in HEAVY]
    found = Run.objects.filter(change__in=changes).select_related("delivery").defer(*light)
    for run in found.order_by("id").prefetch_related(_answers("delivery__tries"), "emails"):
        runs[run.change_id].append(run)
    hidden = hidden or sensitive.known()
    return [_story(change, runs[change.pk], hidden) for change in changes]


def pairs(change: Change) -> list[Pair]:
    """The fields the change touched, by name."""
    diff = change.diff if isinstance(change.diff, dict) else {}
    both = ((path, pair) for path, pair in sorted(diff.items()) if isinstance(pair, list) and len(pair) == 2)
    return [Pair(path, *pair) for path, pair in both]


def _story(change: Change, runs: list[Run], hidden: Sensitive) -> Story:
    listed = pairs(change)
    return Story(
        change=change,
        pairs=tuple(_masked(pair, hidden) for pair in listed[:MAX_PAIRS]),
        more=max(0, len(listed) - MAX_PAIRS),
        verdicts=verdicts.kept(change),
        runs=runs,
    )


def _masked(pair: Pair, hidden: Sensitive) -> Pair:
    return Pair(pair.path, hidden.mask(pair.path, pair.old), hidden.mask(pair.path, pair.new))


def _answers(path: str) -> Prefetch:
    """What was answered at each attempt, in short."""
    attempts = Attempt.objects.order_by("number").defer("response", "response_headers")
    return Prefetch(path, attempts.annotate(excerpt=Left("response", MAX_EXCERPT)), to_attr=ANSWERS)


def _moment(known: UUID) -> datetime:
    """When a time-ordered id was made; the last moment there is for one that was made up."""
    try:
        return datetime.fromtimestamp((known.int >> 80) / 1000, UTC)
    except (OverflowError, ValueError):
        return datetime.max.replace(tzinfo=UTC)


def _of(record: Record) -> QuerySet[Delivery]:
    """Deliveries about a record of this type and id; they do not say of which system."""
    return Delivery.objects.filter(record_type=record.type, record_id=record.external_id).defer(*HEAVY)


def _placed(deliveries: Iterable[Delivery], told: list[Story]) -> list[Delivery]:
    """Puts deliveries no run points to under the change they came from; returns those that came from none."""
    pointed = {run.delivery_id for story in told for run in story.runs}
    by_correlation = {story.change.correlation_id: story for story in told}
    loose = []
    for delivery in deliveries:
        if delivery.pk in pointed:
            continue
        if story := by_correlation.get(delivery.correlation_id):
            story.repeats.append(delivery)
        elif delivery.origin != Delivery.Origin.RULE:
            loose.append(delivery)
    return loose
