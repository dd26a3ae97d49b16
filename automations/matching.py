"""Which rules apply to a change, found through an index, and the verdict of each rule that could have."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from automations import identifiers, loops, sensitive, steps, timing
from automations.changes import UNKNOWN
from automations.comparison import index_keys
from automations.conditions import Facts, Mask, Row, equalities, failing, fields, gate, holds
from automations.models import Change, Condition, Rule, Tag
from automations.models.rules import ANY_CHANGE
from automations.sensitive import Sensitive
from automations.steps import Step
from automations.verdicts import NO, Verdict
from webhooks_out import definitions, paths
from webhooks_out.models import Webhook
from webhooks_out.outbox import Definition

EXPLAIN_ALL = (
    50  # rules of one type and event up to which every verdict is kept, ruled out by the index or not
)
IMPORTED = "imported"  # the event of rules that answer records imported from a file, new or known


@dataclass(frozen=True)
class CompiledRule:
    """A rule as it stood when it was loaded."""

    rule_id: int
    name: str
    record_type: str
    event: str
    system_id: int | None
    monitor: str
    rows: tuple[Row, ...]
    steps: tuple[Step, ...]
    source: str = ""  # the title of a data source; "" = any
    brake_runs: int = 0  # at most so many …
    brake_minutes: int = 10  # … in so many minutes; 0 runs = no brake
    again: str = Rule.Again.KEEP
    zone: ZoneInfo = field(default_factory=lambda: timing.zone(""))
    mask: Mask = field(default=Sensitive().mask, compare=False)  # of values that its verdicts tell


@dataclass
class _Index:
    """Rules of one record type and event, by what a change must touch or be for them to have a chance."""

    everything: list[CompiledRule] = field(default_factory=list)
    always: list[CompiledRule] = field(default_factory=list)
    by_changed: dict[str, dict[Any, list[CompiledRule]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    by_value: dict[str, dict[Any, list[CompiledRule]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def add(self, rule: CompiledRule, event: str) -> None:
        """Files the rule under the keys without which it cannot fire."""
        self.everything.append(rule)
        for path, value in gate(rule.rows) or ():
            for name in paths.prefixes(path):
                self.by_changed[name][value if name == path else None].append(rule)
        if gate(rule.rows):
            return
        if values := equalities(rule.rows):
            for path, value in values:
                self.by_value[path][value].append(rule)
        elif rule.rows and rule.monitor == Rule.Monitor.STARTS and event == "updated":
            for name in {name for path in fields(rule.rows) for name in paths.prefixes(path)}:
                self.by_changed[name][None].append(rule)
        else:
            self.always.append(rule)

    def candidates(self, change: Change) -> Iterable[CompiledRule]:
        """Every rule that could fire, and no more than that when there are many; each once, in the order of rules."""
        if len(self.everything) <= EXPLAIN_ALL:
            return self.everything
        found = {rule.rule_id: rule for rule in self.always}
        for path in {prefix for changed in change.diff for prefix in paths.prefixes(changed)}:
            if by_new := self.by_changed.get(path):
                for key in (None, *index_keys(paths.look_up(change.fields, path))):
                    found.update((rule.rule_id, rule) for rule in by_new.get(key, ()))
        for path, rules in self.by_value.items():
            for key in index_keys(paths.look_up(change.fields, path)):
                found.update((rule.rule_id, rule) for rule in rules.get(key, ()))
        return [found[rule_id] for rule_id in sorted(found)]


class RuleSet:
    """Every active rule as of one version of the definitions, indexed."""

    def __init__(
        self,
        rules: Iterable[CompiledRule],
        tags: Mapping[str, str],
        kinds: Mapping[int, Sequence[str]] | None = None,
        *,
        paced: bool = False,
    ) -> None:
        self.tags = tags
        self.paced = paced  # who asks waits for what it started, so that no brake need hold it
        self.kinds = (
            kinds or {}
        )  # by system, the fields beside e-mail and phone its records are recognised by
        self._rules = tuple(rules)
        self._of_imports: dict[bool, RuleSet] = {}
        self._indexes: dict[tuple[str, str], _Index] = defaultdict(_Index)
        for rule in self._rules:
            for event in ("created", "updated") if rule.event == ANY_CHANGE else (rule.event,):
                self._indexes[rule.record_type, event].add(rule, event)

    def of_imports(self, *, ordinary: bool) -> "RuleSet":
        """The rules that answer a record imported from a file: those for “imported”, and all others if `ordinary`."""
        if ordinary not in self._of_imports:
            fitting = (rule for rule in self._rules if ordinary or rule.event == IMPORTED)
            either = (replace(rule, event=ANY_CHANGE) if rule.event == IMPORTED else rule for rule in fitting)
            self._of_imports[ordinary] = RuleSet(either, self.tags, self.kinds, paced=True)
        return self._of_imports[ordinary]

    def judge(self, change: Change, now: datetime) -> list[tuple[CompiledRule, Verdict]]:
        """Each rule that could apply to the change, with its verdict."""
        index = self._indexes.get((change.record.type, change.event))
        if index is None or change.stale:
            return []
        system = change.record.system_id
        return [
            (rule, verdict(rule, change, now))
            for rule in index.candidates(change)
            if rule.system_id in (None, system) and rule.source in ("", change.source)
        ]


def verdict(rule: CompiledRule, change: Change, now: datetime) -> Verdict:
    """Whether the rule fires for the change, and the reason in words."""
    if reason := loops.stopped(change):
        return _no(rule, reason)
    now = now.astimezone(rule.zone)
    facts = Facts(values=change.fields, diff=change.diff, now=now, mask=rule.mask)
    held, seen = holds(rule.rows, facts)
    if not held:
        return _no(rule, failing(seen))
    if rule.rows and rule.monitor == Rule.Monitor.STARTS and change.event == "updated":
        if change.changes_source == Change.ChangesSource.UNKNOWN:
            return _no(
                rule,
                "first time we hear of this record, so nobody can say whether its conditions just began to hold",
            )
        if holds(rule.rows, Facts(values=before(change), diff={}, now=now))[0]:
            return _no(rule, "its conditions already held before this change")
    return Verdict(rule.rule_id, rule.name, fired=True, words="fired")


def before(change: Change) -> dict[str, Any]:
    """The record's fields as they were before the change, as far as it is known."""
    fields = dict(change.fields)
    for path, (old, _) in change.diff.items():
        _set(fields, path, None if old == UNKNOWN else old)
    return fields


def rules() -> RuleSet:
    """The present rules. One small query when nothing changed since the last call in this process."""
    version = definitions.version()
    if version is None:
        return _load()
    if version not in _loaded:
        _loaded.clear()
        _loaded[version] = _load()
    return _loaded[version]


def compiled(rule: Rule, conditions: Iterable[Condition], done: Iterable[Step], mask: Mask) -> CompiledRule:
    """A rule, stored or not, with these conditions and steps as the evaluator reads it.

    `mask`: of the values that its verdicts tell.
    """
    return CompiledRule(
        rule_id=rule.pk,
        name=rule.name,
        record_type=rule.record_type,
        event=rule.event,
        system_id=rule.system_id,
        monitor=rule.monitor,
        rows=tuple(condition.row() for condition in conditions),
        steps=tuple(done),
        source=rule.source,
        brake_runs=rule.brake_runs,
        brake_minutes=rule.brake_minutes,
        again=rule.again,
        zone=timing.zone(rule.time_zone),
        mask=mask,
    )


_loaded: dict[UUID, RuleSet] = {}


def _load() -> RuleSet:
    return RuleSet(_compiled(), dict(Tag.objects.values_list("name", "path")), identifiers.kinds())


def _compiled() -> Iterator[CompiledRule]:
    webhooks = {
        webhook.pk: Definition.of(webhook) for webhook in Webhook.objects.prefetch_related("key_values")
    }
    mask = sensitive.known().mask
    active = Rule.objects.filter(active=True).prefetch_related("conditions", "actions").order_by("pk")
    for rule in active.iterator(chunk_size=2000):
        yield compiled(rule, rule.conditions.all(), steps.of(rule.actions.all(), webhooks), mask)


def _no(rule: CompiledRule, words: str) -> Verdict:
    return Verdict(rule.rule_id, rule.name, fired=False, words=f"{NO}{words}")


def _set(fields: dict[str, Any], path: str, value: Any) -> None:
    head, _, rest = path.partition(".")
    if rest and path not in fields and isinstance(fields.get(head), dict):
        fields[head] = dict(fields[head])
        _set(fields[head], rest, value)
    else:
        fields[path] = value
