"""Webhooks that fail: paused, tried now and then, let go again, or switched off; with a real receiver."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.receiver import RESET, Receiver, receiver
from tests.webhooks_out.test_jobs import AGES_AGO, make_delivery
from tests.world import make_webhook, send
from webhooks_out import definitions, health, outbox
from webhooks_out.http import Answer
from webhooks_out.jobs import due
from webhooks_out.models import Delivery, Webhook
from webhooks_out.sent import Sent
from webhooks_out.shares import take

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db
Listen = Callable[..., Receiver]


def make_failing(server: Receiver, deliveries: int = 3, **options: object) -> Webhook:
    """A webhook whose breaker opens at the second failure, with this much to send, oldest first."""
    webhook = make_webhook(server.url, **{"breaker_after": 2, "concurrency": 2, **options})
    for age in range(deliveries):
        make_delivery(webhook=webhook, url=server.url, due_at=AGES_AGO + timedelta(seconds=age))
    return webhook


def opened(server: Receiver, deliveries: int = 5, **options: object) -> Webhook:
    """One whose first two deliveries have failed, so that the others wait."""
    webhook = make_failing(server, deliveries, **options)
    send()
    send()
    webhook.refresh_from_db()
    assert webhook.breaker_opened_at
    return webhook


def let_time_pass(webhook: Webhook) -> None:
    """As if it were time for the next probe, for it and for all that waits for it."""
    webhook.refresh_from_db()
    Delivery.objects.filter(due_at=webhook.breaker_probe_at).update(due_at=AGES_AGO)
    Webhook.objects.update(breaker_probe_at=AGES_AGO)


def test_it_opens_and_what_waits_is_not_attempted(receiver: Listen) -> None:
    server = receiver(500)
    webhook = opened(server)
    waiting = Delivery.objects.filter(attempts=0)
    assert (server.total, waiting.count()) == (2, 3)
    assert set(waiting.values_list("state", "due_at")) == {("waiting", webhook.breaker_probe_at)}
    assert not due(Delivery)


@pytest.mark.parametrize("answer", [404, RESET, 503])
def test_every_kind_of_failure_counts(receiver: Listen, answer: int | str) -> None:
    assert opened(receiver(answer)).failures_in_row == 2


def test_what_comes_later_waits_for_the_probe_too(receiver: Listen) -> None:
    server = receiver(500)
    webhook = opened(server)
    late = make_delivery(webhook=webhook, url=server.url)
    send()
    late.refresh_from_db()
    assert (server.total, late.attempts, late.due_at) == (2, 0, webhook.breaker_probe_at)


def test_one_probe_is_sent_and_the_next_comes_later(receiver: Listen) -> None:
    server = receiver(500)
    webhook = opened(server)
    let_time_pass(webhook)
    send()
    send()
    webhook.refresh_from_db()
    assert (server.total, webhook.breaker_probes, webhook.failures_in_row) == (3, 1, 3)
    assert timedelta(minutes=4) < webhook.breaker_probe_at - timezone.now() < timedelta(minutes=5)
    assert not due(Delivery)


def test_a_probe_that_succeeds_lets_the_rest_flow(receiver: Listen) -> None:
    server = receiver(500)
    webhook = opened(server)
    server.script = (200,)
    let_time_pass(webhook)
    while send():
        pass
    webhook.refresh_from_db()
    assert (webhook.breaker_opened_at, webhook.failures_in_row, webhook.breaker_probes) == (None, 0, 0)
    assert Delivery.objects.filter(state="done").count() == 3
    assert server.total == 5  # the two that failed wait for their own next attempt


def test_a_lost_probe_is_followed_by_another(receiver: Listen) -> None:
    webhook = opened(receiver(500))
    let_time_pass(webhook)
    with transaction.atomic():
        assert len(take(9)) == 1
    Delivery.objects.filter(state="running").update(due_at=AGES_AGO)
    with transaction.atomic():
        assert take(9) == []
    let_time_pass(webhook)
    with transaction.atomic():
        assert len(take(9)) == 1


def test_after_a_day_of_failures_it_is_switched_off(receiver: Listen) -> None:
    webhook = opened(receiver(500))
    Webhook.objects.update(failing_since=timezone.now() - timedelta(hours=24))
    let_time_pass(webhook)
    send()
    webhook.refresh_from_db()
    assert not webhook.active
    assert "24 hours" in webhook.disabled_reason
    assert set(Delivery.objects.filter(attempts=0).values_list("state", "reason")) == {
        ("cancelled", webhook.disabled_reason)
    }


def test_replays_by_hand_pass_an_open_breaker_and_move_nothing(receiver: Listen) -> None:
    server = receiver(404)
    webhook = opened(server)
    server.script = (200,)
    outbox.replay(Delivery.objects.filter(state="dead")[:1], "mia")
    send()
    before = webhook.failures_in_row, webhook.breaker_opened_at
    webhook.refresh_from_db()
    assert server.total == 3
    assert (webhook.failures_in_row, webhook.breaker_opened_at) == before


def test_no_probe_goes_to_a_webhook_that_is_switched_off(receiver: Listen) -> None:
    webhook = opened(receiver(500))
    let_time_pass(webhook)
    Webhook.objects.update(active=False)
    definitions.touch()
    with transaction.atomic():
        assert take(9) == []


def test_closing_it_by_hand_sends_what_waits(receiver: Listen) -> None:
    server = receiver(500)
    webhook = opened(server)
    server.script = (200,)
    with transaction.atomic():
        assert health.close(webhook, "By mia.")
        assert not health.close(webhook, "By mia.")
    while send():
        pass
    assert server.total == 5


def test_retry_after_outlasts_a_breaker_that_closes(receiver: Listen) -> None:
    webhook = make_failing(receiver(500), 2)
    asked = Answer(status=503, headers={"Retry-After": "900"})
    with transaction.atomic():
        health.note([Sent(delivery, hook, asked) for delivery, hook in take(2)])
    Delivery.objects.update(state="waiting", due_at=timezone.now() + timedelta(minutes=15))
    with transaction.atomic():
        health.close(webhook, "By mia.")
    assert not due(Delivery)


def test_noting_costs_the_same_for_any_number_of_webhooks_and_answers() -> None:
    counts = []
    for webhooks in (1, 4):
        Webhook.objects.all().delete()
        hooks = [make_webhook("http://127.0.0.1/", f"Hook {number}") for number in range(webhooks)]
        for answer in (500, 200, 200):
            came = [Sent(Delivery(webhook=hook), hook, Answer(status=answer)) for hook in hooks * 5]
            with transaction.atomic(), CaptureQueriesContext(connection) as queries:
                health.note(came)
            counts.append(len([one for one in queries if "SAVEPOINT" not in one["sql"]]))
    # One look; while there is something to write also a lock and a statement, and one more for open alerts.
    assert counts[:3] == counts[3:]
    assert counts[2] == 1
