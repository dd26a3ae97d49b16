"""Steps of a rule over weeks: what stops them, what waits for what, and what a second trigger does."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automations import engine, matching
from automations.changes import RecordUpdate
from automations.models import Action, Change, Rule, Run, System
from automations.records import Heard
from automations.tasks import step
from tests.world import make_rule, make_webhook
from webhooks_out import definitions
from webhooks_out.models import Delivery

pytestmark = pytest.mark.django_db
MONDAY = datetime(2035, 3, 19, 10, tzinfo=UTC)  # in the future, so that the database's clock sees nothing due
Days = Callable[[float], None]


@pytest.fixture
def pass_days() -> Any:
    """`pass_days(3)`: three days go by, and whatever becomes due in them is done at its time."""
    with time_machine.travel(MONDAY, tick=False) as clock:

        def pass_days(days: float) -> None:
            end = timezone.now() + timedelta(days=days)
            due = Run.objects.filter(due_at__lte=end, state="waiting").order_by("planned_at", "position")
            while run := due.first():
                clock.move_to(max(run.planned_at, timezone.now()))
                Run.objects.filter(pk=run.pk).update(due_at=Now())
                step()
            clock.move_to(end)

        yield pass_days


def onboarding(**options: Any) -> Rule:
    """Who enrols is welcomed at once, after 3 days and after 10."""
    rule = make_rule(make_webhook("http://127.0.0.1/"), ("stage", "changed_to", "Enrolled"), **options)
    for position, days in enumerate((3, 10), 1):
        webhook = make_webhook("http://127.0.0.1/", f"Day {days}")
        Action.objects.create(rule=rule, webhook=webhook, delay=days, delay_unit="days", position=position)
    definitions.touch()
    return rule


def hears(*updates: dict[str, Any]) -> list[Change]:
    """What becomes of updates about contact 7, told in one transaction."""
    system, _ = System.objects.get_or_create(name="Harbour CRM")
    said = [
        (RecordUpdate("Contact", "7", "", fields, complete=False, changes=None), Heard(system.pk, item=item))
        for item, fields in enumerate(updates)
    ]
    return [change for change in engine.handle_all(said, matching.rules()) if change]


def enrols(**fields: Any) -> Change:
    hears({"stage": "Lead"})
    return hears({"stage": "Enrolled", **fields})[0]


def posted() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("title", flat=True))


def runs(**wanted: Any) -> list[tuple[str, str]]:
    return list(Run.objects.filter(**wanted).order_by("id").values_list("state", "reason"))


def test_a_sequence_goes_on_over_weeks(pass_days: Days) -> None:
    onboarding()
    enrols()
    assert posted() == ["Dialer"]
    pass_days(2.9)
    assert posted() == ["Dialer"]
    pass_days(0.2)
    assert posted() == ["Dialer", "Day 3"]
    pass_days(30)
    assert posted() == ["Dialer", "Day 3", "Day 10"]


@pytest.mark.parametrize(
    ("stops", "words"),
    [
        ("unmet", "Stopped: stage was 'Lost', wanted 'Enrolled'."),
        ("left", "Stopped: its stage was “Enrolled” and is “Lost” by now."),
    ],
)
def test_a_stage_change_in_the_middle_stops_what_is_left(pass_days: Days, stops: str, words: str) -> None:
    onboarding(stops=stops)
    enrols()
    pass_days(5)
    hears({"stage": "Lost"})
    pass_days(10)
    assert posted() == ["Dialer", "Day 3"]
    assert runs(position=2) == [("cancelled", words)]


def test_a_rule_that_does_not_look_again_goes_on(pass_days: Days) -> None:
    onboarding()
    enrols()
    hears({"stage": "Lost"})
    pass_days(11)
    assert len(posted()) == 3


@pytest.mark.parametrize(("stage", "state", "expected"), [("Lost", "cancelled", 1), ("Enrolled", "done", 3)])
def test_steps_behind_a_recheck_go_on_only_if_the_conditions_hold(
    pass_days: Days, stage: str, state: str, expected: int
) -> None:
    rule = onboarding()
    rule.actions.filter(position=1).update(kind="recheck", webhook=None)
    Action.objects.create(rule=rule, webhook=make_webhook("http://127.0.0.1/", "At once"), position=3)
    enrols()
    assert posted() == ["Dialer"]  # what is behind the check waits for it, whatever its own time
    hears({"stage": stage})
    pass_days(20)
    assert len(posted()) == expected
    assert {run_state for run_state, _ in runs(position__gte=1)} == {state}
    assert all("'Lost'" in reason for _, reason in runs(position__gte=1, state="cancelled"))


def test_a_step_waits_for_a_recheck_that_is_held(pass_days: Days) -> None:
    rule = onboarding()
    rule.actions.filter(position=1).update(
        kind="recheck", webhook=None, counts_from="since", date_field="due"
    )
    enrols()
    run = Run.objects.get(position=2)
    Run.objects.filter(pk=run.pk).update(due_at=Now())
    step()
    run.refresh_from_db()
    assert (run.state, run.attempts, run.reason) == ("waiting", 0, "Waits for the re-check before it.")


def test_a_second_trigger_leaves_what_is_pending(pass_days: Days) -> None:
    onboarding()
    enrols()
    before = list(Run.objects.filter(state="waiting").order_by("id").values_list("pk", "due_at"))
    pass_days(1)
    second = enrols()
    assert list(Run.objects.filter(state="waiting").order_by("id").values_list("pk", "due_at")) == before
    assert second.verdicts[0]["words"].startswith("fired; its later steps were not made again")
    assert posted() == ["Dialer", "Dialer"]


def test_once_nothing_is_pending_it_starts_again(pass_days: Days) -> None:
    onboarding()
    enrols()
    pass_days(11)
    enrols()
    assert Run.objects.filter(state="waiting").count() == 2


def test_a_rule_that_restarts_counts_anew(pass_days: Days) -> None:
    onboarding(again="restart")
    enrols()
    pass_days(1)
    enrols()
    assert (
        runs(state="cancelled") == [("cancelled", "Started anew: the rule fired again for this record.")] * 2
    )
    due = Run.objects.filter(state="waiting").order_by("due_at").values_list("due_at", flat=True)
    assert list(due) == [MONDAY + timedelta(days=4), MONDAY + timedelta(days=11)]


@pytest.mark.parametrize(("again", "words"), [("keep", "not made again"), ("restart", "replaced")])
def test_two_triggers_in_one_transaction_make_one_sequence(pass_days: Days, again: str, words: str) -> None:
    onboarding(again=again)
    said = ["Lead", "Enrolled", "Lead", "Enrolled"]
    changes = hears(*({"stage": stage} for stage in said))
    assert Run.objects.filter(state="waiting").count() == 2
    told = [change.verdicts[0]["words"] for change in changes]
    assert words in told[3 if again == "keep" else 1]


def test_another_record_has_a_sequence_of_its_own(pass_days: Days) -> None:
    onboarding()
    enrols()
    fields = {"stage": "Enrolled"}
    update = RecordUpdate("Contact", "8", "created", fields, complete=True, changes=None)
    engine.handle(update, Heard(System.objects.get().pk), matching.rules())
    assert Run.objects.filter(state="waiting").count() == 4


def test_the_statements_do_not_grow_with_the_pending(pass_days: Days) -> None:
    onboarding()
    rules, costs = matching.rules(), []
    for _ in range(2):
        hears({"stage": "Lead"})
        update = RecordUpdate("Contact", "7", "", {"stage": "Enrolled"}, complete=False, changes=None)
        with CaptureQueriesContext(connection) as captured:
            engine.handle(update, Heard(System.objects.get().pk), rules)
        costs.append(len(captured))
    assert costs[1] <= costs[0] <= 10
