"""The page of tags, for who may see it."""

import pytest
from django.test import Client

from automations.models import Record, System, Tag
from tests.staff import form_of, queries, signed_in, text
from tests.world import make_webhook
from webhooks_out.models import KeyValue

pytestmark = pytest.mark.django_db
TAGS = "/admin/automations/tag/"
LOOKER = ("automations.view_tag", "automations.view_contact")


@pytest.fixture
def ana() -> Record:
    system = System.objects.create(name="CRM")
    fields = {"first_name": "<b>Ana</b>", "budget": {"rent": "1100"}}
    return Record.objects.create(system=system, type="Contact", external_id="7", name="Ana", fields=fields)


def test_the_page_shows_meaning_field_and_value(ana: Record) -> None:
    page = text(signed_in(*LOOKER).get(TAGS))
    for words in (
        "{FIRSTNAME}",
        "First name",
        "first_name",
        "&lt;b&gt;Ana&lt;/b&gt;",
        "{BUDGET_RENT}",
        "1100",
    ):
        assert words in page
    assert "Add a tag" not in page


def test_the_budget_fields_have_a_page(ana: Record) -> None:
    page = text(signed_in(*LOOKER).get(f"{TAGS}?group=budget"))
    assert "<title> Budget fields" in " ".join(page.split())
    assert "budget.rent" in page
    assert "{FIRSTNAME}" not in page


def test_another_record_can_be_chosen(ana: Record) -> None:
    other = Record.objects.create(
        system=ana.system, type="Contact", external_id="8", fields={"first_name": "Bo"}
    )
    client = signed_in(*LOOKER)
    assert '<td data-label="Value">Bo</td>' in text(client.get(f"{TAGS}?record={other.pk}"))
    assert "&lt;b&gt;Ana&lt;/b&gt;" in text(client.get(f"{TAGS}?record={ana.pk}"))


@pytest.mark.parametrize("record", ["0", "x", "9" * 30, "²"])
def test_a_record_that_is_none_is_passed_over(ana: Record, record: str) -> None:
    assert "{FIRSTNAME}" in text(signed_in(*LOOKER).get(f"{TAGS}?record={record}"))


def test_who_may_not_see_records_sees_no_values(ana: Record) -> None:
    assert "Ana" not in text(signed_in("automations.view_tag").get(TAGS))


def test_who_may_see_companies_sees_no_contact(ana: Record) -> None:
    client = signed_in("automations.view_tag", "automations.view_company")
    assert "Ana" not in text(client.get(f"{TAGS}?record={ana.pk}"))


def test_who_may_not_see_tags_is_kept_out() -> None:
    assert signed_in("automations.view_contact").get(TAGS).status_code == 403


def test_webhooks_are_named_to_who_may_see_them() -> None:
    KeyValue.objects.create(
        webhook=make_webhook("https://d.example/", "Our dialer"), key="k", kind="text", value="{CITY}"
    )
    assert "Our dialer" in text(signed_in(*LOOKER, "webhooks_out.view_webhook").get(TAGS))
    page = text(signed_in(*LOOKER, name="bo").get(TAGS))
    assert "Our dialer" not in page
    assert "1 webhook" in page


def test_nothing_found_names_the_next_step() -> None:
    page = text(signed_in(superuser=True).get(f"{TAGS}?q=nothing-like-it"))
    assert "No tag matches “nothing-like-it”" in page
    assert "add one" in page


def test_more_tags_take_no_more_queries(ana: Record) -> None:
    client = signed_in(superuser=True)
    before = queries(client, TAGS)
    Tag.objects.bulk_create(Tag(name=f"T{number}", path="a") for number in range(50))
    assert queries(client, TAGS) == before


def add(client: Client, **entered: str) -> str:
    """The page after a new tag was sent."""
    url = f"{TAGS}add/"
    return text(client.post(url, form_of(client, url, **entered), follow=True))


def test_a_budget_tag_is_added() -> None:
    client = signed_in(superuser=True)
    assert 'value="budget."' in text(client.get(f"{TAGS}add/?group=budget"))
    add(client, name="BUDGET_BOAT", path="budget.boat", group="budget", label="Boat")
    assert Tag.objects.get(name="BUDGET_BOAT").label == "Boat"


def test_a_budget_tag_that_leads_elsewhere_is_refused() -> None:
    page = add(signed_in(superuser=True), name="BUDGET_BOAT", path="boat", group="budget")
    assert "begins with budget." in page
    assert not Tag.objects.filter(name="BUDGET_BOAT").exists()
