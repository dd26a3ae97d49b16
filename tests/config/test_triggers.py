"""“Set up triggers” on a webhook's page."""

import pytest
from django.urls import reverse

from config import triggers
from tests.staff import person, queries, signed_in, text
from tests.world import make_rule, make_webhook
from webhooks_out.models import Webhook

pytestmark = pytest.mark.django_db


@pytest.fixture
def dialer() -> Webhook:
    return make_webhook("https://dialer.example/")


def url_of(webhook: Webhook) -> str:
    return reverse("admin:webhooks_out_webhook_change", args=[webhook.pk])


def test_the_rules_that_use_a_webhook_are_listed_as_sentences(dialer: Webhook) -> None:
    make_rule(dialer, ("stage", "changed_to", "Enrolled"), name="New client")
    make_rule(make_webhook("https://b.example/", title="Partner"), name="Other")
    told = triggers.of(dialer, person(superuser=True))
    assert told
    assert [(rule.name, rule.active, rule.fired) for rule in told.rules] == [("New client", True, "never")]
    assert "stage changed to Enrolled: post to Dialer" in told.rules[0].sentence


def test_a_rule_that_posts_twice_to_it_is_listed_once(dialer: Webhook) -> None:
    rule = make_rule(dialer)
    rule.actions.create(webhook=dialer, delay=3, delay_unit="days", position=1)
    told = triggers.of(dialer, person(superuser=True))
    assert told
    assert len(told.rules) == 1


def test_the_page_leads_to_a_new_rule_with_the_webhook_filled_in(dialer: Webhook) -> None:
    page = text(signed_in(superuser=True).get(url_of(dialer)))
    assert "Set up triggers" in page
    assert f"{reverse('admin:automations_rule_add')}?webhook={dialer.pk}" in page
    assert "No rule posts to this webhook by itself yet" in page


def test_a_webhook_that_is_not_saved_yet_has_no_triggers() -> None:
    page = text(signed_in(superuser=True).get(reverse("admin:webhooks_out_webhook_add")))
    assert "Set up triggers" not in page


@pytest.mark.parametrize(
    ("permissions", "listed", "button"),
    [
        (("webhooks_out.view_webhook",), False, False),
        (("webhooks_out.view_webhook", "automations.view_rule"), True, False),
        (("webhooks_out.view_webhook", "automations.view_rule", "automations.add_rule"), True, True),
    ],
)
def test_only_who_may_sees_the_rules_and_the_button(
    dialer: Webhook, permissions: tuple[str, ...], listed: bool, button: bool
) -> None:
    make_rule(dialer)
    page = text(signed_in(*permissions).get(url_of(dialer)))
    assert ("Post to Dialer" in page) is listed
    assert ("New rule with this webhook" in page) is button


def test_many_rules_cost_no_more_queries(dialer: Webhook) -> None:
    client = signed_in(superuser=True)
    make_rule(dialer, ("stage", "equals", "Lead"), name="first")
    few = queries(client, url_of(dialer))
    for number in range(10):
        make_rule(dialer, ("stage", "equals", "Lead"), name=f"rule {number}")
    assert queries(client, url_of(dialer)) == few
