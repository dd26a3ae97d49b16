"""A record, a change and a run each tell the whole story, with a link to every piece of evidence."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from automations.models import Change, Contact, Record, Rule, Run
from automations.timeline import PAGE
from tests.staff import queries, signed_in, text
from tests.world import make_rule, make_source, post, update, work
from webhooks_in.models import Receipt, Source
from webhooks_out import definitions
from webhooks_out.models import Delivery, Webhook

pytestmark = pytest.mark.django_db
NOWHERE = "http://127.0.0.1:9/"


@pytest.fixture
def client() -> Client:
    return signed_in(superuser=True)


@pytest.fixture
def source() -> Source:
    return make_source()


def page_of(row: Any) -> str:
    """The URL of a row's page."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def enrolled(source: Source, count: int = 1) -> Record:
    """Ana is enrolled, so many times; one rule tells the dialer, another one wants something else."""
    webhook, _ = Webhook.objects.get_or_create(title="Dialer", defaults={"url": NOWHERE})
    if not Rule.objects.exists():
        make_rule(webhook, ("stage", "changed_to", "Enrolled"), monitor="every")
        make_rule(webhook, ("stage", "equals", "Alumna"), name="Congratulate")
        definitions.touch()
    for number in range(count):
        post(source, update({"stage": ["Lead", "Enrolled"]}, stage="Enrolled", visit=number))
    work()
    return Record.objects.get(external_id="7")


def test_a_record_tells_what_happened_with_links_to_the_evidence(client: Client, source: Source) -> None:
    page = text(client.get(page_of(enrolled(source))))
    for row in (Change.objects.get(), Receipt.objects.get(), Run.objects.get(), Delivery.objects.get()):
        assert page_of(row) in page
    assert "1 rule did not fire" in page
    assert "did not fire: stage was &#x27;Enrolled&#x27;, wanted &#x27;Alumna&#x27;" in page
    assert "No connection to 127.0.0.1 port 9" in page
    assert "Next attempt" in page


def test_what_staff_posted_stands_in_the_same_timeline(client: Client, source: Source) -> None:
    record = enrolled(source)
    about = {"record_type": "Contact", "record_id": "7", "title": "Partner", "url": NOWHERE, "method": "POST"}
    manual = Delivery.objects.create(origin="manual", requested_by="bea", state="done", status=200, **about)
    page = text(client.get(page_of(record)))
    assert page_of(manual) in page
    assert "Executed by bea" in page
    assert "answered 200" in page


def test_a_repeated_run_keeps_its_first_delivery_under_the_change(client: Client, source: Source) -> None:
    record = enrolled(source)
    client.post(f"/admin/automations/run/{Run.objects.get().pk}/repeat/", {"_form_submitted": "on"})
    work()
    page = text(client.get(page_of(record)))
    assert all(page_of(delivery) in page for delivery in Delivery.objects.all())
    assert "An earlier post" in page


def test_a_long_timeline_goes_on_where_it_was_left(client: Client, source: Source) -> None:
    record = enrolled(source, PAGE + 1)
    oldest, second = Change.objects.order_by("id")[:2]
    first_page = text(client.get(page_of(record)))
    assert page_of(oldest) not in first_page
    assert page_of(second) in first_page
    older = text(client.get(f"{page_of(record)}?before={second.pk}"))
    assert page_of(oldest) in older
    assert page_of(second) not in older


@pytest.mark.parametrize("before", ["nonsense", "0", ""])
def test_a_made_up_place_in_the_timeline_does_no_harm(client: Client, source: Source, before: str) -> None:
    assert client.get(f"{page_of(enrolled(source))}?before={before}").status_code == 200


def test_a_change_tells_old_and_new_and_what_every_rule_said(client: Client, source: Source) -> None:
    enrolled(source)
    make_rule(Webhook.objects.get(), name="Written since", monitor="every")
    page = text(client.get(page_of(Change.objects.get())))
    assert "The sender named them" in page
    assert "wanted &#x27;Alumna&#x27;" in page
    assert page.index("As the rules are now") < page.index("Written since")
    assert "would fire now" in page


def test_the_list_of_changes_says_what_changed_and_how_many_rules_fired(
    client: Client, source: Source
) -> None:
    enrolled(source)
    Change.objects.update(stale=True, notes=["A note."])
    page = text(client.get("/admin/automations/change/"))
    for words in ("stage: Enrolled", "1 of 2", "Insites: contacts", "Stale", "Notes"):
        assert words in page


@pytest.mark.parametrize("term", ["7", "ana", "Lopez", "{change}", "{correlation}", "{receipt}"])
def test_changes_are_found_by_record_and_by_id(client: Client, source: Source, term: str) -> None:
    enrolled(source)
    change = Change.objects.get()
    names = {"change": change.pk, "correlation": change.correlation_id, "receipt": change.receipt_id}
    found = client.get("/admin/automations/change/", {"q": term.format(**names)})
    assert list(found.context["cl"].result_list) == [change]


def test_a_search_that_finds_nothing_says_so(client: Client, source: Source) -> None:
    enrolled(source)
    for page in ("change", "contact", "run"):
        for term in ("nobody", str(uuid4())):
            answer = client.get(f"/admin/automations/{page}/", {"q": term})
            assert not answer.context["cl"].result_list
            assert "No results found" in text(answer)


def test_each_type_has_its_list(client: Client, source: Source) -> None:
    enrolled(source)
    assert "Ana Lopez" in text(client.get("/admin/automations/contact/"))
    assert "No companies yet" in text(client.get("/admin/automations/company/"))
    assert "Ana Lopez" in text(client.get("/admin/automations/record/?type=Contact"))
    assert client.get(page_of(Contact.objects.get())).status_code == 200


@pytest.mark.parametrize("page", ["record", "contact", "change", "run"])
def test_lists_cost_the_same_for_two_rows_and_for_twenty(client: Client, source: Source, page: str) -> None:
    costs = []
    for count in (2, 18):
        enrolled(source, 1)
        for number in range(count):
            post(source, update({"stage": ["Lead", "Enrolled"]}, stage="Enrolled", id=f"{count}-{number}"))
        work()
        costs.append(queries(client, f"/admin/automations/{page}/"))
    assert costs[0] == costs[1] <= 12


@pytest.mark.parametrize(("model", "most"), [(Record, 20), (Change, 13), (Run, 11)])
def test_pages_cost_the_same_for_two_events_and_for_twenty(
    client: Client, source: Source, model: Any, most: int
) -> None:
    costs = []
    for count in (2, 18):
        enrolled(source, count)
        costs.append(queries(client, page_of(model.objects.first())))
    assert costs[0] == costs[1] <= most


@pytest.mark.parametrize("page", ["record", "contact", "company", "task", "change", "run"])
def test_every_page_asks_for_its_own_permission(page: str) -> None:
    url = f"/admin/automations/{page}/"
    assert signed_in(name="nobody").get(url).status_code == 403
    assert signed_in(f"automations.view_{page}").get(url).status_code == 200
    assert Client().get(url).status_code == 302


@pytest.mark.parametrize("page", ["record", "change", "run"])
def test_a_made_up_id_leads_back_and_breaks_nothing(client: Client, page: str) -> None:
    for made_up in ("nonsense", "0", str(uuid4()), "%00"):
        assert client.get(f"/admin/automations/{page}/{made_up}/change/").status_code in (302, 404)


def test_logs_cannot_be_edited(client: Client, source: Source) -> None:
    record = enrolled(source)
    for row in (record, Change.objects.get(), Run.objects.get()):
        assert client.post(page_of(row), {"name": "x", "event": "x"}).status_code == 403
        assert client.get(page_of(row).removesuffix("change/") + "delete/").status_code == 403


def test_an_empty_run_list_shows_the_next_step(client: Client) -> None:
    page = text(client.get("/admin/automations/run/"))
    assert "No rule has started anything yet" in page
    assert 'href="/admin/automations/rule/add/"' in page
