"""The whole story on real workers and a real receiver, with failures and kills in the middle of it."""

import os
import signal
from collections.abc import Callable

import pytest
from django.db.models import F
from standardwebhooks import Webhook as Oracle

from automations.models import Change
from tests.clusters import Running, until
from tests.receiver import HANG, RESET, Receiver, receiver
from tests.world import ANA, SIGNING_SECRET, make_rule, make_source, make_webhook, post
from webhooks_in.models import Receipt, Source
from webhooks_out import drains
from webhooks_out.models import Attempt, Delivery

__all__ = ["receiver"]

Listen = Callable[..., Receiver]
Start = Callable[..., Running]
PATIENCE = 90.0  # seconds for the slowest of them: a killed worker's lease must run out first


def harbour(url: str) -> Source:
    """A source and a rule that posts every change at once, signed, with waits made short."""
    webhook = make_webhook(
        url,
        schedule="0.5, 0.5",
        timeout=1,
        signing_secret=SIGNING_SECRET,
        body_kind="json",
        pairs={"id": "id"},
    )
    make_rule(webhook, monitor="every")
    drains.ensure_watches()
    return make_source()


def busiest(hub: Running) -> int:
    """The worker that is sending: the one with a pool of threads."""
    return max(hub.workers(), key=lambda process: process.num_threads()).pid


def settled(count: int) -> bool:
    """Whether so many deliveries are there and none has anything before it."""
    return Delivery.objects.count() == count and not Delivery.objects.filter(due_at__isnull=False).exists()


def assert_nothing_lost(server: Receiver, count: int) -> None:
    """Every event is one delivery, none asked more than three times, always the same id and body, nothing open."""
    assert Receipt.objects.filter(state="done").count() == Change.objects.count() == count
    assert len(server.requests) == count
    for requests in server.requests.values():
        assert len(requests) <= 3
        assert len({body for body, _ in requests}) == 1
    assert not Delivery.objects.filter(attempts__gt=F("max_attempts")).exists()
    assert not Attempt.objects.filter(ended_at__isnull=True).exists()


@pytest.mark.parametrize("first", [500, RESET, HANG])
def test_a_receiver_that_fails_first_gets_it_the_second_time(
    receiver: Listen, start: Start, first: int | str
) -> None:
    server = receiver(first, 200)
    source = harbour(server.url)
    start("hub", "--only", "workers")
    post(source, ANA)
    until(lambda: settled(1), PATIENCE)
    assert Delivery.objects.get().state == "done"
    assert list(Attempt.objects.values_list("number", "error")) == [
        (1, {500: "", RESET: "reset", HANG: "timeout"}[first]),
        (2, ""),
    ]
    assert_nothing_lost(server, 1)


def test_three_failures_are_the_end(receiver: Listen, start: Start) -> None:
    server = receiver(500)
    source = harbour(server.url)
    start("hub", "--only", "workers")
    post(source, ANA)
    until(lambda: settled(1), PATIENCE)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.reason) == ("dead", "The receiver answered 500.")
    assert_nothing_lost(server, 1)


def test_the_standard_library_accepts_every_attempt(receiver: Listen, start: Start) -> None:
    server = receiver(500, 200)
    source = harbour(server.url)
    start("hub", "--only", "workers")
    post(source, ANA)
    until(lambda: settled(1), PATIENCE)
    (requests,) = server.requests.values()
    assert len(requests) == 2
    for body, headers in requests:
        Oracle(SIGNING_SECRET).verify(body, headers)


def test_a_killed_worker_loses_nothing(receiver: Listen, start: Start) -> None:
    server = receiver(200)
    server.delay = 0.2
    source = harbour(server.url)
    hub = start("hub", "--only", "workers")
    for number in range(40):
        post(source, {**ANA, "id": number})
    server.wait_for(3)
    os.kill(busiest(hub), signal.SIGKILL)
    until(lambda: settled(40), PATIENCE)
    assert_nothing_lost(server, 40)


def test_a_killed_cluster_loses_nothing(receiver: Listen, start: Start) -> None:
    server = receiver(200)
    server.delay = 0.2
    source = harbour(server.url)
    hub = start("hub", "--only", "workers")
    for number in range(40):
        post(source, {**ANA, "id": number})
    server.wait_for(3)
    hub.end()
    assert not settled(40)
    start("hub", "--only", "workers")
    until(lambda: settled(40), PATIENCE)
    assert_nothing_lost(server, 40)
