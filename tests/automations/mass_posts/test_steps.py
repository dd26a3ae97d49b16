"""The job of a mass post: in chunks, with a window, at a pace, and never twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from automations.mass_posts import chunks, orders, progress, steps
from automations.models import Batch, BatchItem
from tests.automations.mass_posts.crowd import (
    confirm,
    fresh,
    hurry,
    make_contacts,
    make_hook,
    prepare,
    work_on,
)
from tests.receiver import receiver
from tests.webhooks_out.test_sender import Listen
from tests.world import send
from webhooks_out.models import Delivery

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db


def test_a_few_are_checked_while_the_person_waits() -> None:
    batch = prepare(make_contacts(3), make_hook())
    assert (batch.stage, batch.total) == ("ready", 3)
    assert progress.of(batch).ready == 3
    assert not Delivery.objects.exists()


def test_many_are_checked_by_a_worker_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "AT_ONCE", 2)
    monkeypatch.setattr(chunks, "CHUNK", 2)
    monkeypatch.setattr(steps, "SLICE", -1.0)
    batch = prepare(make_contacts(5), make_hook())
    seen = [progress.of(batch).checked]
    while fresh(batch).stage == "checking":
        hurry(batch)
        seen.append(progress.of(batch).checked)
    assert seen == [0, 2, 4, 5, 5]


def test_all_are_posted_and_the_end_is_noticed(receiver: Listen) -> None:
    server = receiver(200)
    batch = work_on(confirm(prepare(make_contacts(7), make_hook(server.url))))
    assert (batch.stage, batch.state, batch.delivered, batch.due_at) == ("finished", "done", 7, None)
    assert len(server.requests) == server.total == 7


def test_no_more_than_the_window_is_handed_over(monkeypatch: pytest.MonkeyPatch, receiver: Listen) -> None:
    monkeypatch.setattr(steps, "WINDOW", 4)
    batch = confirm(prepare(make_contacts(10), make_hook(receiver(200).url)))
    steps.step()
    assert Delivery.objects.count() == 4
    hurry(batch)
    assert Delivery.objects.count() == 4
    assert work_on(batch).delivered == 10


def test_a_pace_makes_deliveries_due_one_after_the_other() -> None:
    batch = confirm(prepare(make_contacts(5), make_hook()), pace=2)
    before = timezone.now()
    steps.step()
    due = list(Delivery.objects.order_by("due_at").values_list("due_at", flat=True))
    assert len(due) == 2
    assert due[1] - due[0] == timedelta(seconds=0.5)
    following = fresh(batch).due_at
    assert following
    assert timedelta(seconds=0.3) < following - before < timedelta(seconds=2)


def test_a_worker_that_was_taken_over_posts_nothing() -> None:
    batch = confirm(prepare(make_contacts(2), make_hook()))
    stale = Batch(pk=batch.pk, token="old", stage="posting", webhook=batch.webhook, requested_by="mia")
    assert batch.webhook
    assert chunks.post(chunks.Desk.of(stale, batch.webhook), 10) == 0
    assert not Delivery.objects.exists()
    assert set(BatchItem.objects.values_list("state", flat=True)) == {"ready"}


def test_a_webhook_switched_off_in_the_middle_pauses(
    monkeypatch: pytest.MonkeyPatch, receiver: Listen
) -> None:
    monkeypatch.setattr(steps, "WINDOW", 2)
    hook = make_hook(receiver(200).url)
    batch = confirm(prepare(make_contacts(5), hook))
    steps.step()
    type(hook).objects.update(active=False)
    batch = hurry(batch)
    assert (batch.stage, batch.reason) == ("paused", steps.SWITCHED_OFF)
    assert send() == 0
    type(hook).objects.update(active=True)
    assert orders.resume(batch)
    assert work_on(batch).delivered == 5


def test_a_webhook_deleted_in_the_middle_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "WINDOW", 2)
    hook = make_hook()
    batch = confirm(prepare(make_contacts(5), hook))
    steps.step()
    hook.delete()
    batch = hurry(hurry(batch))
    assert (batch.stage, batch.state, batch.reason) == ("cancelled", "cancelled", steps.DELETED)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"cancelled"}


def test_what_nobody_confirms_is_dropped_after_a_day_and_says_so() -> None:
    batch = prepare(make_contacts(3), make_hook())
    assert batch.due_at
    assert batch.due_at > timezone.now() + timedelta(hours=23)
    batch = hurry(batch)
    assert (batch.stage, batch.reason, batch.total) == ("cancelled", steps.FORGOTTEN, 3)
    assert not BatchItem.objects.exists()


def test_an_empty_selection_is_ready_at_once() -> None:
    batch = prepare(make_contacts(1).none(), make_hook())
    assert (batch.stage, batch.total) == ("ready", 0)
