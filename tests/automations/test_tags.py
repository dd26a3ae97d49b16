"""Tags as people find them."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from automations import tags
from automations.models import Record, System, Tag
from automations.tags import Shown
from tests.world import make_webhook
from webhooks_out.models import KeyValue

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Record:
    fields = {
        "first_name": "Ana",
        "ssn": "078-05-1120",
        "creditors": [{"name": "First Bank", "account": "4111"}],
        "budget": {"rent": "1100"},
    }
    return Record.objects.create(
        system=System.objects.create(name="CRM"), type="Contact", external_id="7", fields=fields
    )


def found(**options: Any) -> dict[str, Shown]:
    """Every tag shown, by its name."""
    return {one.tag.name: one for group in tags.groups(**options) for one in group.tags}


def test_every_tag_stands_in_its_group() -> None:
    assert [group.label for group in tags.groups()] == [
        "Contact",
        "Co-applicant",
        "Creditors",
        "Banking",
        "Budget",
        "System",
    ]
    assert len(found()) == Tag.objects.count()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("rent mortgage", {"BUDGET_RENT"}),
        ("c1_name", {"C#_NAME"}),
        ("budget.rent", {"BUDGET_RENT", "BUDGET_RENTAL_INCOME"}),
        ("co-applicant birth", {"CODOB"}),
        ("{firstname}", {"FIRSTNAME"}),
        ("no such thing", set()),
    ],
)
def test_a_tag_is_found_by_name_field_or_meaning(query: str, names: set[str]) -> None:
    assert set(found(query=query)) == names


def test_budget_fields_are_the_tags_of_the_budget() -> None:
    assert all(one.tag.path.startswith("budget.") for one in found(only="budget").values())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FIRSTNAME", "Ana"),
        ("C#_NAME", "First Bank"),
        ("BUDGET_RENT", "1100"),
        ("ID", "7"),
        ("LASTNAME", ""),
        ("CCF:*", ""),
        ("SSN", "••••••"),
        ("C#_ACCT", "••••••"),
    ],
)
def test_each_tag_shows_its_value_and_dots_for_what_is_sensitive(ana: Record, name: str, value: str) -> None:
    assert found(sample=ana)[name].value == value


@pytest.mark.parametrize(
    ("name", "written"),
    [("FIRSTNAME", "{FIRSTNAME}"), ("C#_NAME", "{C1_NAME}"), ("CCF:*", "{CCF:Custom field}")],
)
def test_a_tag_is_written_as_it_can_be_used(name: str, written: str) -> None:
    assert tags.written(name) == written


def test_each_tag_tells_which_webhooks_use_it() -> None:
    dialer, partner = (
        make_webhook("https://d.example/", "Dialer"),
        make_webhook("https://p.example/", "Partner"),
    )
    for webhook, text in ((dialer, "{FIRSTNAME} {C2_NAME}"), (partner, "{CCF:City}{FIRSTNAME}{FIRSTNAME}")):
        KeyValue.objects.create(webhook=webhook, key="k", kind="text", value=text)
    KeyValue.objects.create(webhook=partner, key="c", kind="constant", value="{LASTNAME}")
    used = {name: [use.title for use in one.uses] for name, one in found().items() if one.uses}
    assert used == {"FIRSTNAME": ["Dialer", "Partner"], "C#_NAME": ["Dialer"], "CCF:*": ["Partner"]}


def test_the_table_takes_a_few_queries(
    ana: Record, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(6):
        tags.groups(sample=ana)


def test_forms_offer_the_tags_by_group() -> None:
    assert tags.by_group()["Creditors"]["{C1_AMT}"] == "Debt"
