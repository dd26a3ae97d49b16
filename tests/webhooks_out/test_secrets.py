"""Secrets: ciphertext in the database, dots everywhere else."""

from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.db import connection
from pytest_django import Settings

from tests.world import make_webhook
from webhooks_out import secrets
from webhooks_out.models import Webhook
from webhooks_out.secrets import Secret, SecretUnreadable


def stored() -> str:
    """What stands in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT auth_password FROM webhooks_out_webhook")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_only_ciphertext_is_stored() -> None:
    make_webhook("https://a.example/", auth_password="hush")
    assert "hush" not in stored()
    assert Webhook.objects.get().auth_password.reveal() == "hush"


@pytest.mark.django_db
def test_no_secret_is_the_empty_text() -> None:
    make_webhook("https://a.example/")
    assert stored() == ""
    assert not Webhook.objects.get().auth_password


def test_a_secret_shows_itself_as_dots() -> None:
    secret = Secret.of("hush")
    assert (str(secret), repr(secret), f"{secret}") == ("••••••", "<Secret ••••••>", "••••••")
    assert str(Secret("")) == ""


def test_assigned_text_is_sealed_at_once() -> None:
    webhook = Webhook(auth_password="hush")
    assert webhook.auth_password.reveal() == "hush"
    assert "hush" not in str(vars(webhook))


@pytest.mark.django_db
def test_a_dump_shows_no_secret() -> None:
    webhook = make_webhook("https://a.example/", auth_password="hush", signing_secret="whsec_hush")
    assert "hush" not in serializers.serialize("json", [webhook])


@pytest.fixture
def other_key(settings: Settings) -> Iterator[Secret]:
    """A secret stored before FIELD_KEYS was replaced."""
    secret = Secret.of("hush")
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    secrets._fernet.cache_clear()
    yield secret
    secrets._fernet.cache_clear()


def test_a_lost_key_is_said_in_words(other_key: Secret) -> None:
    with pytest.raises(SecretUnreadable, match="FIELD_KEYS"):
        other_key.reveal()


def test_a_list_with_a_lost_key_can_still_be_shown(other_key: Secret) -> None:
    assert str(other_key) == "••••••"
