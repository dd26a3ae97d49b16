"""Staff are told of trouble once, and once more when it is over; through a real mail server."""

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction

from tests.clusters import until
from tests.receiver import Receiver, receiver
from tests.webhooks_out.mailbox import Mailbox, mailbox
from tests.webhooks_out.pages import form_of, page_of
from tests.webhooks_out.test_health import Listen, let_time_pass, make_failing, opened
from tests.webhooks_out.test_jobs import AGES_AGO, make_delivery
from tests.world import make_webhook, send
from webhooks_out import health, tasks
from webhooks_out.http import Answer
from webhooks_out.models import Alert, Delivery, Webhook
from webhooks_out.sent import Sent

__all__ = ["mailbox", "receiver"]
STAFF = ["ops@harbour.example", "mia@harbour.example"]


@pytest.fixture
def told(mailbox: Mailbox, settings: Any) -> Mailbox:
    """The mailbox of those who are told."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", urlsplit(mailbox.url).port
    settings.ALERT_EMAILS = STAFF
    return mailbox


def tell() -> None:
    """Sends the messages that are due."""
    while tasks.alert_step():
        pass


def fail(webhook: Webhook, times: int = 1, status: int = 500) -> None:
    """As if so many answers like this had come."""
    with transaction.atomic():
        health.note(Sent(Delivery(webhook=webhook), webhook, Answer(status=status)) for _ in range(times))


@pytest.mark.django_db
def test_an_opened_breaker_is_told_once_with_its_reason_and_page(told: Mailbox, receiver: Listen) -> None:
    webhook = opened(receiver(500))
    let_time_pass(webhook)
    send()
    tell()
    (message,) = told.messages
    assert message["Subject"] == "Fieldhook: Dialer is paused"
    assert message["To"] == ", ".join(STAFF)
    text = message.get_content()
    assert "2 requests in a row failed" in text
    assert f"http://127.0.0.1:8000/admin/webhooks_out/webhook/{webhook.pk}/change/" in text


@pytest.mark.django_db
def test_recovery_is_told_once_more_and_a_new_trouble_anew(told: Mailbox, receiver: Listen) -> None:
    server = receiver(500)
    webhook = opened(server)
    server.script = (200,)
    let_time_pass(webhook)
    while send():
        pass
    fail(webhook, 2)
    tell()
    subjects = [message["Subject"].removeprefix("Fieldhook: Dialer ") for message in told.messages]
    assert subjects == ["is paused", "goes on", "is paused"]
    assert Alert.objects.filter(closed_at__isnull=True).count() == 1


@pytest.mark.django_db
def test_410_is_told_with_its_reason(told: Mailbox) -> None:
    fail(make_webhook("http://127.0.0.1/", "Dia\nler"), status=410)
    tell()
    (message,) = told.messages
    assert message["Subject"] == "Fieldhook: Dia ler was switched off"
    assert "410" in message.get_content()


@pytest.mark.django_db
def test_few_failures_and_ordinary_successes_are_told_to_nobody(told: Mailbox) -> None:
    webhook = make_webhook("http://127.0.0.1/")
    for status in (500, 200, 500, 200):
        fail(webhook, status=status)
    assert not Alert.objects.exists()


@pytest.mark.django_db
def test_who_closes_the_breaker_or_switches_it_on_is_told(told: Mailbox, admin_client: Any) -> None:
    webhook = make_webhook("http://127.0.0.1/", breaker_after=1)
    fail(webhook)
    admin_client.post(f"/admin/webhooks_out/webhook/{webhook.pk}/close-breaker/")
    fail(webhook, status=410)
    webhook.refresh_from_db()
    admin_client.post(page_of(webhook), form_of(webhook, active="on"))
    tell()
    ends = [message.get_content() for message in told.messages if "goes on" in message["Subject"]]
    assert "admin closed its breaker." in ends[0]
    assert "Switched on again by admin." in ends[1]
    webhook.refresh_from_db()
    assert (webhook.active, webhook.failures_in_row) == (True, 0)


@pytest.mark.django_db
def test_what_a_mail_server_refuses_is_tried_again_under_the_same_id(told: Mailbox) -> None:
    told.refuse = "451 Try again later"
    fail(make_webhook("http://127.0.0.1/", breaker_after=1))
    tell()
    alert = Alert.objects.get()
    assert (alert.state, alert.attempts, "451" in alert.reason) == ("waiting", 1, True)
    told.refuse = ""
    Alert.objects.update(due_at=AGES_AGO)
    tell()
    assert told.messages[0]["Message-ID"] == f"<{alert.pk}@fieldhook>"


@pytest.mark.django_db
def test_a_mail_server_that_is_gone_stops_nothing(told: Mailbox, settings: Any) -> None:
    settings.EMAIL_PORT = 9
    fail(make_webhook("http://127.0.0.1/", breaker_after=1))
    tell()
    assert "Connection refused" in Alert.objects.get().reason


@pytest.mark.django_db
def test_without_addresses_nobody_is_told(told: Mailbox, settings: Any) -> None:
    settings.ALERT_EMAILS = []
    fail(make_webhook("http://127.0.0.1/", breaker_after=1))
    tell()
    assert (Alert.objects.get().state, told.messages) == ("cancelled", [])


@pytest.mark.alone
@pytest.mark.django_db(transaction=True)
def test_many_who_notice_at_once_tell_once(told: Mailbox) -> None:
    webhook = make_webhook("http://127.0.0.1/", breaker_after=1)
    together = threading.Barrier(4)

    def notice() -> None:
        try:
            together.wait(10)
            fail(webhook)
            tell()
        finally:
            connection.close()

    threads = [threading.Thread(target=notice) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    webhook.refresh_from_db()
    assert (webhook.failures_in_row, len(told.messages)) == (4, 1)


def test_two_worker_processes_tell_once_and_once_more(
    start: Callable[..., Any], mailbox: Mailbox, receiver: Callable[..., Receiver]
) -> None:
    server = receiver(500)
    environment = {"EMAIL_URL": mailbox.url, "ALERT_EMAILS": ",".join(STAFF)}
    webhook = make_failing(server, 30, concurrency=8)
    for _ in range(2):
        start("hub", "--only", "workers", WORKERS="3", **environment)
    until(lambda: mailbox.messages, seconds=60, what="the first mail")
    server.script = (200,)
    let_time_pass(webhook)
    make_delivery(webhook=webhook, url=server.url)
    until(lambda: len(mailbox.messages) > 1, seconds=60, what="the second mail")
    until(lambda: not Delivery.objects.filter(attempts=0).exists(), seconds=60, what="the rest")
    subjects = [message["Subject"] for message in mailbox.messages]
    assert subjects == ["Fieldhook: Dialer is paused", "Fieldhook: Dialer goes on"]
