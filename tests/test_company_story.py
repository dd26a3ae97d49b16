"""A field of a company changes in the CRM: a third party is told in its own words, and the CRM is told back; once."""

import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request

from automations.models import Action, Change, Record, Rule
from tests.automations.actions.acting import rule_that
from tests.world import make_rule, make_source, make_webhook, post, received, work
from webhooks_in.models import Source
from webhooks_out.models import Delivery

pytestmark = pytest.mark.django_db
COMPANY = {
    "id": "c-12",
    "name": "Harbour Freight & Söhne",
    "plan": "Basic",
    "seats": 40,
    "fee": 0.25,
    "owner": {"email": "mia@harbour.example"},
}


@pytest.fixture
def crm(db: None) -> Source:
    """The CRM's webhook for companies, which it has told us of before."""
    source = make_source("Insites: companies", record_type="Company")
    post(source, COMPANY)
    work()
    return source


@pytest.fixture
def billing(httpserver: HTTPServer) -> Rule:
    """The billing system wants to hear of every new plan, under keys of its own."""
    httpserver.expect_request("/billing").respond_with_data("")
    keys = {
        "account": "id",
        "product.name": "plan",
        "qty": "seats",
        "amount": "fee",
        "contact": "owner.email",
    }
    webhook = make_webhook(httpserver.url_for("/billing"), "Billing", keys, body_kind="json")
    webhook.key_values.create(key="label", kind="text", value="{name}: {plan}", position=9)
    return make_rule(webhook, ("plan", "changed", ""), record_type="Company", monitor="every")


def tells(source: Source, **changes: Any) -> None:
    """An administrator changes these fields of the company."""
    post(source, {"changes": changes, "snapshot": {**COMPANY, **changes}})
    work()


def bodies(server: HTTPServer, path: str) -> list[str]:
    return [request.get_data(as_text=True) for request in requests(server, path)]


def requests(server: HTTPServer, path: str) -> list[Request]:
    return [request for request in received(server) if request.path == path]


def test_the_third_party_gets_the_change_in_its_own_words(
    billing: Rule, crm: Source, httpserver: HTTPServer
) -> None:
    # What the company was when we first heard of it, which is a change as well.
    assert len(bodies(httpserver, "/billing")) == 1
    tells(crm, plan="Gold")
    assert bodies(httpserver, "/billing")[1:] == [
        '{"account":"c-12","product.name":"Gold","qty":40,"amount":0.25,"contact":"mia@harbour.example",'
        '"label":"Harbour Freight & Söhne: Gold"}'
    ]


def test_the_same_change_ten_times_is_posted_once(billing: Rule, crm: Source, httpserver: HTTPServer) -> None:
    for _ in range(10):
        tells(crm, plan="Gold")
    tells(crm, plan="Gold", seats=41)
    assert len(bodies(httpserver, "/billing")) == 2
    assert [delivery.state for delivery in Delivery.objects.all()] == ["done"] * 2


def test_a_contact_of_that_id_is_another_matter(billing: Rule, crm: Source, httpserver: HTTPServer) -> None:
    post(make_source(), {"changes": {"plan": "Gold"}, "snapshot": {**COMPANY, "plan": "Gold"}})
    work()
    assert len(bodies(httpserver, "/billing")) == 1


@pytest.fixture
def back(httpserver: HTTPServer) -> Rule:
    """Who takes the gold plan gets a level, which the CRM is told of."""
    httpserver.expect_request("/crm/companies").respond_with_data("")
    url = httpserver.url_for("/crm/companies")
    make_webhook(url, "CRM: companies", {"id": "id"}, body_kind="insites_changes")
    webhook = {"field": "level", "value": "1 of {plan}", "webhook": "CRM: companies"}
    return rule_that("update_record", ("plan", "changed_to", "Gold"), of="Company", **webhook)


def test_what_a_rule_writes_is_pushed_back_once(back: Rule, crm: Source, httpserver: HTTPServer) -> None:
    for _ in range(3):
        tells(crm, plan="Gold")
    (body,) = bodies(httpserver, "/crm/companies")
    assert json.loads(body) == {"changes": {"level": "1 of Gold"}, "id": "c-12"}
    assert Record.objects.get().fields["level"] == "1 of Gold"


def test_the_echo_of_what_was_pushed_back_changes_nothing(
    back: Rule, crm: Source, httpserver: HTTPServer
) -> None:
    tells(crm, plan="Gold")
    (pushed,) = requests(httpserver, "/crm/companies")
    before = Change.objects.count()
    post(crm, pushed.get_data(as_text=True), **{"X-Fieldhook-Hops": pushed.headers["X-Fieldhook-Hops"]})
    work()
    assert pushed.headers["X-Fieldhook-Hops"] == "1"
    assert (Change.objects.count(), len(bodies(httpserver, "/crm/companies"))) == (before, 1)


def test_a_push_that_fails_is_seen_and_leaves_the_field_written(
    back: Rule, crm: Source, httpserver: HTTPServer
) -> None:
    httpserver.clear()
    httpserver.expect_request("/crm/companies").respond_with_data("no such company", status=404)
    tells(crm, plan="Gold")
    delivery = Delivery.objects.get()
    assert delivery.state == "dead"
    assert delivery.reason.startswith("The receiver answered 404")
    assert Record.objects.get().fields["level"] == "1 of Gold"
    assert Action.objects.get().runs.get().delivery == delivery
