"""Mass posts on real workers and a real receiver: paused, cancelled and killed in the middle of it."""

import os
import signal
import time
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from automations import executions, posting
from automations.mass_posts import orders
from automations.models import Batch, BatchItem, Record
from tests.automations.mass_posts.crowd import confirm, fresh, make_contacts, make_hook, prepare
from tests.clusters import Running, until
from tests.receiver import Receiver, receiver
from tests.test_flow import busiest
from webhooks_out import drains
from webhooks_out.models import Attempt, Delivery, Webhook

__all__ = ["receiver"]
Listen = Callable[..., Receiver]
Start = Callable[..., Running]
PATIENCE = 90.0  # seconds for the slowest of them: a killed worker's lease must run out first
CANCEL_SECONDS = 5.0
EXECUTE_SECONDS = 3.0
MANY = 400


@pytest.fixture
def server(receiver: Listen, transactional_db: None) -> Receiver:
    """A receiver that takes a tenth of a second for each request."""
    listening = receiver(200)
    listening.delay = 0.1
    drains.ensure_watches()
    return listening


def hook_of(server: Receiver) -> Webhook:
    """A webhook whose lost attempts are soon tried again."""
    return make_hook(server.url, schedule="0.5, 0.5", timeout=2, concurrency=8)


def begun(server: Receiver, count: int = MANY) -> Batch:
    """A mass post of which some records have arrived."""
    batch = confirm(prepare(make_contacts(count), hook_of(server)))
    server.wait_for(count // 20)
    return batch


def finished(batch: Batch) -> bool:
    """Whether it came to its end."""
    return fresh(batch).stage == Batch.Stage.FINISHED


def assert_nothing_lost_or_repeated(server: Receiver, count: int) -> None:
    """One delivery for each record, all done; whoever was asked again was asked with the same id and body."""
    records = BatchItem.objects.filter(state="posted").values_list("record__external_id", flat=True)
    assert len(set(records)) == len(records) == count
    assert sorted(Delivery.objects.values_list("record_id", flat=True)) == sorted(records)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"done"}
    assert len(server.requests) == count
    bodies = [{body for body, _ in requests} for requests in server.requests.values()]
    assert all(len(each) == 1 for each in bodies)
    assert len(set.union(*bodies)) == count
    assert not Attempt.objects.filter(ended_at__isnull=True).exists()


def test_it_is_paused_and_resumed(server: Receiver, start: Start) -> None:
    start("hub", "--only", "workers")
    batch = begun(server)
    assert orders.pause(batch)
    until(lambda: not Delivery.objects.filter(state="running").exists(), CANCEL_SECONDS, "the pause")
    arrived = server.total
    assert arrived < MANY
    time.sleep(1.0)  # in which nothing may arrive
    assert server.total == arrived
    assert orders.resume(batch)
    until(lambda: finished(batch), PATIENCE, "the end")
    assert_nothing_lost_or_repeated(server, MANY)


def test_cancelling_takes_effect_within_five_seconds(server: Receiver, start: Start) -> None:
    start("hub", "--only", "workers")
    batch = begun(server)
    began = time.monotonic()
    assert orders.cancel(batch, "mia")
    until(lambda: fresh(batch).settled, CANCEL_SECONDS, "the cancellation")
    assert time.monotonic() - began < CANCEL_SECONDS
    arrived = server.total
    assert arrived < MANY
    assert fresh(batch).delivered == Delivery.objects.filter(state="done").count() == arrived
    assert not Delivery.objects.filter(due_at__isnull=False).exists()


def test_a_killed_worker_loses_and_repeats_nothing(server: Receiver, start: Start) -> None:
    hub = start("hub", "--only", "workers")
    batch = begun(server)
    os.kill(busiest(hub), signal.SIGKILL)
    until(lambda: finished(batch), PATIENCE, "the end")
    assert_nothing_lost_or_repeated(server, MANY)


def test_a_killed_cluster_loses_and_repeats_nothing(server: Receiver, start: Start) -> None:
    hub = start("hub", "--only", "workers")
    batch = begun(server)
    hub.end()
    assert not finished(batch)
    start("hub", "--only", "workers")
    until(lambda: finished(batch), PATIENCE, "the end")
    assert_nothing_lost_or_repeated(server, MANY)


def test_the_check_of_many_survives_a_killed_cluster(
    server: Receiver, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "AT_ONCE", 0)
    hub = start("hub", "--only", "workers")
    batch = prepare(make_contacts(3_000), hook_of(server))
    until(lambda: BatchItem.objects.filter(state="ready").exists(), PATIENCE, "the first chunk")
    hub.end()
    start("hub", "--only", "workers")
    until(lambda: fresh(batch).stage == Batch.Stage.READY, PATIENCE, "the end of the check")
    assert BatchItem.objects.filter(state="ready").count() == 3_000


def test_an_execution_does_not_wait_for_a_mass_post(server: Receiver, start: Start) -> None:
    server.delay = 0.5
    start("hub", "--only", "workers")
    batch = begun(server)
    hook = Webhook.objects.get()
    made = executions.preview(hook, Record.objects.latest("id"), User(username="tom").username).delivery
    began = time.monotonic()
    posting.execute(made, hook)
    until(lambda: Delivery.objects.get(pk=made.pk).state == "done", PATIENCE, "the execution")
    assert time.monotonic() - began < EXECUTE_SECONDS
    assert not finished(batch)
