"""Every request can be looked at, processed again and verified again, and the page says how many were."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from automations.models import Change, Run
from tests.staff import queries, signed_in, text
from tests.world import SECRET, hmac_hex, make_rule, make_source, make_webhook, post, update, work
from webhooks_in.models import Receipt, Source
from webhooks_out import definitions
from webhooks_out.models import Delivery

pytestmark = pytest.mark.django_db
LIST = "/admin/webhooks_in/receipt/"
YES = {"_form_submitted": "on"}
ENROLLED = update({"stage": ["Lead", "Enrolled"]}, stage="Enrolled")


@pytest.fixture
def client() -> Client:
    return signed_in(superuser=True)


def page_of(receipt: Receipt) -> str:
    return f"{LIST}{receipt.pk}/change/"


def received(source: Source, *payloads: Any) -> list[Receipt]:
    """These requests, received and processed, oldest first."""
    for payload in payloads or (ENROLLED,):
        post(source, payload)
    work()
    return list(Receipt.objects.order_by("id"))


def quarantined() -> Receipt:
    """A request that could not be verified, as its source had another secret."""
    source = make_source(preset="github", secret="wrong")
    body = b'{"changes": {"stage": "Enrolled"}, "snapshot": {"id": 7}}'
    post(source, body, **{"X-Hub-Signature-256": f"sha256={hmac_hex(body)}"})
    return Receipt.objects.get()


def test_a_receipt_shows_the_request_and_what_came_of_it(client: Client) -> None:
    make_rule(make_webhook("http://127.0.0.1:9/"), ("stage", "changed_to", "Enrolled"))
    (receipt,) = received(make_source())
    page = text(client.get(page_of(receipt)))
    for row in (Change.objects.get(), Run.objects.get(), Delivery.objects.get()):
        assert reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk]) in page
    assert "&quot;email&quot;: &quot;ana@harbour.example&quot;" in page
    assert "application/json" in page


def test_credentials_in_headers_are_not_shown(client: Client) -> None:
    source = make_source()
    post(
        source, ENROLLED, **{"X-Api-Key": "planted-1", "Authorization": "planted-2", "Signature": "planted-3"}
    )
    assert "planted" not in text(client.get(page_of(Receipt.objects.get())))


def test_repeats_conflicts_and_notes_stand_in_the_list(client: Client) -> None:
    source = make_source(dedup_template="{snapshot.id}")
    received(source, ENROLLED, ENROLLED, update({}, id=7, stage="Other"))
    received(source, [update({}, id=8), {"changes": {}}])
    page = text(client.get(LIST))
    assert "Conflict" in page
    assert "no record id" in page
    assert "2 times, once at least with another body" in text(
        client.get(page_of(Receipt.objects.get(duplicates=2)))
    )


def test_a_receipt_is_processed_again_from_its_page(client: Client) -> None:
    (receipt,) = received(make_source())
    make_rule(make_webhook("http://127.0.0.1:9/"), name="Written since", monitor="every")
    definitions.touch()
    page = text(client.post(f"{LIST}{receipt.pk}/process/", YES, follow=True))
    assert "1 judged again by the present rules; 1 actions started that were missing." in page
    page = text(client.post(f"{LIST}{receipt.pk}/process/", YES, follow=True))
    assert "1 judged again by the present rules." in page
    assert Run.objects.count() == 1
    assert {entry.change_message for entry in LogEntry.objects.all()} == {"Processed again."}


def test_selected_receipts_are_processed_again_with_counts(client: Client) -> None:
    source = make_source()
    Source.objects.update(record_type="")
    dead = received(source, ENROLLED, update({}, id=8))
    Source.objects.update(record_type="Contact")
    chosen = {"action": "process_selected", "_selected_action": [str(receipt.pk) for receipt in dead]}
    assert "2 will be read again." in text(client.post(LIST, chosen, follow=True))
    work()
    assert Change.objects.count() == 2


def test_a_corrected_secret_releases_what_was_quarantined(client: Client) -> None:
    receipt = quarantined()
    url = f"{LIST}{receipt.pk}/verify/"
    assert "0 passed and will be processed, 1 did not pass." in text(client.post(url, YES, follow=True))
    source = Source.objects.get()
    source.secret = SECRET
    source.save()
    chosen = {"action": "verify_selected", "_selected_action": str(receipt.pk)}
    assert "1 passed and will be processed, 0 did not pass." in text(client.post(LIST, chosen, follow=True))
    work()
    assert Change.objects.get().fields["stage"] == "Enrolled"


def test_what_is_quarantined_is_called_so_and_only_verifying_is_offered(client: Client) -> None:
    receipt = quarantined()
    assert "Quarantined" in text(client.get(LIST))
    page = text(client.get(page_of(receipt)))
    assert "Quarantined" in page
    assert f"{receipt.pk}/verify/" in page
    assert f"{receipt.pk}/process/" not in page


def test_the_list_is_narrowed_by_an_index_each(client: Client) -> None:
    quarantined()
    source = make_source("Other", dedup_template="{snapshot.id}")
    receipt = received(source, ENROLLED, update({}, stage="x"))[-1]
    for query, found in [
        (f"source={source.pk}", 1),
        ("source=x", 2),
        ("verified=no", 1),
        ("verified=yes", 1),
        ("state=held", 1),
        ("state=done", 1),
        ("state=nonsense", 2),
        ("conflict=yes", 1),
        ("since=1h", 2),
    ]:
        assert len(client.get(f"{LIST}?{query}").context["cl"].result_list) == found, query
    for term in (str(receipt.pk), str(receipt.correlation_id), "7"):
        assert list(client.get(LIST, {"q": term}).context["cl"].result_list) == [receipt]


@pytest.mark.parametrize("name", ["process", "verify"])
def test_who_may_only_look_changes_nothing(name: str) -> None:
    receipt = quarantined()
    viewer = signed_in("webhooks_in.view_receipt")
    assert viewer.get(page_of(receipt)).status_code == 200
    assert viewer.post(f"{LIST}{receipt.pk}/{name}/", YES).status_code == 403
    viewer.post(LIST, {"action": f"{name}_selected", "_selected_action": str(receipt.pk)})
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("made_up", ["nonsense", "0", "0192f0c1-2b7e-7c3a-9a9e-3f1d2b4c5d6e"])
def test_a_made_up_id_leads_back_and_breaks_nothing(client: Client, made_up: str) -> None:
    assert client.get(f"{LIST}{made_up}/change/").status_code == 302
    assert client.post(f"{LIST}{made_up}/process/", YES).status_code == 302


def test_the_list_costs_the_same_for_two_rows_and_for_twenty(client: Client) -> None:
    costs = []
    for count in (2, 18):
        received(make_source(f"{count}"), *(update({}, id=number) for number in range(count)))
        costs.append(queries(client, LIST))
    assert costs[0] == costs[1] <= 9


def test_the_page_costs_the_same_for_two_events_and_for_twenty(client: Client) -> None:
    source, costs = make_source(), []
    make_rule(make_webhook("http://127.0.0.1:9/"), monitor="every")
    for count in (2, 20):
        receipt = received(source, [update({}, id=f"{count}-{number}") for number in range(count)])[-1]
        costs.append(queries(client, page_of(receipt)))
    assert costs[0] == costs[1] <= 15


def test_one_press_takes_so_many_and_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webhooks_in.admin.receipts.AT_ONCE", 2)
    chosen = [str(receipt.pk) for receipt in received(make_source(), *(update({}, id=n) for n in range(3)))]
    page = text(client.post(LIST, {"action": "process_selected", "_selected_action": chosen}, follow=True))
    assert "2 judged again by the present rules. These were the oldest 2; select the others again." in page
