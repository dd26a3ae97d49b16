"""Verdicts are kept with their change, few and short, and read again whatever stands there."""

from typing import Any

import pytest

from automations.models import Change
from automations.verdicts import MAX_KEPT, MAX_WORDS, Verdict, amend, keep, kept, of_rule


def verdict(rule_id: int, words: str = "did not fire: no", *, fired: bool = False) -> Verdict:
    return Verdict(rule_id, f"Rule {rule_id}", fired, words)


def test_those_that_fired_come_back_first() -> None:
    change = Change()
    keep(change, [verdict(1), verdict(2, "fired", fired=True)])
    assert [(one.rule_id, one.fired) for one in kept(change)] == [(2, True), (1, False)]


def test_of_very_many_those_that_fired_are_kept() -> None:
    change = Change()
    keep(change, [*map(verdict, range(MAX_KEPT * 2)), verdict(9_999, "fired", fired=True)])
    assert len(change.verdicts) == MAX_KEPT
    assert of_rule(9_999, change.verdicts)


def test_long_words_are_cut() -> None:
    change = Change()
    keep(change, [verdict(1, "x" * 10_000)])
    assert len(kept(change)[0].words) == MAX_WORDS


def test_words_are_added_to_those_of_one_rule() -> None:
    change = Change()
    keep(change, [verdict(1, "fired", fired=True), verdict(2)])
    amend(change, 1, "later steps kept")
    assert [one.words for one in kept(change)] == ["fired; later steps kept", "did not fire: no"]


def test_the_reason_is_what_did_not_hold() -> None:
    assert (verdict(1).reason, verdict(1, "fired", fired=True).reason) == ("no", "")


@pytest.mark.parametrize("written", [None, {}, "x", [1, None, []], [{"words": 3}]])
def test_what_is_no_verdict_does_no_harm(written: Any) -> None:
    assert of_rule(1, written) is None
