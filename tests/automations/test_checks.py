"""A rule that cannot work is refused with a sentence; one that is merely odd is told about."""

import pytest

from automations.checks import Draft, Known, Planned, action_problem, contradictions, problems, warnings
from automations.conditions import Row

POST = Planned(webhook="Dialer")
KNOWN = Known(types={"Contact"}, events={"payment.returned"}, fields={"stage", "address.city"})


def draft(*rows: Row, event: str = "updated", actions: tuple[Planned, ...] = (POST,)) -> Draft:
    return Draft("Contact", event, rows, actions)


def test_a_sound_rule_has_no_problem_and_no_warning() -> None:
    sound = draft(Row(1, "stage", "changed_to", "Enrolled"), Row(1, "address", "changed"))
    assert problems(sound) == []
    assert warnings(sound, KNOWN) == []


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (Row(1, "stage", "changed_from_to", "Passed"), "old and the new value"),
        (Row(1, "score", "greater", "many"), "write a number"),
        (Row(1, "stage", "matches", "(["), "cannot be read"),
        (Row(1, "stage", "equals", ""), "needs a value"),
        (Row(1, "stage", "is_empty", "x"), "takes no value"),
        (Row(1, "", "equals", "x"), "Choose a field"),
        (Row(1, "stage", "resembles", "x"), "There is no operator"),
    ],
)
def test_a_condition_that_cannot_hold_is_a_problem(row: Row, words: str) -> None:
    (sentence,) = problems(draft(row))
    assert words in sentence


@pytest.mark.parametrize(
    "rows",
    [
        (Row(1, "stage", "is_empty"), Row(1, "stage", "is_not_empty")),
        (Row(1, "stage", "is_empty"), Row(1, "stage", "equals", "Lead")),
        (Row(1, "stage", "equals", "Lead"), Row(1, "stage", "not_equals", "lead ")),
        (Row(1, "due", "is_empty"), Row(1, "due", "older_than", "3 days")),
    ],
)
def test_conditions_that_exclude_each_other_are_a_problem(rows: tuple[Row, ...]) -> None:
    (sentence,) = contradictions(rows)
    assert sentence.startswith("Group 1 can never hold")


@pytest.mark.parametrize(
    "rows",
    [
        (Row(1, "stage", "is_empty"), Row(2, "stage", "is_not_empty")),  # either is enough
        (Row(1, "tags", "equals", "a"), Row(1, "tags", "equals", "b")),  # a list holds both
        (Row(1, "sums", "greater", "5"), Row(1, "sums", "less", "3")),  # as above
        (Row(1, "stage", "is_empty"), Row(1, "city", "is_not_empty")),
    ],
)
def test_conditions_that_may_hold_together_are_none(rows: tuple[Row, ...]) -> None:
    assert contradictions(rows) == []


def test_a_rule_without_action_is_a_problem() -> None:
    assert problems(draft(actions=())) == ["A rule needs at least one action."]


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (Planned(webhook=""), "Choose the webhook"),
        (Planned(webhook="Dialer", delay=4_000, unit="days"), "longer than 3660 days"),
        (Planned(webhook="Dialer", delay=2_147_483_647, unit="days"), "longer than 3660 days"),
        (Planned(webhook="", needs_webhook=False), ""),
        (Planned(webhook="Dialer", delay=3, unit="days"), ""),
    ],
)
def test_an_action_needs_its_webhook_and_a_sane_delay(action: Planned, words: str) -> None:
    assert words in action_problem(action)
    assert bool(action_problem(action)) is bool(words)


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        (Draft("Contcat", "created", (Row(1, "stage", "changed"),), (POST,)), "Did you mean “Contact”?"),
        (draft(Row(1, "Stage", "changed")), "Did you mean “stage”?"),
        (draft(Row(1, "stage", "changed"), event="payment.return"), "Did you mean “payment.returned”?"),
        (draft(), "fires for every Contact that is updated"),
        (draft(Row(1, "stage", "changed_from", "Lead"), event="created"), "can hardly have changed"),
        (
            draft(Row(1, "stage", "changed"), actions=(Planned("Dialer", webhook_active=False),)),
            "“Dialer” is switched off",
        ),
        (draft(Row(1, "stage", "changed"), actions=(POST, POST)), "Two actions post to “Dialer”"),
    ],
)
def test_what_is_odd_is_said(odd: Draft, words: str) -> None:
    assert any(words in sentence for sentence in warnings(odd, KNOWN))


def test_nothing_is_unheard_of_before_anything_was_heard() -> None:
    assert warnings(draft(Row(1, "Stage", "changed"), event="odd.event"), Known()) == []


def test_two_posts_at_different_times_are_a_sequence() -> None:
    later = Planned("Dialer", delay=3, unit="days")
    assert warnings(draft(Row(1, "stage", "changed"), actions=(POST, later)), KNOWN) == []
