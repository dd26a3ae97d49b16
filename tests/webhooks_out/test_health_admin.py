"""What the admin tells of a webhook's health, and closing its breaker by hand."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.webhooks_out.pages import HOSTILE, form_of, page_of, said
from tests.webhooks_out.test_jobs import make_delivery
from tests.world import make_webhook
from webhooks_out.jobs import due
from webhooks_out.models import Delivery, Webhook

pytestmark = pytest.mark.django_db
LIST = "/admin/webhooks_out/webhook/"


def make_paused(**options: object) -> Webhook:
    """A webhook whose breaker is open, with one delivery that waits for the next probe."""
    now = timezone.now()
    probe = {"breaker_opened_at": now, "breaker_probe_at": now + timedelta(minutes=5), "breaker_probes": 1}
    webhook = make_webhook("https://a.example/", **{"failures_in_row": 11, **probe, **options})
    make_delivery(webhook=webhook, due_at=webhook.breaker_probe_at)
    return webhook


def close_of(webhook: Webhook) -> str:
    """Where its breaker is closed."""
    return f"{LIST}{webhook.pk}/close-breaker/"


def test_the_list_and_the_page_say_that_it_is_paused_why_and_until_when(admin_client: Client) -> None:
    webhook = make_paused()
    for address in (LIST, page_of(webhook)):
        page = said(admin_client.get(address))
        for told in ("Paused", "11 failures in a row", "one of them is tried in 4 min"):
            assert told in page
    assert close_of(webhook) in page


def test_the_page_of_a_delivery_says_why_it_waits(admin_client: Client) -> None:
    make_paused()
    page = said(admin_client.get(f"/admin/webhooks_out/delivery/{Delivery.objects.get().pk}/change/"))
    assert "Its webhook is paused after failures" in page


def test_a_closed_breaker_offers_nothing_to_close(admin_client: Client) -> None:
    webhook = make_webhook("https://a.example/")
    assert close_of(webhook) not in said(admin_client.get(page_of(webhook)))
    assert "was closed already" in said(admin_client.post(close_of(webhook), follow=True))


def test_closing_asks_first_and_names_how_many_will_be_sent(admin_client: Client) -> None:
    webhook = make_paused(title=HOSTILE)
    page = said(admin_client.get(close_of(webhook)))
    assert "Resume and send 1" in page
    assert HOSTILE not in page
    assert not due(Delivery)


def test_closing_sends_what_waits_and_the_history_says_who_did(admin_client: Client) -> None:
    webhook = make_paused()
    page = said(admin_client.post(close_of(webhook), follow=True))
    assert "what waited is being sent" in page
    assert due(Delivery)
    webhook.refresh_from_db()
    assert (webhook.breaker_opened_at, webhook.failures_in_row) == (None, 0)
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.change_message) == ("admin", "Closed the breaker.")


def test_who_may_only_look_cannot_close_it(client: Client) -> None:
    viewer = User.objects.create(username="vera", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_webhook"))
    client.force_login(viewer)
    webhook = make_paused()
    assert client.post(close_of(webhook)).status_code == 403
    assert not due(Delivery)


def test_saving_the_form_leaves_an_open_breaker_open(admin_client: Client) -> None:
    webhook = make_paused()
    admin_client.post(page_of(webhook), form_of(webhook, title="Renamed", breaker_after="0"))
    webhook.refresh_from_db()
    assert (webhook.title, webhook.breaker_after, webhook.breaker_probes) == ("Renamed", 0, 1)
    assert webhook.breaker_opened_at


def test_the_list_costs_the_same_for_any_number_of_paused_webhooks(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(3):
        make_paused(title=f"Hook {number}")
    with django_assert_max_num_queries(9):
        admin_client.get(LIST)
