"""The lists staff live in: search, filters, columns and the ways on, at the same cost for any number of records."""

from typing import Any

import pytest
from django.test import Client

from automations.models import Change, Column, Contact, Record, System
from tests.staff import queries, signed_in, text
from tests.world import ANA, make_source, post, work
from webhooks_in.models import Source
from webhooks_out.jobs import new_id

pytestmark = pytest.mark.django_db
CONTACTS = "/admin/automations/contact/"


@pytest.fixture
def client() -> Client:
    return signed_in(superuser=True)


@pytest.fixture
def source() -> Source:
    return make_source()


def tell(source: Source, which: str, name: str = "Ana", **fields: Any) -> Record:
    """A contact as the CRM sends it."""
    post(source, {**ANA, "id": which, "first_name": name, **fields})
    work()
    return Record.objects.get(external_id=which)


def listed(client: Client, query: str = "", page: str = CONTACTS) -> set[str]:
    """The ids of the records on the first page of a list."""
    answer = client.get(f"{page}{query}")
    assert answer.status_code == 200
    return {record.external_id for record in answer.context["cl"].result_list}


def test_a_list_shows_the_usual_columns_until_others_are_chosen(client: Client, source: Source) -> None:
    tell(source, "7", ssn="078-05-1120", address={"city": "Springfield"})
    page = text(client.get(CONTACTS))
    assert all(words in page for words in ("ana@harbour.example", "+1 555 010 7788", "Lead", source.title))
    Column.objects.create(record_type="Contact", path="address.city", label="Town")
    Column.objects.create(record_type="Contact", path="ssn")
    page = text(client.get(CONTACTS))
    assert all(words in page for words in ("Town", "Springfield", "••••"))
    assert "ana@harbour.example" not in page
    assert "078-05-1120" not in page


def test_all_records_show_the_columns_of_the_type_they_are_filtered_by(
    client: Client, source: Source
) -> None:
    tell(source, "7")
    everything, contacts = (
        text(client.get(f"/admin/automations/record/{query}")) for query in ("", "?type=Contact")
    )
    assert "ana@harbour.example" not in everything
    assert "ana@harbour.example" in contacts


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("?stage=Lead", {"7"}),
        ("?stage=Nothing", set()),
        ("?campaign=Spring", {"8"}),
        ("?status=Open&campaign=Spring", {"8"}),
        ("?source=Insites: contacts", {"7", "8"}),
        ("?source=Another", set()),
        ("?stage=%00", set()),
        ("?changed=1h", {"7", "8"}),
        ("?changed=nonsense", {"7", "8"}),
        ("?deleted__exact=1", set()),
        ("?q=bea", {"8"}),
        ("?q=ana@", {"7"}),
        ("?q=555 010 7788&stage=Won", {"8"}),
    ],
)
def test_filters_and_search_find(client: Client, source: Source, query: str, ids: set[str]) -> None:
    tell(source, "7")
    tell(source, "8", "Bea", email="bea@harbour.example", stage="Won", status="Open", campaign="Spring")
    assert listed(client, query) == ids


def test_only_what_changed_lately_is_found_as_changed(client: Client, source: Source) -> None:
    tell(source, "7")
    old = tell(source, "8")
    Change.objects.filter(record=old).delete()
    assert listed(client, "?changed=24h") == {"7"}


def test_a_system_is_filtered_by(client: Client, source: Source) -> None:
    tell(source, "7")
    tell(make_source("Other", system="Other CRM"), "9")
    assert listed(client, f"?system__id__exact={System.objects.get(name='Other CRM').pk}") == {"9"}


def test_filters_offer_what_there_is(client: Client, source: Source) -> None:
    tell(source, "7", stage="Enrolled")
    page = text(client.get(CONTACTS))
    assert '<option value="Enrolled"' in page
    assert 'name="campaign"' not in page
    assert 'name="stage"' not in text(client.get("/admin/automations/record/"))
    assert '<option value="Enrolled"' in text(client.get("/admin/automations/record/?type=Contact"))


def test_a_search_that_finds_too_much_says_so(
    client: Client, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("automations.search.FOUND", 1)
    tell(source, "7")
    assert "Only some are listed" in text(client.get(f"{CONTACTS}?q=ana"))


def test_hostile_values_are_inert(client: Client, source: Source) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    Column.objects.create(record_type="Contact", path="note", label=hostile)
    tell(source, "7", hostile, note=hostile, stage=hostile, email='"><script>@x.example')
    page = text(client.get(CONTACTS))
    assert hostile not in page
    assert "<script>@" not in page


def test_who_may_not_execute_or_choose_columns_sees_neither(source: Source) -> None:
    record = tell(source, "7")
    viewer = text(signed_in("automations.view_contact").get(CONTACTS))
    assert f"{CONTACTS}{record.pk}/execute/" not in viewer
    assert "choose_columns" not in viewer
    rights = ("automations.view_contact", "automations.execute_webhook", "automations.view_column")
    page = text(signed_in(*rights, name="bea").get(CONTACTS))
    assert f"{CONTACTS}{record.pk}/execute/" in page
    assert "choose_columns" in page


def test_a_deleted_record_is_marked(client: Client, source: Source) -> None:
    tell(source, "7")
    Record.objects.update(deleted=True)
    assert "Deleted" in text(client.get(CONTACTS))
    assert listed(client, "?deleted__exact=1") == {"7"}


def test_an_empty_list_names_the_next_step(client: Client) -> None:
    page = text(client.get(CONTACTS))
    assert "No contacts yet" in page
    assert 'href="/admin/webhooks_in/source/add/"' in page


@pytest.mark.parametrize("query", ["", "?stage=Lead&changed=24h", "?q=555 010 7788"])
def test_a_list_costs_the_same_for_two_records_and_for_fifty(client: Client, query: str) -> None:
    Column.objects.bulk_create(Column(record_type="Contact", path=path) for path in ("email", "phone", "ssn"))
    costs = []
    for count in (2, 50):
        people(count)
        costs.append(queries(client, CONTACTS + query))
    assert costs[0] == costs[1] <= 18


def people(count: int) -> None:
    """So many contacts, each changed once."""
    crm, _ = System.objects.get_or_create(name="Harbour CRM")
    records = Record.objects.bulk_create(
        Record(system=crm, type="Contact", external_id=str(new_id()), name="Ana", stage="Lead", fields=ANA)
        for _ in range(count)
    )
    Change.objects.bulk_create(Change(record=record, event="created") for record in records)


def test_no_list_counts_further_than_it_says(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webhooks_out.admin_log.COUNTED", 3)
    people(5)
    assert "more than" in text(client.get(CONTACTS))
    assert Contact.objects.count() == 5


def test_a_search_that_finds_nobody_says_what_is_searched(client: Client, source: Source) -> None:
    tell(source, "7")
    page = text(client.get(f"{CONTACTS}?q=nobody"))
    assert "No results found" in page
    assert "the end of a telephone" in page
    assert "No contacts yet" not in page


def test_an_empty_list_leads_nobody_where_they_may_not_go() -> None:
    page = text(signed_in("automations.view_contact").get(CONTACTS))
    assert "No contacts yet" in page
    assert "/admin/webhooks_in/source/add/" not in page
