"""Posting by hand."""

import json

import pytest

from automations import posting
from automations.models import Record, System
from tests.world import ANA, make_webhook
from webhooks_out.jobs import Job
from webhooks_out.models import Delivery, KeyValue, Webhook
from webhooks_out.outbox import Definition

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Record:
    system = System.objects.create(name="Harbour CRM")
    return Record.objects.create(system=system, type="Contact", external_id="7", name="Ana Lopez", fields=ANA)


@pytest.fixture
def dialer() -> Webhook:
    return make_webhook("https://dialer.example/", pairs={"Email": "email", "Id": "id"}, body_kind="json")


def test_a_record_is_posted_as_it_is_now(ana: Record, dialer: Webhook) -> None:
    delivery = posting.freeze(Definition.of(dialer), ana, {}, "maria")
    assert json.loads(delivery.body) == {"Email": "ana@harbour.example", "Id": 7}


def test_a_delivery_by_hand_says_who_and_about_whom(ana: Record, dialer: Webhook) -> None:
    delivery = posting.freeze(Definition.of(dialer), ana, {}, "maria")
    assert (delivery.requested_by, delivery.origin, delivery.hops) == ("maria", Delivery.Origin.MANUAL, 0)
    assert (delivery.record_type, delivery.record_id, delivery.record_name) == ("Contact", "7", "Ana Lopez")


def test_each_delivery_starts_a_story_of_its_own(ana: Record, dialer: Webhook) -> None:
    definition = Definition.of(dialer)
    first, second = (posting.freeze(definition, ana, {}, "maria") for _ in range(2))
    assert first.correlation_id != second.correlation_id


def test_nothing_is_stored_when_a_delivery_is_frozen(ana: Record, dialer: Webhook) -> None:
    posting.freeze(Definition.of(dialer), ana, {}, "maria")
    assert not Delivery.objects.exists()


def test_missing_data_that_holds_is_told_before_anything_is_stored(ana: Record, dialer: Webhook) -> None:
    KeyValue.objects.create(webhook=dialer, key="Budget", value="budget", missing="hold", position=2)
    delivery = posting.freeze(Definition.of(dialer), ana, {}, "maria")
    assert delivery.state == Job.State.HELD
    assert "Budget" in delivery.reason


def test_tags_are_filled_from_the_record(ana: Record, dialer: Webhook) -> None:
    KeyValue.objects.create(webhook=dialer, key="Name", kind="text", value="{FIRST} x", position=2)
    delivery = posting.freeze(Definition.of(dialer), ana, {"FIRST": "first_name"}, "maria")
    assert json.loads(delivery.body)["Name"] == "Ana x"
