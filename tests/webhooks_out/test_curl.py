"""A delivery as a curl command: complete, safe to paste, and without anything secret."""

import shlex

import pytest

from tests.webhooks_out.test_jobs import make_delivery
from tests.world import SIGNING_SECRET, make_webhook
from webhooks_out import curl
from webhooks_out.models import Delivery

pytestmark = pytest.mark.django_db
URL = "https://a.example/in"


def command(**options: object) -> list[str]:
    """The words of the command for such a delivery, as a shell reads them."""
    delivery = make_delivery(**{"url": URL, **options})
    return shlex.split(curl.command(Delivery.objects.get(pk=delivery.pk)).replace("\\\n", " "))


def test_it_says_all_that_was_frozen() -> None:
    words = command(method="PUT", headers={"Content-Type": "application/json"}, body=b'{"a": "it\'s"}')
    assert words[:4] == ["curl", "-X", "PUT", URL]
    assert "Content-Type: application/json" in words
    assert words[-2:] == ["--data-raw", '{"a": "it\'s"}']


def test_text_from_data_stays_one_word_of_the_shell() -> None:
    nasty = "'; rm -rf / #$(id)`id`\n"
    assert command(url=f"{URL}?{nasty}", body=nasty.encode())[-1] == nasty


def test_what_is_secret_is_a_placeholder() -> None:
    secrets = {"auth_username": "me", "auth_password": "pw-1", "secret_headers": "X-Key: k-2"}
    webhook = make_webhook(URL, signing_secret=SIGNING_SECRET, **secrets)
    words = command(webhook=webhook, body=b"key=%E2%80%A2%E2%80%A2%E2%80%A2%E2%80%A2%E2%80%A2%E2%80%A2&a=1")
    assert "X-Key: SECRET" in words
    assert "webhook-signature: SECRET" in words
    assert words[words.index("--user") + 1] == "me:SECRET"
    assert words[-1] == "key=SECRET&a=1"


def test_credentials_are_named_only_for_the_address_they_belong_to() -> None:
    webhook = make_webhook("https://moved.example/", auth_username="me", secret_headers="X-Key: k")
    assert not {"--user", "X-Key: SECRET"} & set(command(webhook=webhook))


def test_a_body_that_is_no_text_is_not_printed() -> None:
    assert command(body=b"\xff\x00")[-1] == curl.UNREADABLE
