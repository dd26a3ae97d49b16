"""The commands an administrator runs by hand do what they say, and say what they did."""

from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from config.management.commands.rotate_keys import secret_columns
from tests.world import make_source, make_webhook
from webhooks_in.models import Source
from webhooks_out import secrets
from webhooks_out.models import Delivery, Webhook

OLD, NEW, LOST = (Fernet.generate_key().decode() for _ in range(3))


@pytest.fixture
def field_keys(settings: Any) -> Iterator[Callable[..., None]]:
    """`field_keys(NEW, OLD)` sets FIELD_KEYS, the newest first."""

    def use(*keys: str) -> None:
        settings.FIELD_KEYS = list(keys)
        secrets._fernet.cache_clear()

    yield use
    secrets._fernet.cache_clear()


def rotate() -> str:
    """What the command printed, to both streams."""
    output = StringIO()
    call_command("rotate_keys", stdout=output, stderr=output, no_color=True)
    return output.getvalue()


def test_every_secret_is_readable_with_the_new_key_alone(db: None, field_keys: Callable[..., None]) -> None:
    field_keys(OLD)
    path = make_source(secret="shared").path
    webhook = make_webhook("https://desk.example/", signing_secret="whsec_x", auth_password="pass")
    webhook.key_values.create(key="apikey", kind="secret", secret="hush")
    Delivery.objects.create(webhook=webhook, title="Desk", method="POST", url="", sealed="{}")
    field_keys(NEW, OLD)
    assert "6 encrypted anew, 0 already had the newest key, 0 unreadable." in rotate()
    field_keys(NEW)
    assert Source.objects.get().secret.reveal() == "shared"
    assert Source.objects.get().path == path
    assert Webhook.objects.get().key_values.get().pair().value == "hush"
    assert Delivery.objects.get().sealed.reveal() == "{}"


def test_a_second_rotation_finds_nothing_to_do(db: None, field_keys: Callable[..., None]) -> None:
    field_keys(OLD)
    make_source(secret="shared")
    field_keys(NEW, OLD)
    rotate()
    before = Source.objects.values_list("secret", "token").get()
    assert "0 encrypted anew, 2 already had the newest key" in rotate()
    assert Source.objects.values_list("secret", "token").get() == before


def test_more_rows_than_one_batch_are_rotated(
    db: None, field_keys: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.management.commands.rotate_keys.BATCH", 2)
    field_keys(OLD)
    for number in range(5):
        make_webhook("https://desk.example/", f"Desk {number}", auth_password=f"pass {number}")
    field_keys(NEW, OLD)
    assert "webhooks_out.Webhook auth_password: 5 of 5 encrypted anew" in rotate()


def test_an_unreadable_secret_is_listed_and_left_alone(db: None, field_keys: Callable[..., None]) -> None:
    field_keys(LOST)
    lost = make_webhook("https://desk.example/", "Lost", auth_password="gone")
    field_keys(OLD)
    make_webhook("https://desk.example/", "Kept", auth_password="here")
    field_keys(NEW, OLD)
    output = StringIO()
    with pytest.raises(CommandError, match="1 secrets were encrypted with a key"):
        call_command("rotate_keys", stdout=output, stderr=output, no_color=True)
    assert f"webhooks_out.Webhook {lost.pk} auth_password: unreadable" in output.getvalue()
    assert "1 encrypted anew, 0 already had the newest key, 1 unreadable." in output.getvalue()
    field_keys(LOST)
    assert Webhook.objects.get(title="Lost").auth_password.reveal() == "gone"


def test_nothing_that_is_secret_is_printed(db: None, field_keys: Callable[..., None]) -> None:
    field_keys(OLD)
    make_source(secret="hush-hush")
    field_keys(NEW, OLD)
    assert "hush" not in rotate()


def test_every_column_of_secrets_is_known() -> None:
    names = {f"{model.__name__}.{field.name}" for model, field in secret_columns()}
    assert {"Source.token", "Receipt.sealed_headers", "Webhook.secret_headers", "KeyValue.secret"} <= names
