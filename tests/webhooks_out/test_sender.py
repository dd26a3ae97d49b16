"""Sending: attempts before requests, a fair share for everybody, secrets only where they belong."""

import base64
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from unittest import mock

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from standardwebhooks import Webhook as Oracle

from tests.receiver import Receiver, receiver
from tests.webhooks_out.test_jobs import AGES_AGO, make_delivery
from tests.world import SIGNING_SECRET, make_webhook, send
from webhooks_out import definitions, outbox, sender
from webhooks_out.exchange import masked
from webhooks_out.http import Answer
from webhooks_out.models import Attempt, Delivery, Webhook
from webhooks_out.sender import FIRST, send_now, take
from webhooks_out.tasks import tidy

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db
Listen = Callable[..., Receiver]


def taken(room: int) -> Counter[str]:
    """How many deliveries of each webhook one claim takes."""
    with transaction.atomic():
        return Counter(webhook.title for _, webhook in take(room))


def sent(server: Receiver, **options: object) -> dict[str, str]:
    """The headers with which one delivery of a webhook with these options arrives."""
    webhook = make_webhook(server.url, **options)
    make_delivery(webhook=webhook, url=server.url, body=b"{}")
    send()
    ((_, headers),) = next(iter(server.requests.values()))
    return headers


@pytest.mark.parametrize(
    ("status", "state"),
    [(200, "done"), (204, "done"), (500, "waiting"), (429, "waiting"), (404, "dead"), (302, "dead")],
)
def test_the_status_decides(receiver: Listen, status: int, state: str) -> None:
    server = receiver(status)
    make_delivery(webhook=make_webhook(server.url), url=server.url)
    send()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.status) == (state, status)
    assert Attempt.objects.get().status == status


def test_410_switches_the_webhook_off_and_cancels_what_waits(receiver: Listen) -> None:
    server = receiver(410)
    webhook = make_webhook(server.url, concurrency=1)
    for _ in range(2):
        make_delivery(webhook=webhook, url=server.url)
    send()
    webhook.refresh_from_db()
    assert not webhook.active
    assert "410" in webhook.disabled_reason
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["cancelled", "dead"]


def test_a_webhook_gets_no_more_than_its_concurrency() -> None:
    webhook = make_webhook("http://127.0.0.1/", concurrency=2)
    for _ in range(5):
        make_delivery(webhook=webhook)
    assert (taken(10), taken(10)) == ({"Dialer": 2}, {})


def test_room_is_shared_among_webhooks() -> None:
    for title in ("Dialer", "Partner"):
        webhook = make_webhook("http://127.0.0.1/", title)
        for _ in range(9):
            make_delivery(webhook=webhook)
    assert taken(10) == {"Dialer": 5, "Partner": 5}


def test_taking_costs_a_statement_per_webhook_not_per_delivery(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    webhook = make_webhook("http://127.0.0.1/")
    for _ in range(20):
        make_delivery(webhook=webhook)
    definitions.touch()
    taken(1)
    with transaction.atomic(), django_assert_num_queries(4):  # lock, version, under way, claim
        take(20)


def test_a_webhook_that_is_off_sends_only_what_a_person_asks_for() -> None:
    webhook = make_webhook("http://127.0.0.1/", active=False)
    make_delivery(webhook=webhook)
    asked = make_delivery(webhook=webhook, requested_by="mia")
    with transaction.atomic():
        assert [delivery.pk for delivery, _ in take(5)] == [asked.pk]


def test_credentials_go_to_their_own_address_only(receiver: Listen) -> None:
    server = receiver()
    headers = sent(server, auth_username="ana", auth_password="pw", secret_headers="X-Key: hush")
    assert headers["authorization"] == f"Basic {base64.b64encode(b'ana:pw').decode()}"
    assert headers["x-key"] == "hush"


def test_credentials_stay_home_when_the_address_has_changed(receiver: Listen) -> None:
    server = receiver()
    webhook = make_webhook("http://127.0.0.1:9/", auth_username="ana", auth_password="pw")
    make_delivery(webhook=webhook, url=server.url)
    send()
    ((_, headers),) = next(iter(server.requests.values()))
    assert "authorization" not in headers


def test_a_signed_request_is_accepted_by_the_standard_library(receiver: Listen) -> None:
    server = receiver()
    headers = sent(server, signing_secret=SIGNING_SECRET)
    assert headers["webhook-id"] == str(Delivery.objects.get().pk)
    Oracle(SIGNING_SECRET).verify(b"{}", headers)


def test_during_rotation_both_secrets_sign(receiver: Listen) -> None:
    old = "whsec_" + base64.b64encode(b"the signing secret of last year.").decode()
    headers = sent(
        receiver(),
        signing_secret=SIGNING_SECRET,
        previous_signing_secret=old,
        previous_valid_until=timezone.now() + timedelta(hours=1),
    )
    assert len(headers["webhook-signature"].split()) == 2


def test_an_unreadable_secret_is_said_and_not_sent(receiver: Listen) -> None:
    server = receiver()
    webhook = make_webhook(server.url, auth_username="ana")
    make_delivery(webhook=webhook, url=server.url)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE webhooks_out_webhook SET auth_password = 'gAAAAwrong'")
    send()
    assert "FIELD_KEYS" in Delivery.objects.get().reason
    assert server.total == 0


def test_an_attempt_left_open_is_closed_as_lost(receiver: Listen) -> None:
    server = receiver()
    delivery = make_delivery(webhook=make_webhook(server.url), url=server.url, attempts=1)
    Attempt.objects.create(delivery=delivery, number=1)
    send()
    assert list(Attempt.objects.values_list("number", "error")) == [(1, "lost"), (2, "")]


def test_tidying_settles_what_no_request_will() -> None:
    make_delivery()
    make_delivery(webhook=make_webhook("http://127.0.0.1/", active=False))
    tidy()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"cancelled"}


def test_sending_again_repeats_the_same_request_under_the_same_id(receiver: Listen) -> None:
    server = receiver(404)
    make_delivery(webhook=make_webhook(server.url), url=server.url, body=b"a=1")
    send()
    assert outbox.replay(Delivery.objects.all(), "mia") == 1
    send()
    ((first, _), (second, _)) = next(iter(server.requests.values()))
    assert first == second == b"a=1"
    assert list(Attempt.objects.values_list("number", "requested_by")) == [(1, ""), (2, "mia")]
    assert Webhook.objects.get().failures_in_row == 1


def test_what_is_still_under_way_is_not_sent_again() -> None:
    make_delivery()
    assert outbox.replay(Delivery.objects.all(), "mia") == 0


def frozen(url: str, **options: object) -> tuple[Delivery, Webhook]:
    """A delivery that is not stored yet, and its webhook."""
    webhook = make_webhook(url, **options)
    return Delivery(webhook=webhook, title="Dialer", method="POST", url=url, requested_by="mia"), webhook


def test_sending_now_stores_sends_and_returns_the_answer(receiver: Listen) -> None:
    delivery, webhook = frozen(receiver(200).url)
    assert send_now(delivery, webhook).status == 200
    assert Delivery.objects.get().state == "done"
    assert Attempt.objects.get().requested_by == "mia"


def test_what_fails_now_is_tried_again_by_a_worker(receiver: Listen) -> None:
    delivery, webhook = frozen(receiver(500, 200).url)
    assert send_now(delivery, webhook).status == 500
    Delivery.objects.filter(state="waiting").update(due_at=AGES_AGO)
    send()
    assert Delivery.objects.get().state == "done"


def test_no_worker_takes_what_is_being_sent_now(receiver: Listen) -> None:
    server = receiver(200)
    delivery, webhook = frozen(server.url)
    with mock.patch(
        "webhooks_out.exchange.request", side_effect=lambda *_: Answer(status=200 + taken(9).total())
    ):
        assert send_now(delivery, webhook).status == 200


def test_the_same_delivery_is_sent_now_only_once(receiver: Listen) -> None:
    server = receiver(200)
    delivery, webhook = frozen(server.url)
    send_now(delivery, webhook)
    again = Delivery(pk=delivery.pk, webhook=webhook, title="Dialer", method="POST", url=server.url)
    with pytest.raises(IntegrityError):
        send_now(again, webhook)
    assert server.total == 1


def test_failures_in_a_row_are_counted_until_one_succeeds(receiver: Listen) -> None:
    server = receiver(500, 500, 200)
    webhook = make_webhook(server.url)
    make_delivery(webhook=webhook, url=server.url)
    counted = []
    for _ in range(3):
        Delivery.objects.update(due_at=AGES_AGO)
        send()
        webhook.refresh_from_db()
        counted.append(webhook.failures_in_row)
    assert counted == [1, 2, 0]


def test_a_secret_the_receiver_echoes_is_masked() -> None:
    answer = Answer(
        status=200, excerpt='{"apikey": "hush-hush", "a": "abc"}', headers={"X-Key": "hush-hush!"}
    )
    shown = masked(answer, ["hush-hush", "abc"])
    assert shown.excerpt == '{"apikey": "••••••", "a": "abc"}'
    assert shown.headers == {"X-Key": "••••••!"}


def test_an_echoed_password_is_in_no_log(receiver: Listen) -> None:
    server = receiver()
    webhook = make_webhook(server.url + "echo", auth_username="ana", auth_password="hush-hush")
    make_delivery(webhook=webhook, url=server.url + "echo")
    send()
    assert "••••••" in Attempt.objects.get().response
    assert "hush" not in Attempt.objects.get().response


def test_a_delivery_whose_turn_came_too_late_costs_nothing(
    receiver: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = receiver()
    make_delivery(webhook=make_webhook(server.url), url=server.url)
    monkeypatch.setattr(sender, "STALE", -1.0)
    send()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, server.total) == ("waiting", 0, 0)
    assert not Attempt.objects.exists()


def test_slow_receivers_get_more_threads(receiver: Listen) -> None:
    server = receiver()
    server.delay = 0.1
    webhook = make_webhook(server.url)
    for _ in range(32):
        make_delivery(webhook=webhook, url=server.url)
    send(threads=32)
    assert server.total == 32
    assert server.peak > FIRST * 2
