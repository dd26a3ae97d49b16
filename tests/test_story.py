"""The main job in one process: a CRM field changes, the right webhooks go out, and the log proves it."""

import json
from urllib.parse import urlencode

import pytest
from django.test import Client
from pytest_httpserver import HTTPServer

from automations.models import Change, Contact, Record, Run
from tests.world import ANA, insites, make_rule, make_source, make_webhook, post, received, update, work
from webhooks_in.models import Receipt, Source
from webhooks_out.models import Attempt, Delivery

__all__ = ["insites"]

PASSED = {"level2_review_status": "Passed"}
FAILED = {"level2_review_status": "Failed"}


@pytest.fixture
def passed_rule(db: None, httpserver: HTTPServer) -> None:
    """Tells the dialer of everybody whose review is passed."""
    httpserver.expect_request("/dialer").respond_with_data("thanks")
    pairs = {"firstname": "first_name", "status": "level2_review_status"}
    webhook = make_webhook(httpserver.url_for("/dialer"), pairs=pairs)
    make_rule(webhook, ("level2_review_status", "equals", "Passed"), monitor="starts")


def test_a_changed_field_leaves_as_a_webhook(
    insites: Source, passed_rule: None, httpserver: HTTPServer
) -> None:
    assert post(insites, update(PASSED)).status_code == 202
    work()
    (request,) = received(httpserver)
    assert request.form.to_dict() == {"firstname": "Ana", "status": "Passed"}


def test_every_step_is_in_the_log(insites: Source, passed_rule: None) -> None:
    post(insites, update(PASSED))
    work()
    receipt = Receipt.objects.get()
    change, run, delivery, attempt = (model.objects.get() for model in (Change, Run, Delivery, Attempt))
    assert {receipt.correlation_id} == {change.correlation_id, run.correlation_id, delivery.correlation_id}
    assert (receipt.state, run.state, delivery.state, attempt.status) == ("done", "done", "done", 200)
    assert attempt.response == "thanks"


@pytest.mark.parametrize(("monitor", "times"), [("starts", 2), ("every", 2), ("once", 1)])
def test_passed_failed_passed_fires_as_the_rule_says(
    insites: Source, httpserver: HTTPServer, monitor: str, times: int
) -> None:
    httpserver.expect_request("/").respond_with_data("")
    make_rule(
        make_webhook(httpserver.url_for("/")), ("level2_review_status", "equals", "Passed"), monitor=monitor
    )
    for changes in (PASSED, FAILED, PASSED):
        post(insites, update(changes))
        work()
    assert len(received(httpserver)) == times
    assert Change.objects.count() == 3


def test_a_rule_that_did_not_fire_says_why(insites: Source, passed_rule: None) -> None:
    post(insites, update(FAILED))
    work()
    assert Change.objects.get().verdicts[0]["words"] == (
        "did not fire: level2_review_status was 'Failed', wanted 'Passed'"
    )


def test_full_objects_are_compared_with_the_mirror(
    insites: Source, passed_rule: None, httpserver: HTTPServer
) -> None:
    for status in ("Pending", "Passed", "Passed"):
        post(insites, {**ANA, "level2_review_status": status})
        work()
    assert len(received(httpserver)) == 1
    assert Change.objects.latest("pk").diff == {"level2_review_status": ["Pending", "Passed"]}


def test_an_older_update_is_kept_and_harmless(db: None, passed_rule: None, httpserver: HTTPServer) -> None:
    source = make_source(path_occurred_at="updated_at")
    post(source, {**ANA, "updated_at": "2026-03-02T10:00:00Z"})
    work()
    post(source, {**ANA, "level2_review_status": "Passed", "updated_at": "2026-03-01T10:00:00Z"})
    work()
    assert Contact.objects.get().fields["level2_review_status"] == "Pending"
    assert Change.objects.latest("pk").stale
    assert received(httpserver) == []


def test_decimals_and_long_numbers_go_out_as_they_came(insites: Source, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("")
    webhook = make_webhook(
        httpserver.url_for("/"), pairs={"debt": "debt", "account": "account"}, body_kind="json"
    )
    make_rule(webhook, monitor="every")
    post(insites, '{"id": 8, "debt": 0.10, "account": 9007199254740993}')
    work()
    assert received(httpserver)[0].get_data(as_text=True) == '{"debt":0.10,"account":9007199254740993}'


def test_a_delayed_post_waits_for_its_time(insites: Source, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("")
    make_rule(make_webhook(httpserver.url_for("/")), monitor="every", delay=5)
    post(insites, ANA)
    work()
    assert Run.objects.get().state == "waiting"
    Run.objects.update(due_at=Record.objects.get().created_at)
    work()
    assert (Run.objects.get().state, len(received(httpserver))) == ("done", 1)


def test_two_systems_may_each_have_a_contact_7(db: None) -> None:
    for system in ("Harbour CRM", "Partner CRM"):
        post(make_source(system, system=system), ANA)
    work()
    assert Contact.objects.filter(external_id="7").count() == 2


def test_a_webhook_with_secrets_is_logged_without_them(insites: Source, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("")
    webhook = make_webhook(httpserver.url_for("/"), body_kind="json")
    webhook.key_values.create(key="apikey", kind="secret", secret="hush-hush")
    make_rule(webhook, monitor="every")
    post(insites, ANA)
    work()
    delivery = Delivery.objects.get()
    assert json.loads(received(httpserver)[0].get_data()) == {"apikey": "hush-hush"}
    assert json.loads(bytes(delivery.body)) == {"apikey": "••••••"}
    assert "hush" not in str(vars(delivery))


TASK = {"TASK_ID": 99922875, "TITLE": "New Lead Task", "STATUS": "NOT STARTED", "TASKLINKS": []}


@pytest.mark.parametrize(
    "body", [json.dumps({"entity": TASK}), json.dumps(TASK), f'"entity": {json.dumps(TASK)}']
)
def test_an_insightly_task_becomes_a_webhook(db: None, httpserver: HTTPServer, body: str) -> None:
    httpserver.expect_request("/").respond_with_data("")
    source = make_source("Insightly: tasks", dialect="insightly", record_type="")
    webhook = make_webhook(httpserver.url_for("/"), body_kind="json", pairs={"task": "TITLE", "number": "id"})
    make_rule(webhook, ("STATUS", "equals", "not started"), record_type="Task", monitor="every")
    post(source, body)
    work()
    assert json.loads(received(httpserver)[0].get_data()) == {"task": "New Lead Task", "number": "99922875"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_posting_url_takes_keys_verbatim_and_passes_them_on(
    db: None, httpserver: HTTPServer, method: str
) -> None:
    httpserver.expect_request("/post/").respond_with_data("")
    source = make_source("Web form", dialect="key_values", allow_get=True)
    webhook = make_webhook(
        httpserver.url_for("/post/"), pairs={"firstname": "firstname", "lasname": "lasname"}
    )
    webhook.key_values.create(key="campaign", kind="constant", value="Spring", position=8)
    webhook.key_values.create(key="name", kind="text", value="{firstname} ({phone})", position=9)
    make_rule(webhook, monitor="every")
    lead = {"firstname": "test", "lasname": "test", "phone": "5555555555", "state": "CA"}
    query, body = ("?" + urlencode(lead), "") if method == "GET" else ("", urlencode(lead))
    Client().generic(method, source.path + query, body, content_type="application/x-www-form-urlencoded")
    work()
    assert received(httpserver)[-1].form.to_dict() == {
        "firstname": "test",
        "lasname": "test",
        "campaign": "Spring",
        "name": "test (5555555555)",
    }
