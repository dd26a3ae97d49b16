"""What happened to records: each change with the verdicts, runs and deliveries that followed, in a few queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from automations import explanations
from automations.matching import Verdict
from automations.models import Change, Record, Run
from webhooks_out.models import Delivery

PAGE = 30  # changes on one page of a record's timeline
MAX_PAIRS = 40  # fields of one change that are listed
HEAVY = ("headers", "body", "sealed")  # of a delivery; no list shows them


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
class Timeline:
    """Stories and deliveries that staff asked for, newest first; `older`: the id to ask for what came before."""

    entries: list[Story | Delivery]
    older: UUID | None = None


def of_record(record: Record, before: UUID | None = None) -> Timeline:
    """One page of a record's timeline. Three queries."""
    changes = record.changes.order_by("-id").defer("fields")
    deliveries = _of(record).order_by("-id")
    if before:
        changes, deliveries = changes.filter(id__lt=before), deliveries.filter(id__lt=before)
    page = list(changes[: PAGE + 1])
    told = stories(page[:PAGE])
    older = page[PAGE - 1].pk if len(page) > PAGE else None
    loose = _placed(list(deliveries[: PAGE * 4]), told)
    shown = [delivery for delivery in loose if older is None or delivery.pk > older]
    return Timeline(sorted([*told, *shown], key=attrgetter("id"), reverse=True), older)


def stories(changes: Sequence[Change]) -> list[Story]:
    """The changes with what followed from them, in their order. One query."""
    runs: dict[UUID, list[Run]] = defaultdict(list)
    light = [f"delivery__{name}" for name in HEAVY]
    found = Run.objects.filter(change__in=changes).select_related("delivery").defer(*light)
    for run in found.order_by("id"):
        runs[run.change_id].append(run)
    return [_story(change, runs[change.pk]) for change in changes]


def pairs(change: Change) -> list[Pair]:
    """The fields the change touched, by name."""
    diff = change.diff if isinstance(change.diff, dict) else {}
    both = ((path, pair) for path, pair in sorted(diff.items()) if isinstance(pair, list) and len(pair) == 2)
    return [Pair(path, *pair) for path, pair in both]


def _story(change: Change, runs: list[Run]) -> Story:
    listed = pairs(change)
    return Story(
        change=change,
        pairs=tuple(listed[:MAX_PAIRS]),
        more=max(0, len(listed) - MAX_PAIRS),
        verdicts=explanations.kept(change),
        runs=runs,
    )


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
