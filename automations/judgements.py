"""What one rule made of the changes there were, looked for in so few of them that a page stays quick."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from automations import explanations, search, sensitive, suggestions, timeline, verdicts
from automations.explanations import Told
from automations.models import Change, Queued, Record, Rule, Run
from webhooks_out.admin_log import as_uuid
from webhooks_out.jobs import Job

PAGE = 30  # judgements on a page
LOOK = 5_000  # changes of the rule's type that one page looks through …
SPAN = 50_000  # … among so many of any type
MAX_RECORDS = 100  # found by a search
CHUNK = 200  # changes read at a time

FIRED, SILENT, HELD = "fired", "silent", "held"


@dataclass(frozen=True)
class Judgement:
    """One change, what the rule made of it, and what the rule started for it."""

    change: Change
    told: Told
    runs: list[Run]

    @property
    def name(self) -> str:
        """What its record is called."""
        return str(self.change.record)

    @property
    def state(self) -> str:
        """FIRED, SILENT or HELD; "" for what the rule did not look at."""
        if self.told.then is None:
            return ""
        if not self.told.then.fired:
            return SILENT
        return HELD if any(run.state == Job.State.HELD for run in self.runs) else FIRED

    @property
    def words(self) -> str:
        """What there is to say beside the state: why it was not looked at, why it did not fire, or what became of
        its steps; "" for nothing."""
        then = self.told.then
        if then is None:
            return self.told.why_not
        return then.words.removeprefix("fired").removeprefix("; ") if then.fired else then.reason

    @property
    def now(self) -> str:
        """How the rule judges it as it is now, in words, if that is another judgement."""
        now = self.told.now
        if now is None:
            return ""
        return "it would fire" if now.fired else f"it would not fire: {now.reason}"


@dataclass(frozen=True)
class Page:
    """Judgements, the newest first. `looked`: changes of the rule's type that were looked through, the last of them
    made at `since`; `older`: the id to go on before, None when there is no more."""

    judgements: list[Judgement]
    looked: int = 0
    since: datetime | None = None
    older: UUID | None = None


def newest(rule: Rule, state: str = "", before: UUID | None = None) -> Page:
    """What the rule made of the newest changes, or of those before one: of all, or of those that fit the state.

    The number of queries is always the same; what they cost is bounded by LOOK and SPAN.
    """
    if state == HELD:
        return Page(_of(rule, _held(rule)))
    span = Change.objects.filter(id__lt=before) if before else Change.objects.all()
    end = span.order_by("-id").values_list("id", "created_at")[SPAN - 1 : SPAN].first()
    span = span.filter(id__gte=end[0]) if end else span
    rows = span.filter(record__type=rule.record_type).order_by("-id")
    found: list[UUID] = []
    looked: list[tuple[UUID, datetime]] = []
    for pk, at, written in rows.values_list("id", "created_at", "verdicts")[:LOOK].iterator(CHUNK):
        looked.append((pk, at))
        said = verdicts.of_rule(rule.pk, written)
        if said and (not state or said.fired == (state == FIRED)):
            found.append(pk)
        if len(found) == PAGE:
            break
    last = looked[-1] if len(found) == PAGE or len(looked) == LOOK else end
    older, since = last or (None, None)
    return Page(_of(rule, found), len(looked), since, older)


def about(rule: Rule, term: str, before: UUID | None = None) -> Page:
    """What the rule made of the newest changes of the records this finds, or of the change or event of this id."""
    changes = Change.objects.filter(id__lt=before) if before else Change.objects.all()
    if number := as_uuid(term.strip()):
        changes = changes.filter(Q(pk=number) | Q(correlation_id=number) | Q(receipt_id=number))
    else:
        types = suggestions.types({*suggestions.heard()[0], rule.record_type})
        records = search.records(Record.objects.all(), term, types)
        changes = changes.filter(record__in=sorted(records)[-MAX_RECORDS:])
    ids = list(changes.order_by("-id").values_list("id", flat=True)[: PAGE + 1])
    return Page(_of(rule, ids[:PAGE]), older=ids[PAGE - 1] if len(ids) > PAGE else None)


def _held(rule: Rule) -> list[UUID]:
    """The newest changes whose runs are held, in the order of the index of what is pending."""
    held = Queued.objects.filter(rule=rule, state=Job.State.HELD).order_by("-planned_at", "-id")
    return list(dict.fromkeys(held.values_list("change_id", flat=True)[: 2 * PAGE]))[:PAGE]


def _of(rule: Rule, ids: Sequence[UUID]) -> list[Judgement]:
    """The rule's word on each of these changes. The number of queries does not grow with them."""
    changes = list(Change.objects.filter(pk__in=ids).select_related("record").order_by("-id"))
    runs: dict[UUID, list[Run]] = defaultdict(list)
    hidden = sensitive.known()
    for story in timeline.stories(changes, hidden):
        runs[story.id] = [run for run in story.runs if run.rule_id == rule.pk]
    told = zip(changes, explanations.about(rule, changes, hidden), strict=True)
    return [Judgement(change, about, runs[change.pk]) for change, about in told]
