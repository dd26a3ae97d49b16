"""A webhook in a file: switched on or off as by a person, its health left to the senders."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from tests.config.test_files import loaded
from tests.webhooks_out.test_jobs import make_delivery
from tests.world import make_webhook
from webhooks_out import health
from webhooks_out.http import Answer
from webhooks_out.models import Alert, Delivery, Webhook
from webhooks_out.sent import Sent

pytestmark = pytest.mark.django_db
FILE = "webhooks:\n  - title: Dialer\n    url: https://example.org/\n    breaker_after: 2\n"


def failing(status: int = 500) -> Webhook:
    """A webhook whose last three requests failed."""
    webhook = make_webhook("https://example.org/", breaker_after=2)
    answers = [Sent(Delivery(webhook=webhook), webhook, Answer(status=status)) for _ in range(3)]
    with transaction.atomic():
        health.note(answers)
    return Webhook.objects.get()


def test_a_file_that_switches_it_off_says_so_and_cancels_what_waits() -> None:
    delivery = make_delivery(webhook=make_webhook("https://example.org/"))
    loaded(FILE + "    active: false\n")
    delivery.refresh_from_db()
    assert Webhook.objects.get().disabled_reason.startswith("Switched off by a configuration file on ")
    assert (delivery.state, delivery.reason[:13]) == ("cancelled", "Switched off ")


def test_a_file_that_switches_it_on_again_forgets_its_failures() -> None:
    assert not failing(status=410).active
    loaded(FILE)
    webhook = Webhook.objects.get()
    assert (webhook.active, webhook.disabled_reason, webhook.failures_in_row) == (True, "", 0)
    assert not Alert.objects.filter(closed_at=None).exists()


def test_another_change_leaves_its_health_alone() -> None:
    before = failing()
    loaded(FILE + "    note: Asks for a list.\n")
    webhook = Webhook.objects.get()
    assert webhook.note == "Asks for a list."
    assert webhook.failures_in_row == 3
    assert webhook.breaker_opened_at == before.breaker_opened_at


def test_what_senders_noted_since_it_was_read_is_not_overwritten() -> None:
    webhook = Webhook.objects.get(pk=make_webhook("https://example.org/").pk)
    Webhook.objects.update(failures_in_row=1, last_failure_at=timezone.now() - timedelta(minutes=1))
    health.save(webhook, "mia")
    assert Webhook.objects.get().failures_in_row == 1
