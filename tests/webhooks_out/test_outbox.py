"""The outbox: what is frozen, what is shown of it, and where credentials belong."""

import pytest
from django_q.models import OrmQ
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests.world import make_webhook
from webhooks_out import drains, outbox
from webhooks_out.bodies import Event
from webhooks_out.mapping import Values
from webhooks_out.models import Delivery, Webhook
from webhooks_out.outbox import Definition, Subject, Unsealed

URL = "https://partner.example/post"


def freeze(webhook: Webhook, **data: object) -> Delivery:
    """The request for a record with these fields."""
    return outbox.freeze(Definition.of(webhook), Values(data=data), Event(), Subject(record_id="7", hops=2))


@pytest.mark.django_db
def test_a_frozen_request_does_not_follow_the_webhook() -> None:
    webhook = make_webhook(URL, pairs={"firstname": "first_name"})
    delivery = freeze(webhook, first_name="Ana")
    webhook.url = "https://elsewhere.example/"
    assert (delivery.url, delivery.body, delivery.method) == (URL, b"firstname=Ana", "POST")


@pytest.mark.django_db
def test_secrets_are_sealed_beside_a_masked_copy() -> None:
    webhook = make_webhook(URL, body_kind="query", method="GET")
    webhook.key_values.create(key="apikey", kind="secret", secret="hush")
    delivery = freeze(webhook)
    assert "hush" not in delivery.url + delivery.sealed.sealed
    assert outbox.unsealed(delivery) == Unsealed(f"{URL}?apikey=hush", b"", ("hush",))


@pytest.mark.django_db
def test_sensitive_values_are_masked_too() -> None:
    webhook = make_webhook(URL, pairs={"ssn": "ssn"})
    webhook.key_values.update(sensitive=True)
    delivery = freeze(webhook, ssn="078-05-1120")
    assert b"1120" not in delivery.body
    assert outbox.unsealed(delivery).body == b"ssn=078-05-1120"


@pytest.mark.django_db
def test_the_next_hub_learns_how_far_it_came() -> None:
    assert freeze(make_webhook(URL)).headers["X-Fieldhook-Hops"] == "3"


@pytest.mark.django_db
def test_own_headers_come_from_the_webhook() -> None:
    assert freeze(make_webhook(URL, headers="X-Team: dialer\nbroken")).headers["X-Team"] == "dialer"


@pytest.mark.django_db
def test_storing_wakes_a_worker_after_the_commit(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    drains.ensure_watches()
    with django_capture_on_commit_callbacks(execute=True):
        outbox.store([freeze(make_webhook(URL))])
        assert not OrmQ.objects.exists()
    assert OrmQ.objects.count() == 1


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("https://a.example/x", "https://A.example:443/y", True),
        ("https://a.example/", "http://a.example/", False),
        ("https://a.example/", "https://a.example:8443/", False),
        ("https://a.example/", "https://b.example/", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(left: str, right: str, same: bool) -> None:
    assert (outbox.origin(left) == outbox.origin(right)) is same


@pytest.mark.parametrize(
    ("url", "port", "expected"),
    [
        ("https://a.example/x?y=1", 8443, "https://a.example:8443/x?y=1"),
        ("https://a.example:1/x", 2, "https://a.example:2/x"),
        ("https://[2001:db8::1]/", 8443, "https://[2001:db8::1]:8443/"),
        ("https://a.example/", None, "https://a.example/"),
    ],
)
def test_a_named_port_takes_its_place_in_the_url(url: str, port: int | None, expected: str) -> None:
    assert outbox.with_port(url, port) == expected
