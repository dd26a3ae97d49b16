"""Mass posts come last: what rules and people send goes ahead of them, and finds room."""

from uuid import UUID

import pytest
from django.db import transaction

from tests.webhooks_out.test_jobs import make_delivery
from tests.world import make_webhook
from webhooks_out.models import Webhook
from webhooks_out.sender import take

pytestmark = pytest.mark.django_db
BATCH = UUID(int=7)


def stocked(concurrency: int, **counts: int) -> Webhook:
    """A webhook with so many deliveries of a mass post and, made later, by hand."""
    webhook = make_webhook("http://127.0.0.1/", concurrency=concurrency)
    for _ in range(counts.get("batch", 0)):
        make_delivery(webhook=webhook, origin="batch", batch_id=BATCH)
    for _ in range(counts.get("manual", 0)):
        make_delivery(webhook=webhook, origin="manual")
    return webhook


def taken(room: int) -> list[str]:
    """The origins of what one claim takes."""
    with transaction.atomic():
        return [delivery.origin for delivery, _ in take(room)]


def test_what_a_person_sends_goes_first() -> None:
    stocked(32, batch=9, manual=2)
    assert taken(4) == ["manual", "manual", "batch", "batch"]


def test_a_mass_post_leaves_an_eighth_of_the_concurrency_free() -> None:
    webhook = stocked(16, batch=20)
    assert taken(100) == ["batch"] * 14
    make_delivery(webhook=webhook, origin="manual")
    assert taken(100) == ["manual"]


def test_a_receiver_that_takes_one_at_a_time_still_gets_a_mass_post() -> None:
    stocked(1, batch=3)
    assert taken(100) == ["batch"]


def test_others_may_use_all_of_the_concurrency() -> None:
    stocked(16, manual=20)
    assert taken(100) == ["manual"] * 16
