"""The brake holds what is beyond a rule's limits, costs nothing while far from them, and lets go in order, once."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from threading import Barrier, BrokenBarrierError, Event, Thread, local
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from werkzeug.local import LocalProxy

from automations import braking, engine, held_runs, matching, pending, replays
from automations.changes import RecordUpdate
from automations.models import Action, Change, Rule, Run, System
from automations.records import Heard
from tests.automations.actions.acting import rule_that, tell
from tests.world import make_rule, make_webhook, work
from webhooks_out import definitions
from webhooks_out.models import Delivery

pytestmark = pytest.mark.django_db


def posting_rule(limit: int, **options: int) -> Rule:
    rule = make_rule(make_webhook("http://127.0.0.1:9/", pairs={"n": "n"}), monitor="every", brake_runs=limit)
    Action.objects.filter(rule=rule).update(**options)
    definitions.touch()
    return rule


def storm(numbers: Iterable[int], *, record: str = "", paced: bool = False) -> None:
    """One batch of updates, each of a record of its own unless one is named."""
    system, _ = System.objects.get_or_create(name="Harbour CRM")
    rules = matching.rules()
    rules = rules.of_imports(ordinary=True) if paced else rules
    said = [
        RecordUpdate("Contact", record or str(n), "", {"n": n}, complete=False, changes=None) for n in numbers
    ]
    engine.handle_all([(one, Heard(system.pk)) for one in said], rules)


def states() -> list[str]:
    return list(Run.objects.order_by("id").values_list("state", flat=True))


def all_of(rule: Rule) -> dict[str, object]:
    return {"rule": rule, "upto": Run.objects.latest("id").pk}


def test_what_is_beyond_the_limit_is_held_with_the_reason() -> None:
    posting_rule(3)
    storm(range(5))
    assert states() == ["done"] * 3 + ["held"] * 2
    assert Delivery.objects.count() == 3
    assert Run.objects.latest("id").reason == "Held by the brake: the rule started 3 runs within 10 min."


def test_a_later_batch_and_another_process_know_what_was_started() -> None:
    posting_rule(4)
    storm(range(3))
    braking.forget()  # as a process that begins
    storm(range(10, 13))
    storm(range(20, 22))
    assert states() == ["done"] * 4 + ["held"] * 4


def test_other_rules_go_on() -> None:
    posting_rule(1)
    make_rule(make_webhook("http://127.0.0.1:9/", "Partner"), monitor="every")
    definitions.touch()
    storm(range(3))
    assert Delivery.objects.filter(title="Partner").count() == 3


def test_a_rule_without_a_brake_is_never_held() -> None:
    posting_rule(0)
    storm(range(3), record="7")
    assert states() == ["done"] * 3


def test_the_actions_of_one_firing_are_held_together() -> None:
    rule = posting_rule(3)
    Action.objects.create(rule=rule, webhook=make_webhook("http://127.0.0.1:9/", "Partner"), position=1)
    definitions.touch()
    storm(range(3))
    assert states() == ["done"] * 4 + ["held"] * 2


def test_one_record_is_held_while_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(braking, "RECORD_RUNS", 3)
    posting_rule(1_000)
    storm(range(5), record="7")
    storm([1], record="8")
    assert states() == ["done"] * 3 + ["held"] * 2 + ["done"]
    assert "3 runs for this record within" in Run.objects.filter(state="held")[0].reason


def test_the_limit_is_that_of_the_last_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    posting_rule(2)
    storm(range(3))
    monkeypatch.setattr(braking, "LOOK_AGAIN", 0.0)
    later = timezone.now() + timedelta(minutes=11)
    monkeypatch.setattr(engine.timezone, "now", lambda: later)
    storm(range(10, 12))
    assert states() == ["done", "done", "held", "done", "done"]


def test_an_import_waits_for_its_posts_instead_and_counts_for_nobody() -> None:
    posting_rule(2)
    storm(range(4), paced=True)
    storm(range(10, 12))
    assert states() == ["done"] * 6


def test_far_from_the_limit_it_costs_no_statement_and_close_to_it_one_a_batch() -> None:
    posting_rule(1_000)
    costs = []
    for start in (0, 100, 200, 300, 400):
        with CaptureQueriesContext(connection) as captured:
            storm(range(start, start + 40))
        costs.append(sum("COUNT(*)" in one["sql"] for one in captured.captured_queries))
    assert costs == [1, 0, 0, 1, 0]


def test_after_a_second_it_counts_what_others_started(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = posting_rule(100)
    storm([0])
    Run.objects.bulk_create(_of_another_process(rule, 99))
    storm([1])
    assert states()[-1] == "done"  # the share it may start without a look
    monkeypatch.setattr(braking, "LOOK_AGAIN", 0.0)
    monkeypatch.setattr(braking, "FASTEST", 1 << 30)
    storm([2])
    assert states()[-1] == "held"


@pytest.mark.django_db(transaction=True)
def test_two_processes_that_reach_the_limit_at_the_same_moment_do_not_pass_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    posting_rule(10)
    System.objects.create(name="Harbour CRM")
    memory, both = local(), Barrier(2)
    monkeypatch.setattr(
        braking, "_known", LocalProxy(lambda: memory.__dict__.setdefault("known", OrderedDict()))
    )
    judge = braking.judge

    def judged(*firings: Any) -> Any:
        held = judge(*firings)
        with suppress(BrokenBarrierError):  # which one of them never comes to before the other is done
            both.wait(timeout=1)
        return held

    monkeypatch.setattr(braking, "judge", judged)
    threads = [Thread(target=_storm_of_its_own, args=[start]) for start in (0, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states()) == ["done"] * 10 + ["held"] * 10


def test_released_runs_are_done_in_order_and_once() -> None:
    rule = posting_rule(1)
    storm(range(6))
    assert held_runs.release(**all_of(rule)) == 5
    assert held_runs.release(**all_of(rule)) == 0
    due = list(Run.objects.filter(state="waiting").order_by("due_at").values_list("id", flat=True))
    assert due == sorted(due)
    Run.objects.filter(state="waiting").update(due_at=timezone.now())
    work()
    assert Delivery.objects.count() == 6
    assert not held_runs.by_rule()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("order", [held_runs.release, partial(held_runs.discard, by="bea")])
def test_what_somebody_else_is_changing_is_left_and_not_waited_for(order: Callable[..., int]) -> None:
    if connection.vendor == "sqlite":  # where whoever may write is alone
        return
    rule = posting_rule(1)
    storm(range(4))
    seen, taken, over = all_of(rule), Event(), Event()
    thread = Thread(target=_change, args=[Run.objects.earliest("-id"), taken, over])
    thread.start()
    assert taken.wait(10)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
        try:
            assert order(**seen) == 2
        finally:
            over.set()
            thread.join()
            cursor.execute("RESET lock_timeout")


def test_the_first_are_released_and_the_rest_stay() -> None:
    rule = posting_rule(1)
    storm(range(9))
    assert held_runs.release(**all_of(rule), most=held_runs.FIRST) == 5
    assert states() == ["done"] + ["waiting"] * 5 + ["held"] * 3


def test_what_is_held_after_the_look_stays_held() -> None:
    rule = posting_rule(1)
    storm(range(3))
    seen = all_of(rule)
    storm([10])
    assert held_runs.release(**seen) == 2
    assert [one.count for one in held_runs.by_rule()] == [1]


def test_a_delayed_run_is_not_done_before_its_time() -> None:
    rule = posting_rule(1, delay=60)
    storm(range(2))
    held_runs.release(**all_of(rule))
    first, second = Run.objects.order_by("id").values_list("due_at", flat=True)
    assert abs(second - first) < timedelta(seconds=1)


def test_discarded_runs_are_cancelled_and_say_by_whom() -> None:
    rule = posting_rule(1)
    storm(range(3))
    assert held_runs.discard(**all_of(rule), by="mia") == 2
    assert states() == ["done", "cancelled", "cancelled"]
    assert Run.objects.latest("id").reason == "Held by the brake, and discarded by mia."


def test_a_held_run_can_be_repeated_by_itself() -> None:
    rule = posting_rule(1)
    storm(range(3))
    replays.repeat(Run.objects.filter(state="held")[:1])
    assert held_runs.of(rule).count() == 1


def test_an_action_that_answers_itself_is_held_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(braking, "RECORD_RUNS", 2)
    rule_that("update_record", ("visits", "changed", ""), field="visits", how="increment", starts_rules="yes")
    tell(visits=0)
    work()
    assert states() == ["done", "done", "held"]
    assert Change.objects.count() == 3


@pytest.mark.parametrize("order", [pending.release, pending.run_now, pending.cancel])
def test_what_an_order_in_the_queue_took_is_held_by_the_brake_no_more(order: Callable[..., int]) -> None:
    rule = posting_rule(1)
    storm(range(3))
    assert order(list(Run.objects.filter(state="held").values_list("pk", flat=True)), "mia") == 2
    assert not held_runs.of(rule).exists()
    work()
    assert Delivery.objects.count() == (1 if order is pending.cancel else 3)


def _of_another_process(rule: Rule, count: int) -> list[Run]:
    change = Change.objects.latest("id")
    about = {"change": change, "record": change.record, "rule": rule, "rule_name": rule.name, "state": "done"}
    return [Run(**about, position=position, due_at=None) for position in range(1, count + 1)]


def _change(run: Run, taken: Event, over: Event) -> None:
    """As another process that is in the middle of it."""
    with transaction.atomic():
        Run.objects.filter(pk=run.pk).update(reason="Mine.")
        taken.set()
        over.wait(10)
    connection.close()


def _storm_of_its_own(start: int) -> None:
    try:
        storm(range(start, start + 10))
    finally:
        connection.close()
