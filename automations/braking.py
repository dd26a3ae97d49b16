"""The storm brake: what a rule starts beyond its limit, for all records or for one, is held until a person decides.

What this process started itself is counted in memory, which costs no statement; what others started is counted in the
database about once a second. Only when that, taken for every process there may be, could reach a limit, the runs of the
window are counted for each batch, while nobody else may start runs of the rule. So what passes a limit is what others
start of the eighth part they may take without a look, within a second.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from automations.matching import CompiledRule
from automations.models import Change, Rule, Run
from webhooks_out.stats import first_id

RECORD_RUNS = 50  # of one rule for one record …
RECORD_MINUTES = 10  # … within so long
RULE_PEERS = 8  # processes that may start runs of one rule at once
RECORD_PEERS = 2  # processes that may start runs for one record at once
LOOK_AGAIN = 1.0  # seconds after which the runs of a rule are counted anew
FASTEST = 5_000  # runs of one rule that all processes together start in a second, at most
MAX_KEPT = 20_000  # records whose runs are remembered
MAX_LOOKS = 300  # limits counted in one statement

Firing = tuple[Change, CompiledRule, int]  # with the number of runs it is to start
Held = dict[tuple[UUID, int], str]  # change and rule, and why what the rule starts for it is held


class _Limit(NamedTuple):
    """At most so many runs of one rule; `record_id`: for one record, 0 for all of them together."""

    rule_id: int
    record_id: int
    runs: int
    minutes: int

    @property
    def words(self) -> str:
        whom = " for this record" if self.record_id else ""
        runs = f"{self.runs:,} run{'' if self.runs == 1 else 's'}{whom}"
        return f"Held by the brake: the rule started {runs} within {self.minutes:,} min."

    @property
    def peers(self) -> int:
        return RECORD_PEERS if self.record_id else RULE_PEERS


@dataclass(slots=True)
class _Known:
    """What was counted in the window at the last look, and started by this process since."""

    seen: int = 0
    own: int = 0
    looked_at: float = 0.0


def judge(firings: Sequence[Firing], now: datetime) -> Held:
    """Which of these are held, in their order: what is beyond their rule's limits. Mostly without a query.

    Needs the transaction that stores what is not held.
    """
    planned: dict[_Limit, int] = {}
    for change, rule, runs in firings:
        for limit in _limits(change, rule):
            planned[limit] = planned.get(limit, 0) + runs
    _look([limit for limit, runs in planned.items() if _is_old(limit, runs)], now)
    close = [limit for limit, runs in planned.items() if _is_close(limit, runs)]
    _lock({limit.rule_id for limit in close if not limit.record_id})
    _look(close, now)
    held: Held = {}
    for change, rule, runs in firings:
        limits = _limits(change, rule)
        if full := next(filter(_is_reached, limits), None):
            held[change.pk, rule.rule_id] = full.words
            continue
        for limit in limits:
            _of(limit).own += runs
    while len(_known) > MAX_KEPT:
        _known.popitem(last=False)
    return held


def forget() -> None:
    """Counts from the beginning."""
    _known.clear()


_known: OrderedDict[_Limit, _Known] = OrderedDict()


def _limits(change: Change, rule: CompiledRule) -> tuple[_Limit, ...]:
    if not rule.brake_runs:
        return ()
    return (
        _Limit(rule.rule_id, 0, rule.brake_runs, rule.brake_minutes),
        _Limit(rule.rule_id, change.record_id, RECORD_RUNS, RECORD_MINUTES),
    )


def _is_old(limit: _Limit, runs: int) -> bool:
    """Whether others may have come near the limit since the last look, or there was none; not if it is close anyway.

    Whoever starts runs for a record holds its lock, so that there a look at the second half is enough.
    """
    if limit.record_id or runs * limit.peers >= limit.runs:
        return False
    if (known := _known.get(limit)) is None:
        return True
    left = limit.runs - known.seen - known.own
    return left > 0 and monotonic() - known.looked_at >= max(LOOK_AGAIN, left / FASTEST)


def _is_close(limit: _Limit, runs: int) -> bool:
    """Whether the limit could be reached by now, for all that this process knows."""
    known = _known[limit] = _known.pop(limit, _Known())  # to the end of those that make room
    if _is_full(known, limit):
        return monotonic() - known.looked_at >= LOOK_AGAIN
    return known.seen + (known.own + runs) * limit.peers >= limit.runs


def _is_reached(limit: _Limit) -> bool:
    return _is_full(_of(limit), limit)


def _is_full(known: _Known, limit: _Limit) -> bool:
    return known.seen + known.own >= limit.runs


def _of(limit: _Limit) -> _Known:
    """What is known; another thread may have made room meanwhile."""
    return _known.setdefault(limit, _Known())


def _lock(rule_ids: Iterable[int]) -> None:
    """From here to the end of the transaction no other starts runs of these rules without having seen ours.

    In SQLite whoever may write is alone anyway.
    """
    if connection.features.has_select_for_update and (ids := sorted(rule_ids)):
        list(Rule.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _look(limits: Sequence[_Limit], now: datetime) -> None:
    """Counts what was started within the window of each limit, no further than the limit."""
    for at in range(0, len(limits), MAX_LOOKS):
        part = limits[at : at + MAX_LOOKS]
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {', '.join(_counted(limit) for limit in part)}",
                [value for limit in part for value in _parameters(limit, now)],
            )
            for limit, seen in zip(part, cursor.fetchone(), strict=True):
                _known[limit] = _Known(seen, looked_at=monotonic())


def _counted(limit: _Limit) -> str:
    whom = "AND record_id = %s" if limit.record_id else ""
    rows = f"SELECT 1 FROM {Run._meta.db_table} WHERE rule_id = %s AND id >= %s AND counted {whom} LIMIT %s"
    return f"(SELECT COUNT(*) FROM ({rows}) AS runs)"


def _parameters(limit: _Limit, now: datetime) -> Iterable[Any]:
    start = first_id(now - timedelta(minutes=limit.minutes))
    key = Run._meta.pk.get_db_prep_value(start, connection)
    return (limit.rule_id, key, *([limit.record_id] if limit.record_id else []), limit.runs)
