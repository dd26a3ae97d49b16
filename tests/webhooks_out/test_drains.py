"""Waking, draining and sweeping: no wake-up is lost, and none is sent twice."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.webhooks_out.test_jobs import make_delivery
from webhooks_out import drains
from webhooks_out.drains import drain, sweep, wake
from webhooks_out.models import Delivery, Heartbeat, Watch

pytestmark = pytest.mark.django_db
QUEUE = "deliveries"


@pytest.fixture(autouse=True)
def _watches(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drains, "LINGER", 0.0)
    drains.ensure_watches()


def test_every_kind_of_job_has_a_queue() -> None:
    assert set(drains.queues()) == {"receipts", "runs", "deliveries"}


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
    drain(Delivery, 0, lambda: next(left), plenty=9)
    assert next(left, None) is None


def test_a_working_drain_needs_no_wake_up() -> None:
    woken: list[bool] = []
    steps = iter([1, 0])
    drain(Delivery, 0, lambda: woken.append(wake(QUEUE)) or next(steps), plenty=9)
    assert woken == [False, False]
    assert wake(QUEUE)


def test_a_drain_that_leaves_something_due_sends_for_a_successor() -> None:
    make_delivery()
    drain(Delivery, 0, lambda: 0, plenty=9)
    assert OrmQ.objects.count() == 1


def test_a_drain_with_plenty_to_do_sends_for_help_once() -> None:
    left = iter([9, 9, 0])
    drain(Delivery, 0, lambda: next(left), plenty=9)
    assert Watch.objects.get(queue=QUEUE, slot=1).until > timezone.now()
    assert OrmQ.objects.count() == 1


def test_a_drain_ends_when_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drains, "KEEP", 0.0)
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
    assert Watch.objects.count() == 3 * drains.SLOTS


def test_a_beat_is_remembered() -> None:
    drains.beat()
    drains.beat()
    assert timezone.now() - Heartbeat.objects.get().beat_at < timedelta(seconds=5)
