"""Waking, draining and sweeping: no wake-up is lost, and none is sent twice."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import DjangoAssertNumQueries
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.webhooks_out.test_jobs import make_delivery
from webhooks_out import drains
from webhooks_out.drains import drain, sweep, wake
from webhooks_out.models import Delivery, Heartbeat, Watch

pytestmark = pytest.mark.django_db
QUEUE = "deliveries"


@pytest.fixture(autouse=True)
def _watches(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drains, "KEEP", 0.2)
    drains.ensure_watches()


def test_every_kind_of_job_has_a_queue() -> None:
    assert set(drains.queues()) == {
        "alerts",
        "receipts",
        "runs",
        "deliveries",
        "batches",
        "imports",
        "document copies",
    }


def test_one_wake_up_is_enough() -> None:
    assert [wake(QUEUE), wake(QUEUE), wake(QUEUE)] == [True, False, False]
    assert OrmQ.objects.count() == 1


def test_a_wake_up_that_got_lost_is_sent_again_after_a_minute() -> None:
    wake(QUEUE)
    Watch.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert wake(QUEUE)


def test_a_broker_that_is_down_does_not_disturb(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise RedisConnectionError("refused")

    with monkeypatch.context() as patched:
        patched.setattr(drains, "async_task", down)
        assert not wake(QUEUE)
    assert wake(QUEUE)


def test_a_drain_works_until_nothing_is_left() -> None:
    left = iter([3, 2, 0])
    drain(Delivery, 0, lambda: next(left, 0), plenty=9)
    assert next(left, None) is None


def test_a_working_drain_needs_no_wake_up() -> None:
    woken: list[bool] = []
    steps = iter([1])
    drain(Delivery, 0, lambda: woken.append(wake(QUEUE)) or next(steps, 0), plenty=9)
    assert len(woken) > 2
    assert not any(woken)
    assert wake(QUEUE)


def test_a_drain_looks_for_as_long_as_it_promised() -> None:
    began, looked = time.monotonic(), []
    drain(Delivery, 0, lambda: looked.append(True) or 0, plenty=9)
    assert time.monotonic() - began > drains.KEEP - 2 * drains.LOOK
    assert len(looked) > 1


def test_nobody_asks_while_a_drain_has_promised_to_look(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    drains._Keeper(QUEUE, 0)
    Watch.objects.update(until=timezone.now() + timedelta(seconds=60))
    with django_assert_num_queries(2):
        assert [wake(QUEUE), wake(QUEUE), wake(QUEUE)] == [False] * 3


def test_a_drain_that_is_over_sends_for_a_successor_when_something_is_due(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(drains, "SLICE", 0.0)
    make_delivery()
    steps = iter([1])
    drain(Delivery, 0, lambda: next(steps), plenty=9)
    assert OrmQ.objects.count() == 1


def test_a_drain_that_leaves_something_due_sends_for_a_successor() -> None:
    make_delivery()
    drain(Delivery, 0, lambda: 0, plenty=9)
    assert OrmQ.objects.count() == 1


def test_a_drain_with_plenty_to_do_sends_for_help_once() -> None:
    left = iter([9, 9])
    drain(Delivery, 0, lambda: next(left, 0), plenty=9)
    assert Watch.objects.get(queue=QUEUE, slot=1).until > timezone.now()
    assert OrmQ.objects.count() == 1


def test_a_drain_ends_when_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        drains._Keeper, "renew", lambda self: self._hold(self._mine.filter(token=self._token))
    )
    steps: list[None] = []

    def stop_at_the_second() -> int:
        steps.append(None)
        if len(steps) == 2:
            drains.stop()
        return 1

    drain(Delivery, 0, stop_at_the_second, plenty=9)
    assert len(steps) == 2


def test_the_sweep_wakes_only_what_is_due() -> None:
    make_delivery()
    assert sweep() == {QUEUE: True}
    assert sweep() == {QUEUE: False}


def test_the_sweep_restores_missing_watches() -> None:
    Watch.objects.all().delete()
    sweep()
    assert Watch.objects.count() == len(drains.queues()) * drains.SLOTS


def test_a_beat_is_remembered() -> None:
    drains.beat()
    drains.beat()
    assert timezone.now() - Heartbeat.objects.get().beat_at < timedelta(seconds=5)
