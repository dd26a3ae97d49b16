"""A rate for each webhook: kept by all senders together, at nobody else's cost."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.clusters import until
from tests.receiver import Receiver, receiver
from tests.webhooks_out.test_jobs import AGES_AGO, make_delivery
from tests.world import make_webhook, send
from webhooks_out import gates
from webhooks_out.jobs import due, new_id
from webhooks_out.models import Attempt, Delivery, Webhook
from webhooks_out.sender import Sender, send_now
from webhooks_out.shares import take

__all__ = ["receiver"]
Listen = Callable[..., Receiver]
RATE = 20


def make_many(webhook: Webhook, number: int, **options: object) -> None:
    """So many deliveries that are due."""
    for _ in range(number):
        make_delivery(webhook=webhook, url=webhook.url, **options)


def taken(room: int) -> list[Delivery]:
    """What one claim takes."""
    with transaction.atomic():
        return [delivery for delivery, _ in take(room)]


def sent_until_done(number: int) -> None:
    """What each of several senders does."""
    try:
        with Sender(8) as sender:
            until(lambda: sender.step() == 0 and Delivery.objects.filter(state="done").count() >= number)
    finally:
        connection.close()


def busiest_second() -> int:
    """The most attempts that began within one second, whenever it begins."""
    times = sorted(Attempt.objects.values_list("started_at", flat=True))
    return max(sum(one <= other < one + timedelta(seconds=1) for other in times) for one in times)


@pytest.mark.alone
@pytest.mark.django_db(transaction=True)
def test_two_senders_together_keep_to_the_rate(receiver: Listen) -> None:
    webhook = make_webhook(receiver().url, rate=RATE)
    make_many(webhook, RATE * 2)
    senders = [threading.Thread(target=sent_until_done, args=(RATE * 2,)) for _ in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert Attempt.objects.count() == RATE * 2
    assert busiest_second() <= RATE


def test_worker_processes_together_keep_to_the_rate(start: Callable[..., Any], receiver: Listen) -> None:
    server = receiver()
    make_many(make_webhook(server.url, rate=RATE), RATE * 2)
    for _ in range(2):
        start("hub", "--only", "workers", WORKERS="2")
    server.wait_for(RATE * 2, 60)
    assert busiest_second() <= RATE


@pytest.mark.django_db
def test_what_has_to_wait_is_given_a_time_of_its_own() -> None:
    make_many(make_webhook("http://127.0.0.1/", rate=2), 4)
    assert len(taken(9)) == 1
    assert not due(Delivery)
    waits = [
        one - timezone.now()
        for one in sorted(Delivery.objects.filter(attempts=0).values_list("due_at", flat=True))
    ]
    assert [round(wait.total_seconds() / 0.55) for wait in waits] == [1, 2, 3]


@pytest.mark.django_db
def test_each_part_of_a_mass_post_is_laid_out_behind_the_one_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gates, "CHUNK", 2)
    make_many(make_webhook("http://127.0.0.1/", rate=2), 5, batch_id=new_id())
    while due(Delivery):
        taken(9)
    times = sorted(Delivery.objects.filter(attempts=0).values_list("due_at", flat=True))
    assert [round((one - times[0]).total_seconds() / 0.55) for one in times] == [0, 1, 2, 3]


@pytest.mark.django_db
def test_after_a_long_silence_the_rate_still_counts() -> None:
    make_many(make_webhook("http://127.0.0.1/", rate=2), 5)
    taken(9)
    Delivery.objects.filter(attempts=0).update(due_at=AGES_AGO)
    Webhook.objects.update(paced_until=0.0)
    assert len(taken(9)) == 1


@pytest.mark.django_db
def test_nobody_else_waits_for_a_slow_pace() -> None:
    make_many(make_webhook("http://127.0.0.1/", "Slow", rate=1, rate_per="minute"), 20)
    make_many(make_webhook("http://127.0.0.1/", "Quick"), 5)
    assert len(taken(10) + taken(10)) == 6


@pytest.mark.django_db
def test_rules_go_ahead_of_a_mass_post() -> None:
    webhook = make_webhook("http://127.0.0.1/", rate=1)
    make_many(webhook, 3, batch_id=new_id())
    taken(9)
    late = make_delivery(webhook=webhook)
    taken(9)
    first = Delivery.objects.filter(state="waiting").order_by("due_at")[:2]
    assert late.pk in {one.pk for one in first}


@pytest.mark.django_db
def test_a_person_who_waits_goes_at_once_and_is_counted(receiver: Listen) -> None:
    webhook = make_webhook(receiver().url, rate=1)
    delivery = Delivery(webhook=webhook, title="D", method="POST", url=webhook.url, requested_by="mia")
    assert send_now(delivery, webhook).status == 200
    make_many(webhook, 1)
    assert taken(1) == []


@pytest.mark.django_db
def test_without_a_limit_everything_goes(receiver: Listen) -> None:
    server = receiver()
    make_many(make_webhook(server.url), 20)
    while send():
        pass
    assert server.total == 20


@pytest.mark.django_db
def test_a_limit_costs_statements_per_webhook_not_per_delivery() -> None:
    webhook = make_webhook("http://127.0.0.1/", rate=1000)
    counts = []
    for number in (5, 200):
        make_many(webhook, number)
        Delivery.objects.filter(state="waiting").update(due_at=AGES_AGO)
        Webhook.objects.update(paced_until=0.0)
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            take(3)
        counts.append(len(queries))
    assert counts[0] <= counts[1] <= 8
