"""Many deliveries at once: in handfuls, in order, and each only if it may."""

import pytest

from tests.webhooks_out.test_jobs import make_delivery
from tests.world import make_webhook
from webhooks_out import bulk
from webhooks_out.models import Delivery

pytestmark = pytest.mark.django_db


def test_the_oldest_come_first_and_no_more_than_one_confirmation_covers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = sorted(make_delivery().pk for _ in range(3))
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    assert bulk.ids_of(Delivery.objects.all()) == made[:2]


def test_every_handful_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 2)
    webhook = make_webhook("https://a.example/")
    made = [make_delivery(webhook=webhook, state="dead", due_at=None).pk for _ in range(5)]
    assert bulk.send_again(made, "ada") == 5
    assert Delivery.objects.filter(state="waiting", requested_by="ada").count() == 5


@pytest.mark.parametrize(
    ("state", "count"), [("waiting", 1), ("held", 1), ("running", 0), ("done", 0), ("dead", 0)]
)
def test_only_what_is_not_yet_sent_is_cancelled(state: str, count: int) -> None:
    assert bulk.cancel([make_delivery(state=state).pk], "ada") == count
    assert (Delivery.objects.get().state == "cancelled") is bool(count)
