"""A follow-up is made once, linked to the record that asked for it."""

import pytest

from automations import performing, replays
from automations.actions import ACTIONS
from automations.models import Change, Record, Run
from tests.automations.actions.acting import rule_that, tell
from tests.world import work

pytestmark = pytest.mark.django_db
KIND = ACTIONS["create_record"]
OPTIONS = {"title": "Call {name}", "fields": "due = {due}\nowner.name = Mia"}


def task() -> Record:
    return Record.objects.get(type="Task")


def test_a_task_is_made_and_linked() -> None:
    rule_that("create_record", ("name", "changed", ""), **OPTIONS)
    tell(name="Ana", due="2026-12-01")
    work()
    assert task().fields == {
        "title": "Call Ana",
        "due": "2026-12-01",
        "owner": {"name": "Mia"},
        "linked_id": "7",
    }
    assert Change.objects.filter(record=task()).values_list("event", "origin", "depth").get() == (
        "created",
        "action",
        1,
    )
    assert Run.objects.get().reason == "Made Task “Call Ana”."


def test_a_repeat_makes_no_second() -> None:
    rule_that("create_record", ("name", "changed", ""), **OPTIONS)
    tell(name="Ana")
    for _ in range(2):
        assert performing.perform(Run.objects.get()).state == "done"
    work()
    replays.repeat(Run.objects.all())
    work()
    assert Change.objects.filter(record=task()).count() == 1


@pytest.mark.parametrize(("missing", "due"), [("leave", "absent"), ("empty", "")])
def test_a_missing_value_follows_the_policy(missing: str, due: str) -> None:
    rule_that("create_record", ("name", "changed", ""), missing=missing, **OPTIONS)
    tell(name="Ana", due=None)
    work()
    assert task().fields.get("due", "absent") == due


def test_a_missing_value_may_hold_it() -> None:
    rule_that("create_record", ("name", "changed", ""), missing="hold", **OPTIONS)
    tell(name="Ana")
    work()
    assert Run.objects.get().state == "held"
    assert not Record.objects.filter(type="Task").exists()


def test_another_rule_may_answer_it() -> None:
    rule_that("create_record", ("name", "changed", ""), starts_rules="yes", **OPTIONS)
    rule_that("update_record", name="See it", of="Task", field="seen", value="yes")
    tell(name="Ana")
    work()
    assert Change.objects.filter(record=task(), verdicts__0__fired=True).exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"title": " "}, "Title: fill this in."),
        ({"title": "x", "fields": "due"}, "write “due” like"),
        ({"title": "x", "fields": "a = 1\na = 2"}, "a stands there twice"),
        ({"title": "x", "fields": "title = y"}, "title stands there twice"),
        ({"title": "x", "fields": "a = 1\na.b = 2"}, "cannot stand in it"),
        ({"title": "x", "fields": "id = 1"}, "The id stays"),
    ],
)
def test_what_cannot_work_is_refused(options: dict[str, str], words: str) -> None:
    assert words in KIND.problem(options)
