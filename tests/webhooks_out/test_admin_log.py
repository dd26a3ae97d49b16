"""The log of deliveries: found by what is known, told in order, sent again by hand, quick however long it is."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.webhooks_out.pages import HOSTILE, said, staff
from tests.webhooks_out.test_jobs import make_delivery
from tests.world import make_webhook
from webhooks_out import admin_log
from webhooks_out.models import Attempt, Delivery, Webhook
from webhooks_out.outbox import Secret
from webhooks_out.stats import first_id

pytestmark = pytest.mark.django_db
LIST = "/admin/webhooks_out/delivery/"
VIEW = "webhooks_out.view_delivery"
CHANGE = "webhooks_out.change_delivery"


def log(count: int = 1, **options: object) -> list[Delivery]:
    """Settled deliveries with an attempt each."""
    webhook = Webhook.objects.first() or make_webhook(
        "https://a.example/", auth_username="u", auth_password="pw-1"
    )
    ordinary = {"webhook": webhook, "state": "dead", "due_at": None, "attempts": 1, "status": 500}
    made = [make_delivery(**ordinary | {"record_id": str(7 + index)} | options) for index in range(count)]
    for delivery in made:
        Attempt.objects.create(delivery=delivery, number=1, status=500, seconds=0.25, ended_at=timezone.now())
    return made


def page_of(delivery: Delivery, also: str = "change/") -> str:
    """The address of a delivery's page."""
    return f"{LIST}{delivery.pk}/{also}"


def found(client: Client, query: str) -> set[str]:
    """The record ids in the list for this query."""
    changelist = client.get(f"{LIST}?{query}").context["cl"]
    return {delivery.record_id for delivery in changelist.result_list}


@pytest.mark.parametrize("url", [LIST, f"{LIST}?q=7", f"{LIST}?state=dead&since=24h&answer=5"])
def test_the_list_costs_the_same_for_two_rows_and_for_twenty(
    admin_client: Client, url: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    log(2)
    with django_assert_max_num_queries(6) as few:
        admin_client.get(url)
    log(18)
    with django_assert_max_num_queries(len(few)):
        admin_client.get(url)


def test_a_page_costs_the_same_for_one_attempt_and_for_three(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    (delivery,) = log()
    with django_assert_max_num_queries(6) as few:
        admin_client.get(page_of(delivery))
    for number in (2, 3):
        Attempt.objects.create(delivery=delivery, number=number)
    with django_assert_max_num_queries(len(few)):
        admin_client.get(page_of(delivery))


def test_a_delivery_is_found_by_its_record_its_id_and_its_correlation_id(admin_client: Client) -> None:
    first, _ = log(2)
    for term in ("7", f" {first.pk} ", str(first.correlation_id), first.pk.hex):
        assert found(admin_client, f"q={term}") == {"7"}
    assert found(admin_client, "q=no+such+record") == set()


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("state=done", {"1"}),
        ("state=dead", {"2", "3"}),
        ("state=nonsense", {"1", "2", "3", "4"}),
        ("answer=2", {"1"}),
        ("answer=4", {"2"}),
        ("answer=none", {"3"}),
        ("origin=test", {"4"}),
        ("origin=rule", {"1", "2", "3"}),
        ("since=24h", {"1", "2", "3"}),
        ("since=7d&state=held", {"4"}),
    ],
)
def test_the_list_is_filtered(admin_client: Client, query: str, ids: set[str]) -> None:
    old = UUID(int=first_id(timezone.now() - timedelta(days=3)).int | 7 << 76 | 2 << 62)
    log(record_id="1", state="done", status=200)
    log(record_id="2", status=404)
    log(record_id="3", status=None, error="dns")
    log(record_id="4", state="held", status=None, origin="test", pk=old)
    assert found(admin_client, query) == ids


def test_a_list_counts_no_further_than_it_must(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_log, "COUNTED", 3)
    log(4)
    page = said(admin_client.get(LIST))
    assert "more than" in page
    assert "4 deliveries" not in page


def test_nobody_has_every_choice_of_a_filter_counted(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    log(2)
    with django_assert_max_num_queries(6):
        page = said(admin_client.get(f"{LIST}?_facets=True"))
    assert "Show counts" not in page


def test_a_delivery_tells_its_story(admin_client: Client) -> None:
    (delivery,) = log(
        body=b'{"a": {"b": 0.10}}', headers={"Content-Type": "application/json"}, reason="It answered 500."
    )
    Attempt.objects.update(
        response='{"why": "full"}', cut=True, response_headers="Retry-After: 9", requested_by="ada"
    )
    page = said(admin_client.get(page_of(delivery)))
    for told in (
        "Failed",
        "It answered 500.",
        "0.10",
        "took 0.25 s",
        "Retry-After",
        "the answer went on",
        "ada",
    ):
        assert told in page


def test_what_waits_says_when_it_is_tried_next(admin_client: Client) -> None:
    (delivery,) = log(state="waiting", due_at=timezone.now() + timedelta(minutes=5, seconds=30))
    assert "in 5 min" in said(admin_client.get(page_of(delivery)))


def test_hostile_texts_are_inert_wherever_they_were_stored(admin_client: Client) -> None:
    texts = dict.fromkeys(("title", "url", "record_type", "record_name", "reason"), HOSTILE)
    (delivery,) = log(
        **texts, record_id=HOSTILE, headers={HOSTILE: HOSTILE}, body=HOSTILE.encode(), requested_by=HOSTILE
    )
    Webhook.objects.update(title=HOSTILE, auth_username=HOSTILE)
    Attempt.objects.update(
        response=HOSTILE,
        response_headers=f"{HOSTILE}: {HOSTILE}",
        detail=HOSTILE,
        address=HOSTILE,
        requested_by=HOSTILE,
    )
    pages = [LIST, f"{LIST}?q={HOSTILE}", page_of(delivery), page_of(delivery, "send-again/")]
    for page in pages:
        assert HOSTILE not in said(admin_client.get(page))


def test_no_page_shows_what_is_secret_in_a_request(admin_client: Client) -> None:
    sealed = Secret.of('{"url": "https://a.example/?key=k-1", "body": "ay0y"}')
    (delivery,) = log(sealed=sealed, url="https://a.example/?key=••••••", headers={"X-Api-Key": "k-3"})
    page = said(admin_client.get(page_of(delivery))) + said(admin_client.get(LIST))
    for secret in ("k-1", "k-2", "k-3", "pw-1", "gAAAA"):
        assert secret not in page


def test_nobody_edits_adds_or_deletes_a_delivery(admin_client: Client) -> None:
    (delivery,) = log()
    assert admin_client.post(page_of(delivery), {"state": "done"}).status_code == 403
    assert admin_client.get(f"{LIST}add/").status_code == 403
    assert admin_client.post(page_of(delivery, "delete/"), {"post": "yes"}).status_code == 403
    assert Delivery.objects.get().state == "dead"


def test_sending_again_asks_first_and_is_logged_by_name(admin_client: Client) -> None:
    (delivery,) = log()
    assert "Send again: this delivery?" in said(admin_client.get(page_of(delivery, "send-again/")))
    assert Delivery.objects.get().state == "dead"
    page = said(admin_client.post(page_of(delivery, "send-again/"), follow=True))
    delivery = Delivery.objects.get()
    assert "1 delivery is sent again by hand" in page
    assert (delivery.state, delivery.requested_by, delivery.max_attempts) == ("waiting", "admin", 2)
    assert LogEntry.objects.get().get_change_message() == "Send again."


@pytest.mark.parametrize("options", [{"state": "running", "due_at": timezone.now()}, {"webhook": None}])
def test_what_cannot_be_sent_again_says_so(admin_client: Client, options: dict[str, object]) -> None:
    (delivery,) = log(**options)
    page = said(admin_client.post(page_of(delivery, "send-again/"), follow=True))
    assert "Nothing to send again" in page
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("deed", ["send-again/", "cancel/"])
def test_changing_deliveries_needs_the_permission_and_the_token_of_the_page(deed: str) -> None:
    (delivery,) = log(state="held")
    assert staff(VIEW).post(page_of(delivery, deed)).status_code == 403
    assert staff(CHANGE.replace("delivery", "webhook")).get(page_of(delivery, deed)).status_code == 403
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = staff(VIEW, CHANGE).cookies
    assert strict.post(page_of(delivery, deed)).status_code == 403
    assert Delivery.objects.get().state == "held"


def test_a_viewer_is_offered_nothing_that_would_be_refused() -> None:
    (delivery,) = log()
    viewer = staff(VIEW)
    assert "Send again" not in said(viewer.get(page_of(delivery))) + said(viewer.get(LIST))


def test_the_selected_are_sent_again_together(admin_client: Client) -> None:
    first, second, _ = log(3)
    chosen = {"action": "send_again", "_selected_action": [str(first.pk), str(second.pk)]}
    assert "Send again: 2 deliveries?" in said(admin_client.post(LIST, chosen))
    admin_client.post(LIST, chosen | {"confirmed": "yes"})
    assert set(Delivery.objects.filter(state="waiting")) == {first, second}
    assert LogEntry.objects.count() == 2


def test_all_that_the_filters_find_are_sent_again_and_no_more(admin_client: Client) -> None:
    log(60)
    log(record_id="held", state="held")
    url = f"{LIST}?state=dead"
    chosen = {
        "action": "send_again",
        "select_across": "1",
        "_selected_action": str(Delivery.objects.first().pk),
    }
    page = admin_client.post(url, chosen)
    assert "Send again: 60 deliveries?" in said(page)
    log(record_id="failed since")
    until = dict(page.context["hidden"])["until"]
    told = said(admin_client.post(url, chosen | {"confirmed": "yes", "until": str(until)}, follow=True))
    assert "60 deliveries are sent again by hand" in told
    assert set(Delivery.objects.exclude(state="waiting").values_list("record_id", flat=True)) == {
        "held",
        "failed since",
    }


def test_what_waits_is_cancelled_by_name(admin_client: Client) -> None:
    (delivery,) = log(state="waiting", due_at=timezone.now())
    admin_client.post(page_of(delivery, "cancel/"))
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.due_at, delivery.reason) == ("cancelled", None, "Cancelled by admin.")
