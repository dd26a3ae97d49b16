"""What rules made of a change, in words, as it is kept with the change: the owner of its JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from automations.models import Change

MAX_KEPT = 200  # verdicts on one change; those that fired come before the others
MAX_WORDS = 500  # characters of a verdict that are kept
NO = "did not fire: "  # how the verdict of a rule that stays silent begins
FIRED_BEFORE = "it fired for this record before, and fires once per record"


@dataclass(frozen=True)
class Verdict:
    """What one rule made of one change, in words."""

    rule_id: int
    name: str
    fired: bool
    words: str

    @property
    def reason(self) -> str:
        """Why it did not fire; "" when it did."""
        return "" if self.fired else self.words.partition(": ")[2]


def keep(change: Change, verdicts: Sequence[Verdict]) -> None:
    """Puts the verdicts on the change, so few and so short that no rules can make it large."""
    if len(verdicts) > MAX_KEPT:
        verdicts = sorted(verdicts, key=lambda verdict: not verdict.fired)[:MAX_KEPT]
    change.verdicts = [
        {"rule": one.rule_id, "name": one.name, "fired": one.fired, "words": _cut(one.words)}
        for one in verdicts
    ]


def amend(change: Change, rule_id: int, words: str) -> None:
    """Adds to what the change's verdict of this rule says."""
    for said in change.verdicts:
        if said["rule"] == rule_id:
            said["words"] = f"{said['words']}; {words}"


def forget_reasons(change: Change) -> bool:
    """Leaves of the verdicts on the change those of rules that fired; whether there were others."""
    fired = [verdict for verdict in kept(change) if verdict.fired]
    less = len(fired) < len(change.verdicts)
    keep(change, fired)
    return less


def kept(change: Change) -> list[Verdict]:
    """The verdicts of the time the change arrived; those that fired first."""
    return sorted(_read(change.verdicts), key=lambda verdict: not verdict.fired)


def of_rule(rule_id: int, written: Any) -> Verdict | None:
    """The verdict of one rule among those kept on a change, or None."""
    return next((verdict for verdict in _read(written) if verdict.rule_id == rule_id), None)


def once_key(rule_id: int, record_id: int) -> str:
    """What a rule that fires once per record claims."""
    return f"rule:{rule_id}:record:{record_id}"


def _cut(words: str) -> str:
    return words if len(words) <= MAX_WORDS else f"{words[: MAX_WORDS - 1]}…"


def _read(written: Any) -> Iterator[Verdict]:
    rows = (row for row in written if isinstance(row, dict)) if isinstance(written, list) else ()
    for row in rows:
        name, words = str(row.get("name", "")), str(row.get("words", ""))
        yield Verdict(row.get("rule", 0), name, bool(row.get("fired")), words)
