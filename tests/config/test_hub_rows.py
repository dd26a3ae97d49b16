"""The rows for another Fieldhook: what is sent by them is what is understood over there."""

from typing import Any

import pytest
from django.test import Client

from automations.actions import post_webhook
from automations.models import Change, Record, System, Tag
from config import hub_rows
from tests.staff import form_of, signed_in, text
from webhooks_in.dialects import special_keys
from webhooks_out import mapping
from webhooks_out.mapping import Pair
from webhooks_out.models import Webhook

pytestmark = pytest.mark.django_db
WEBHOOKS = "/admin/webhooks_out/webhook/"
FIELDS: dict[str, Any] = {
    "first_name": "Ana",
    "coapplicant": {"first_name": "Bo"},
    "creditors": [{"name": "First Bank", "debt": "5000", "notes": "late"}, {"name": "Second"}],
    "bank": {"name": "Harbour Bank", "account": "1", "routing": "2", "holder": "Ana", "type": "checking"},
    "budget": {"rent": "1100"},
    "plan_data": {"months": 48},
}


@pytest.fixture
def tags() -> dict[str, str]:
    return dict(Tag.objects.values_list("name", "path"))


def test_what_is_sent_is_understood(tags: dict[str, str]) -> None:
    record = Record(system=System(), type="Contact", external_id="7", fields=FIELDS)
    values = post_webhook.values(Change(record=record, event="x", fields=FIELDS), tags)
    pairs = [Pair(key, "text", value, missing="omit") for key, value in hub_rows.rows(tags).items()]
    sent = {key: value for key, value, _ in mapping.render(pairs, values).pairs}
    told = special_keys.read(sent, tags)
    assert told.rest == {"externalid": "7", "firstname": "Ana"}
    assert {"first_name": "Ana", **told.fields} == FIELDS
    assert told.notes == []


def test_tags_an_administrator_moved_or_took_away_are_followed(tags: dict[str, str]) -> None:
    del tags["LASTNAME"]
    tags["VORNAME"] = tags.pop("FIRSTNAME")
    rows = hub_rows.rows(tags)
    assert rows["firstname"] == "{VORNAME}"
    assert "lastname" not in rows


@pytest.fixture
def client() -> Client:
    return signed_in(superuser=True)


def test_a_button_adds_the_rows_to_the_form(client: Client, tags: dict[str, str]) -> None:
    url = f"{WEBHOOKS}add/"
    posted = form_of(client, url, title="Partner", url_="", _split="hub")
    page = client.post(url, posted)
    rows = {
        form["key"].value(): form["value"].value()
        for form in page.context["inline_admin_formsets"][0].formset.forms
    }
    assert rows == hub_rows.rows(tags)
    assert "rows were added below" in text(page)
    assert not Webhook.objects.exists()


def test_a_key_that_is_there_is_left_alone(client: Client) -> None:
    url = f"{WEBHOOKS}add/"
    posted = form_of(client, url, _split="hub") | {
        "key_values-TOTAL_FORMS": "1",
        "key_values-0-key": "firstname",
        "key_values-0-value": "{FULLNAME}",
    }
    forms = client.post(url, posted).context["inline_admin_formsets"][0].formset.forms
    assert [form["value"].value() for form in forms if form["key"].value() == "firstname"] == ["{FULLNAME}"]


def test_the_form_offers_the_tags_by_group(client: Client) -> None:
    page = text(client.get(f"{WEBHOOKS}add/"))
    assert '<button type="button"\n                          class="tag-name"' in page
    assert 'title="Rent or mortgage"' in page
