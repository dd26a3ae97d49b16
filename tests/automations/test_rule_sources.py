"""A rule's data source and event are chosen among those there are."""

import pytest
from django.test import Client

from automations.models import Change, Record, Rule, System
from tests.automations.test_rule_admin import ADD, add, change_url, client, dialer
from tests.staff import form_of, text
from tests.world import make_rule, make_source
from webhooks_out.models import Webhook

__all__ = ["client", "dialer"]
pytestmark = pytest.mark.django_db


def test_the_data_sources_are_offered_by_their_titles(client: Client) -> None:
    make_source("Brightwater: leads")
    field = client.get(ADD).context["adminform"].form.fields["source"]
    assert [words for _, words in field.choices] == ["Any data source", "Brightwater: leads"]


def test_a_rule_is_saved_for_one_data_source(client: Client, dialer: Webhook) -> None:
    make_source("Brightwater: leads")
    page = add(client, dialer, source="Brightwater: leads")
    assert Rule.objects.get().source == "Brightwater: leads"
    assert "through “Brightwater: leads”" in page


def test_a_rule_for_any_data_source_says_nothing_of_it(client: Client, dialer: Webhook) -> None:
    add(client, dialer)
    assert Rule.objects.get().source == ""


def test_a_data_source_that_is_not_there_is_refused(client: Client, dialer: Webhook) -> None:
    add(client, dialer, source="Nobody")
    assert not Rule.objects.exists()


def test_a_rule_keeps_its_data_source_when_that_is_gone(client: Client, dialer: Webhook) -> None:
    url = change_url(made := make_rule(dialer, source="Brightwater: leads"))
    assert "Brightwater: leads (no longer there)" in text(client.get(url))
    client.post(url, form_of(client, url, name="Renamed"))
    made.refresh_from_db()
    assert (made.name, made.source) == ("Renamed", "Brightwater: leads")


def test_events_that_were_heard_or_declared_are_offered(client: Client) -> None:
    crm = System.objects.create(name="Harbour CRM")
    ana = Record.objects.create(system=crm, type="Contact", external_id="7")
    Change.objects.create(record=ana, event="payment.returned")
    make_source(event="document.signed")
    page = text(client.get(ADD))
    for event in ("payment.returned", "document.signed", "created or updated"):
        assert f'<option value="{event}">' in page


def test_a_declared_event_is_not_called_unheard_of(client: Client, dialer: Webhook) -> None:
    crm = System.objects.create(name="Harbour CRM")
    ana = Record.objects.create(system=crm, type="Contact", external_id="7", fields={"stage": "Lead"})
    Change.objects.create(record=ana, event="updated")
    make_source(event="document.signed")
    unheard = "Nothing of the event"
    assert unheard in add(client, dialer, name="A", event="document.sent")
    assert unheard not in add(client, dialer, name="B", event="document.signed")
    assert Rule.objects.count() == 2


def test_a_webhook_is_filled_in_when_its_page_asks_for_a_new_rule(client: Client, dialer: Webhook) -> None:
    formset = client.get(ADD, {"webhook": dialer.pk}).context["inline_admin_formsets"][1].formset
    assert str(formset.forms[0]["webhook"].value()) == str(dialer.pk)
