"""What becomes of an execution, told until it is settled, and only to those who may see it."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from automations import executions
from automations.executions import LOOKS, PATIENCE
from automations.models import Record
from tests.automations.test_executing_admin import CLOSED, MAY, PAIRS, ana, mia, ticket, url_of
from tests.staff import queries, signed_in, text
from tests.world import make_webhook
from webhooks_out.jobs import Job
from webhooks_out.models import Delivery

__all__ = ["ana", "mia"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def result(mia: Client, ana: Record) -> str:
    """The page of a delivery that waits."""
    return mia.post(url_of(ana), ticket(mia, ana, make_webhook(CLOSED, pairs=PAIRS)))["Location"]


def test_what_waits_is_looked_at_again_and_again_ever_more_seldom(mia: Client, result: str) -> None:
    delivery = Delivery.objects.get()
    waits = [executions.progress(delivery, str(look)).wait or 0 for look in range(len(LOOKS) + 2)]
    assert waits == sorted(waits)
    assert waits[-1] == 10_000
    assert f"{result}?look=6" in text(mia.get(result, {"look": "5"}))


@pytest.mark.parametrize("state", [Job.State.DONE, Job.State.DEAD, Job.State.HELD, Job.State.CANCELLED])
def test_what_is_settled_is_not_looked_at_again(mia: Client, result: str, state: str) -> None:
    Delivery.objects.update(state=state, due_at=None)
    assert "hx-get" not in text(mia.get(result, {"look": "1"}))


def test_a_page_left_open_stops_looking(mia: Client, result: str) -> None:
    page = text(mia.get(result, {"look": str(PATIENCE)}))
    assert "hx-get" not in page
    assert "Look again" in page


@pytest.mark.parametrize("look", ["", "x", "-1", "9" * 30, "²"])
def test_any_number_of_looks_is_understood(mia: Client, result: str, look: str) -> None:
    assert mia.get(result, {"look": look}).status_code == 200


def test_a_delivery_of_another_record_is_not_found(mia: Client, ana: Record, result: str) -> None:
    ben = Record.objects.create(
        system=ana.system, type="Contact", external_id="8", name="Ben", fields={"a": 1}
    )
    delivery = Delivery.objects.get()
    for other in ((ben.pk, delivery.pk), (ana.pk, uuid.uuid4())):
        assert mia.get(reverse("admin:automations_contact_execution", args=other)).status_code == 404


@pytest.mark.parametrize("lacking", MAY)
def test_without_a_permission_every_way_is_closed(ana: Record, result: str, lacking: str) -> None:
    client = signed_in(*(set(MAY) - {lacking}), name="noor")
    assert client.get(url_of(ana)).status_code == 403
    assert client.post(url_of(ana), {"webhook": "1"}).status_code == 403
    assert client.get(result).status_code == 403
    assert client.get(result, {"look": "1"}).status_code == 403


def test_the_general_page_serves_every_type_one_may_see(mia: Client, ana: Record) -> None:
    task = Record.objects.create(system=ana.system, type="Task", external_id="1", fields={"a": 1})
    make_webhook(CLOSED, pairs=PAIRS)
    assert mia.get(url_of(ana, "record")).status_code == 200
    assert mia.get(url_of(task, "record")).status_code == 403
    assert mia.get(url_of(task, "contact")).status_code == 404


def test_the_ways_there_are_shown_to_who_may_execute(mia: Client, ana: Record) -> None:
    lists, page = (
        reverse("admin:automations_contact_changelist"),
        reverse("admin:automations_contact_change", args=[ana.pk]),
    )
    viewer = signed_in("automations.view_contact", name="noor")
    for url in (lists, page):
        assert url_of(ana) in text(mia.get(url))
        assert url_of(ana) not in text(viewer.get(url))


def test_the_page_takes_as_many_queries_for_many_webhooks(mia: Client, ana: Record) -> None:
    make_webhook(CLOSED, pairs=PAIRS)
    make_webhook(CLOSED, title="Partner")
    few = queries(mia, url_of(ana))
    for number in range(20):
        make_webhook(CLOSED, title=f"Hook {number}")
    assert queries(mia, url_of(ana)) == few
