"""The pages of webhooks: a pasted sample, a test of what is not saved, and what switching off and deleting do."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from automations.models import Change, Record, System
from tests.receiver import receiver
from tests.webhooks_out.pages import ADD, HOSTILE, form_of, page_of, said, save, staff
from tests.webhooks_out.test_jobs import make_delivery
from tests.webhooks_out.test_sender import Listen
from tests.world import ANA, make_webhook
from webhooks_out import definitions
from webhooks_out.models import Attempt, Delivery, KeyValue, Webhook

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db
TRY = "/admin/webhooks_out/webhook/try/"
SAMPLE = "https://client.example/post/f16b/?firstname=test&lasname=test&phone=5555555555&api_key=k-123"


def try_of(webhook: Webhook) -> str:
    """Where the form of a saved webhook is tried."""
    return f"/admin/webhooks_out/webhook/{webhook.pk}/try/"


@pytest.fixture
def ana(db: None) -> Record:
    """A contact whose review was just passed."""
    system = System.objects.create(name="Harbour CRM")
    record = Record.objects.create(
        system=system, type="Contact", external_id="7", name="Ana Lopez", fields=ANA
    )
    Change.objects.create(record=record, event="updated", diff={"stage": ["", "Lead"]}, fields=ANA)
    return record


def test_a_pasted_sample_becomes_the_url_and_a_row_for_each_key(admin_client: Client, ana: Record) -> None:
    page = said(
        admin_client.post(ADD, {**form_of(url="", title="Typed before"), "sample": SAMPLE, "_split": "1"})
    )
    for shown in ("Typed before", "https://client.example/post/f16b/", 'value="lasname"', "Example: test"):
        assert shown in page
    assert 'name="key_values-TOTAL_FORMS" value="4"' in page
    assert not Webhook.objects.exists()


def test_a_key_that_is_called_like_a_field_is_mapped_to_it(admin_client: Client, ana: Record) -> None:
    page = said(admin_client.post(ADD, {**form_of(), "sample": SAMPLE, "_split": "1"}))
    assert 'name="key_values-0-value" value="first_name"' in page
    assert "k-123" not in page


def test_a_sample_adds_to_a_saved_webhook_what_it_lacks(admin_client: Client) -> None:
    webhook = make_webhook("https://a.example/", pairs={"firstname": "first_name"})
    answer = admin_client.post(page_of(webhook), {**form_of(webhook), "sample": SAMPLE, "_split": "1"})
    assert answer.status_code == 200
    assert "3 keys were added" in said(answer)
    assert "https://a.example/" in said(answer)
    assert webhook.key_values.count() == 1


def test_a_test_sends_what_is_in_the_form_and_saves_nothing_of_it(
    admin_client: Client, receiver: Listen, ana: Record
) -> None:
    server = receiver(200)
    webhook = make_webhook("https://saved.example/")
    form = form_of(webhook, url=server.url, title="Unsaved", rows=[{"key": "name", "value": "first_name"}])
    page = said(admin_client.post(try_of(webhook), form))
    (((body, _),),) = server.requests.values()
    assert body == b"name=Ana"
    assert "The receiver answered 200" in page
    assert (Webhook.objects.get().url, KeyValue.objects.count()) == ("https://saved.example/", 0)


def test_a_test_is_logged_as_a_test_of_that_person_and_moves_no_health(
    admin_client: Client, receiver: Listen, ana: Record
) -> None:
    webhook = make_webhook(receiver(500).url)
    admin_client.post(try_of(webhook), form_of(webhook))
    delivery = Delivery.objects.get()
    told = (delivery.origin, delivery.requested_by, delivery.state, delivery.record_id, delivery.webhook)
    assert told == ("test", "admin", "dead", "7", webhook)
    assert Attempt.objects.get().status == 500
    assert Webhook.objects.get().failures_in_row == 0


def test_a_webhook_can_be_tested_before_it_is_saved_or_named(admin_client: Client, receiver: Listen) -> None:
    server = receiver(200)
    rows = [
        {"key": "name", "value": "first_name", "note": "Example: Mike"},
        {"key": "t", "kind": "text", "value": "{ID}"},
    ]
    page = said(admin_client.post(TRY, form_of(url=server.url, title="", rows=rows)))
    (((body, _),),) = server.requests.values()
    assert body == b"name=Mike&t=ID"
    assert "made up" in page
    assert Delivery.objects.get().webhook is None


def test_the_record_to_test_with_can_be_chosen_by_its_id(
    admin_client: Client, receiver: Listen, ana: Record
) -> None:
    server = receiver(200)
    bo = Record.objects.create(
        system=ana.system, type="Contact", external_id="8", fields={"first_name": "Bo"}
    )
    rows = [{"key": "name", "value": "first_name"}]
    for choice in ({"_record_id": "8"}, {"_record": str(bo.pk)}):
        admin_client.post(TRY, {**form_of(url=server.url, rows=rows), **choice})
    assert {body for sent in server.requests.values() for body, _ in sent} == {b"name=Bo"}


def test_what_is_missing_is_said_and_a_row_can_hold_the_test(
    admin_client: Client, receiver: Listen, ana: Record
) -> None:
    server = receiver(200)
    rows = [{"key": "fax", "value": "fax", "missing": "hold"}]
    page = said(admin_client.post(TRY, form_of(url=server.url, rows=rows)))
    assert "fax is empty" in page
    assert (server.total, Delivery.objects.get().state) == (0, "held")


def test_a_test_names_what_the_form_gets_wrong_and_sends_nothing(admin_client: Client) -> None:
    page = said(admin_client.post(TRY, form_of(url="https://10.0.0.1/", rows=[{"key": "a", "value": ""}])))
    assert "is a private address" in page
    assert "Row 1: a: choose the field" in page
    assert not Delivery.objects.exists()


def test_credentials_do_not_go_to_an_address_they_were_not_entered_for(
    admin_client: Client, receiver: Listen
) -> None:
    server = receiver(200)
    secrets = {"auth_username": "dialer", "auth_password": "pw", "secret_headers": "X-Api-Key: k"}
    webhook = make_webhook("https://saved.example/", **secrets)
    KeyValue.objects.create(webhook=webhook, key="token", kind="secret", secret="row")
    admin_client.post(try_of(webhook), form_of(webhook, url=server.url))
    (((body, headers),),) = server.requests.values()
    assert body == b"token="
    assert "x-api-key" not in headers
    assert headers.get("authorization") != "Basic ZGlhbGVyOnB3"


def test_a_test_shows_secrets_as_dots_and_hostile_answers_as_text(
    admin_client: Client, receiver: Listen, ana: Record
) -> None:
    Record.objects.update(name=HOSTILE, fields={"first_name": HOSTILE})
    webhook = make_webhook(
        receiver(200).url, pairs={"name": "first_name"}, auth_username="u", auth_password="pw-1"
    )
    KeyValue.objects.create(webhook=webhook, key="token", kind="secret", secret="row-2", position=9)
    page = said(admin_client.post(try_of(webhook), form_of(webhook)))
    assert HOSTILE not in page
    assert "&lt;img src=x onerror=alert(1)&gt;{{7*7}}" in page
    assert not [secret for secret in ("pw-1", "row-2") if secret in page]


def test_testing_needs_the_permission_to_change_webhooks(receiver: Listen) -> None:
    webhook = make_webhook(receiver(200).url)
    viewer = staff("webhooks_out.view_webhook")
    for url in (TRY, try_of(webhook)):
        assert viewer.post(url, form_of(webhook)).status_code == 403
    assert not Delivery.objects.exists()


def test_who_may_not_change_the_keys_can_still_change_the_webhook_and_not_the_keys() -> None:
    webhook = make_webhook("https://a.example/", pairs={"name": "first_name"})
    person = staff("webhooks_out.change_webhook", "webhooks_out.view_keyvalue")
    assert "<fieldset disabled" in said(person.get(page_of(webhook)))
    assert (
        person.post(page_of(webhook), form_of(webhook, title="New", **{"key_values-0-key": "x"})).status_code
        == 302
    )
    assert (Webhook.objects.get().title, KeyValue.objects.get().key) == ("New", "name")


def test_who_may_not_see_the_keys_cannot_have_them_sent(receiver: Listen) -> None:
    webhook = make_webhook(receiver(200).url, pairs={"name": "first_name"})
    page = said(staff("webhooks_out.change_webhook").post(try_of(webhook), form_of(webhook)))
    assert "may not see this webhook" in page
    assert not Delivery.objects.exists()


def test_who_may_only_look_is_offered_nothing_to_press() -> None:
    webhook = make_webhook("https://a.example/", pairs={"name": "first_name"}, auth_password="pw-1")
    page = said(staff("webhooks_out.view_webhook", "webhooks_out.view_keyvalue").get(page_of(webhook)))
    assert not [button for button in ("Send test", "Split into", "Add a key") if button in page]
    assert "pw-1" not in page


def test_a_test_is_only_done_by_post_with_the_token_of_the_page(admin_client: Client) -> None:
    assert admin_client.get(TRY).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = admin_client.cookies
    assert strict.post(TRY, form_of()).status_code == 403
    assert admin_client.post("/admin/webhooks_out/webhook/999/try/", form_of()).status_code == 404


def test_who_switched_a_webhook_off_is_written_down_and_what_waits_is_cancelled(admin_client: Client) -> None:
    webhook = make_webhook("https://a.example/")
    make_delivery(webhook=webhook)
    form = {name: value for name, value in form_of(webhook).items() if name != "active"}
    admin_client.post(page_of(webhook), form)
    delivery = Delivery.objects.get()
    assert Webhook.objects.get().disabled_reason.startswith("Switched off by admin on ")
    assert (delivery.state, delivery.reason[:21]) == ("cancelled", "Switched off by admin")


def test_switching_it_on_again_clears_the_reason(admin_client: Client) -> None:
    webhook = make_webhook("https://a.example/", active=False, disabled_reason="The receiver answered 410.")
    save(admin_client, webhook)
    assert (Webhook.objects.get().active, Webhook.objects.get().disabled_reason) == (True, "")


def test_saving_leaves_the_health_that_senders_keep_alone(admin_client: Client) -> None:
    webhook = make_webhook("https://a.example/", failures_in_row=3)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        save(admin_client, webhook, title="Renamed")
    updates = [one["sql"] for one in queries if one["sql"].startswith('UPDATE "webhooks_out_webhook"')]
    assert len(updates) == 1
    assert "failures_in_row" not in updates[0]


@pytest.mark.parametrize("in_bulk", [False, True])
def test_deleting_a_webhook_cancels_what_waits_and_keeps_the_log(admin_client: Client, in_bulk: bool) -> None:
    webhook = make_webhook("https://a.example/")
    make_delivery(webhook=webhook)
    before = definitions.version()
    if in_bulk:
        chosen = {"action": "delete_selected", "_selected_action": webhook.pk, "post": "yes"}
        admin_client.post("/admin/webhooks_out/webhook/", chosen)
    else:
        admin_client.post(f"/admin/webhooks_out/webhook/{webhook.pk}/delete/", {"post": "yes"})
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.webhook) == ("cancelled", None)
    assert delivery.reason == "admin deleted the webhook."
    assert before != definitions.version()


def test_the_list_tells_what_is_wrong_and_stays_inert(admin_client: Client) -> None:
    make_webhook("https://a.example/", title=HOSTILE, active=False, disabled_reason=f"By {HOSTILE}")
    make_webhook("https://b.example/", title="B", failures_in_row=2, verify_tls=False)
    page = said(admin_client.get("/admin/webhooks_out/webhook/"))
    assert HOSTILE not in page
    for told in ("Off", "Failing", "2 failures in a row", "certificate is not checked", "b.example"):
        assert told in page


def test_the_form_of_a_webhook_with_hostile_texts_is_inert(admin_client: Client, ana: Record) -> None:
    Record.objects.update(name=HOSTILE, fields={HOSTILE: HOSTILE})
    webhook = make_webhook("https://a.example/", title=HOSTILE, note=HOSTILE, headers=f"X-A: {HOSTILE}")
    text = {"key": HOSTILE, "value": HOSTILE, "note": HOSTILE, "owner": HOSTILE, "default": HOSTILE}
    KeyValue.objects.create(webhook=webhook, kind="constant", **text)
    assert HOSTILE not in said(admin_client.get(page_of(webhook)))
    assert HOSTILE not in said(admin_client.post(page_of(webhook), form_of(webhook, url=HOSTILE)))
