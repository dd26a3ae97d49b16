"""Definitions stay in memory until one of them changes."""

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.world import make_webhook
from webhooks_out import definitions
from webhooks_out.definitions import Kept
from webhooks_out.models import Webhook

URL = "https://partner.example/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def webhooks() -> Kept[int, Webhook]:
    """What a process remembers of webhooks."""
    return Kept(Webhook.objects.in_bulk)


def test_the_version_is_another_one_after_each_change() -> None:
    versions = [definitions.version()]
    for _ in range(2):
        definitions.touch()
        versions.append(definitions.version())
    assert len(set(versions)) == 3


def test_what_is_known_is_not_asked_for_again(
    webhooks: Kept[int, Webhook], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first, second = make_webhook(URL, "Dialer"), make_webhook(URL, "Partner")
    definitions.touch()
    webhooks.get([first.pk])
    with django_assert_num_queries(2):  # version, the one that is new
        assert webhooks.get([second.pk, first.pk]) == {second.pk: second, first.pk: first}
    with django_assert_num_queries(1):
        assert list(webhooks.get([first.pk, second.pk])) == [first.pk, second.pk]


def test_a_change_is_seen_once_it_is_told(webhooks: Kept[int, Webhook]) -> None:
    webhook = make_webhook(URL)
    definitions.touch()
    webhooks.get([webhook.pk])
    Webhook.objects.update(title="Dialer 2")
    assert webhooks.get([webhook.pk])[webhook.pk].title == "Dialer"
    definitions.touch()
    assert webhooks.get([webhook.pk])[webhook.pk].title == "Dialer 2"


def test_before_the_first_version_nothing_is_remembered(webhooks: Kept[int, Webhook]) -> None:
    webhook = make_webhook(URL)
    webhooks.get([webhook.pk])
    Webhook.objects.update(title="Dialer 2")
    assert webhooks.get([webhook.pk])[webhook.pk].title == "Dialer 2"


def test_what_was_deleted_is_left_out(webhooks: Kept[int, Webhook]) -> None:
    webhook = make_webhook(URL)
    definitions.touch()
    assert webhooks.get([webhook.pk, webhook.pk + 1]) == {webhook.pk: webhook}
    Webhook.objects.all().delete()
    definitions.touch()
    assert webhooks.get([webhook.pk]) == {}
