"""A rule's page leads to why it did not fire: what it made of each change, to be filtered and searched."""

import pytest
from django.test import Client

from automations.models import Change, Rule
from tests.automations.actions.acting import rule_that, tell
from tests.staff import queries, signed_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return signed_in(superuser=True)


@pytest.fixture
def rule() -> Rule:
    """Whoever is a lead is welcomed: Ana, but not Bo."""
    made = rule_that("notify_staff", ("stage", "equals", "Lead"))
    tell("7", first_name="Ana", stage="Lead")
    tell("8", first_name="Bo", stage="Left")
    return made


def url(rule: Rule) -> str:
    return f"/admin/automations/rule/{rule.pk}/why/"


def test_the_rules_page_leads_there(client: Client, rule: Rule) -> None:
    assert url(rule) in text(client.get(f"/admin/automations/rule/{rule.pk}/change/"))


def test_each_change_has_its_words_and_the_page_says_how_far_it_looked(client: Client, rule: Rule) -> None:
    page = text(client.get(url(rule)))
    for words in (
        "Ana",
        "Bo",
        "stage was &#x27;Left&#x27;, wanted &#x27;Lead&#x27;",
        "Looked through 2 changes of the type Contact, which is all there are.",
        f"/admin/automations/change/{Change.objects.latest('id').pk}/change/",
    ):
        assert words in page, words


@pytest.mark.parametrize(("query", "shown", "hidden"), [("state=fired", "Ana", "Bo"), ("q=bo", "Bo", "Ana")])
def test_it_is_filtered_and_searched(client: Client, rule: Rule, query: str, shown: str, hidden: str) -> None:
    page = text(client.get(f"{url(rule)}?{query}"))
    assert f">{shown}</a>" in page
    assert f">{hidden}</a>" not in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("state=held", "Nothing that this rule started is held."),
        ("q=Carla", "or told nothing new, makes none"),
        ("before=00000000-0000-7000-8000-000000000000", "No change of a Contact came"),
        ("state=other&before=x", "Looked through 2"),
    ],
)
def test_what_is_not_there_is_said(client: Client, rule: Rule, query: str, words: str) -> None:
    assert words in text(client.get(f"{url(rule)}?{query}"))


def test_a_rule_that_is_gone_has_no_page(client: Client, rule: Rule) -> None:
    path = url(rule)
    Rule.objects.all().delete()
    for gone in (path, "/admin/automations/rule/abc/why/", "/admin/automations/rule/1%00/why/"):
        assert client.get(gone).status_code == 404


def test_it_costs_the_same_for_two_changes_and_for_twenty(client: Client, rule: Rule) -> None:
    few = queries(client, url(rule))
    for number in range(20):
        tell(f"more {number}", stage="Lead")
    assert queries(client, url(rule)) == few
