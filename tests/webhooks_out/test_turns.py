"""Deliveries of one record in order, or only the latest of them; with a real receiver that fails in between."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.receiver import Receiver, receiver
from tests.webhooks_out.test_jobs import AGES_AGO, make_delivery
from tests.world import make_webhook, send
from webhooks_out import bulk, outbox
from webhooks_out.bodies import Event
from webhooks_out.jobs import due
from webhooks_out.mapping import Values
from webhooks_out.models import Delivery, Webhook
from webhooks_out.outbox import Definition, Subject
from webhooks_out.shares import take

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db
Listen = Callable[..., Receiver]


def make_some(webhook: Webhook, *records: str, **options: object) -> list[Delivery]:
    """A delivery for each of these records, in this order."""
    ordinary = {"webhook": webhook, "url": webhook.url, "record_type": "Contact", "in_turn": True}
    return [make_delivery(record_id=record, **ordinary | options) for record in records]


def taken(room: int = 9) -> list[UUID]:
    """What one claim takes, in the order it was made."""
    with transaction.atomic():
        return sorted(delivery.pk for delivery, _ in take(room))


def sent_all() -> None:
    """Sends until nothing moves, as if each wait for a next attempt were over."""
    while send():
        Delivery.objects.filter(state="waiting", attempts__gt=0).update(due_at=AGES_AGO)


def test_one_delivery_of_a_record_goes_at_a_time_and_others_do_not_wait() -> None:
    first, second, other = make_some(make_webhook("http://127.0.0.1/", order="in_order"), "7", "7", "8")
    assert taken() == [first.pk, other.pk]
    assert taken() == []
    second.refresh_from_db()
    assert (second.state, second.attempts) == ("waiting", 0)
    assert not due(Delivery)


def test_in_order_the_next_waits_through_the_failures_of_the_first(receiver: Listen) -> None:
    server = receiver(500, 500, 200)
    first, second, third = make_some(make_webhook(server.url, order="in_order"), "7", "7", "7")
    sent_all()
    assert list(server.requests) == [str(one.pk) for one in (first, second, third)]
    assert [len(requests) for requests in server.requests.values()] == [3, 3, 3]
    settled = Delivery.objects.order_by("settled_at").values_list("pk", flat=True)
    assert list(settled) == [first.pk, second.pk, third.pk]


@pytest.mark.parametrize("answer", [404, 500])
def test_a_dead_one_lets_the_next_go_on(receiver: Listen, answer: int) -> None:
    server = receiver(answer)
    make_some(make_webhook(server.url, order="in_order", breaker_after=0), "7", "7", max_attempts=1)
    sent_all()
    assert [one.state for one in Delivery.objects.all()] == ["dead", "dead"]


def test_a_cancelled_one_lets_the_next_go_on() -> None:
    first, second = make_some(make_webhook("http://127.0.0.1/", order="in_order"), "7", "7")
    bulk.cancel([first.pk], "mia")
    assert taken() == [second.pk]


def test_one_that_waits_to_be_tried_again_keeps_the_next_waiting(receiver: Listen) -> None:
    server = receiver(503)
    make_some(make_webhook(server.url, order="in_order"), "7", "7")
    while send():
        pass
    assert server.total == 1
    assert not due(Delivery)


def test_the_lost_worker_of_one_does_not_stop_its_record() -> None:
    first, _ = make_some(make_webhook("http://127.0.0.1/", order="in_order"), "7", "7")
    taken()
    Delivery.objects.filter(state="running").update(due_at=AGES_AGO)
    assert taken() == [first.pk]


def test_without_an_order_or_a_record_nobody_waits() -> None:
    make_some(make_webhook("http://127.0.0.1/", "Any"), "7", "7")
    make_some(make_webhook("http://127.0.0.1/", "Ordered", order="in_order"), "", "", in_turn=False)
    assert len(taken()) == 4


def test_the_latest_wins_and_the_older_say_so(receiver: Listen) -> None:
    server = receiver()
    first, second, third = make_some(make_webhook(server.url, order="latest"), "7", "7", "8")
    sent_all()
    assert set(server.requests) == {str(second.pk), str(third.pk)}
    first.refresh_from_db()
    assert (first.state, first.attempts, first.due_at) == ("cancelled", 0, None)
    assert first.reason.startswith("Superseded by ")
    assert second.pk.hex in first.reason.replace("-", "")


def test_a_failed_attempt_is_superseded_while_it_waits_for_the_next() -> None:
    webhook = make_webhook("http://127.0.0.1/", order="latest")
    (old,) = make_some(webhook, "7", attempts=1, due_at=timezone.now() + timedelta(minutes=5))
    (new,) = make_some(webhook, "7")
    assert taken() == [new.pk]
    old.refresh_from_db()
    assert old.state == "cancelled"


def test_the_latest_waits_for_one_under_way_and_goes_when_it_is_settled(receiver: Listen) -> None:
    server = receiver(500, 200)
    webhook = make_webhook(server.url, order="latest")
    (old,) = make_some(webhook, "7")
    with transaction.atomic():
        assert len(take(1)) == 1
    (new,) = make_some(webhook, "7")
    assert taken() == []
    Delivery.objects.filter(pk=old.pk).update(state="waiting", due_at=AGES_AGO)
    Delivery.objects.filter(pk=new.pk).update(due_at=AGES_AGO)
    send()
    assert list(server.requests) == [str(new.pk)]


def test_what_a_person_sends_again_is_not_superseded() -> None:
    webhook = make_webhook("http://127.0.0.1/", order="latest")
    old, new = make_some(webhook, "7", "7")
    taken()
    assert outbox.replay(Delivery.objects.filter(pk=old.pk), "mia") == 1
    Delivery.objects.filter(pk=new.pk).update(state="done", due_at=None)
    assert taken() == [old.pk]


def test_what_a_person_sends_again_waits_only_for_what_is_under_way() -> None:
    webhook = make_webhook("http://127.0.0.1/", order="in_order")
    make_some(webhook, "7", attempts=1, due_at=timezone.now() + timedelta(minutes=5))
    (dead,) = make_some(webhook, "7", state="dead", attempts=3, due_at=None)
    outbox.replay([dead], "mia")
    assert taken() == [dead.pk]


def test_a_delivery_page_says_that_it_waits_for_another(admin_client: Client) -> None:
    first, second = make_some(make_webhook("http://127.0.0.1/", order="in_order"), "7", "7")
    pages = [
        admin_client.get(f"/admin/webhooks_out/delivery/{one.pk}/change/").content.decode()
        for one in (first, second)
    ]
    assert ["waits for another delivery of its record" in page for page in pages] == [False, True]


def test_a_delivery_keeps_the_order_its_webhook_has_as_it_is_made() -> None:
    webhook = make_webhook("http://127.0.0.1/", order="in_order")
    about = Subject(record_type="Contact", record_id="7")
    made = [outbox.freeze(Definition.of(webhook), Values({}), Event(), one) for one in (about, Subject())]
    assert [one.in_turn for one in made] == [True, False]


def test_an_order_costs_statements_per_webhook_not_per_delivery() -> None:
    webhook = make_webhook("http://127.0.0.1/", order="in_order")
    counts = []
    for number in (5, 100):
        make_some(webhook, *["7"] * number, *map(str, range(number)))
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            take(number)
        counts.append(len(queries))
    assert counts[0] <= counts[1] + 1
    assert counts[1] <= 6
