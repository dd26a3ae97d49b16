"""What the brake holds is looked at, released or discarded by people who may, each order with its number, and noted."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from automations.models import Rule, Run
from tests.automations.test_braking import posting_rule, states, storm
from tests.staff import queries, signed_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return signed_in(superuser=True)


@pytest.fixture
def rule() -> Rule:
    """One of which seven runs are held."""
    made = posting_rule(1)
    storm(range(8))
    return made


def url(rule: Rule) -> str:
    return f"/admin/automations/rule/{rule.pk}/held/"


def order(name: str, number: int, **more: str) -> dict[str, str]:
    """What a button of the page sends."""
    return {"order": name, "number": str(number), "upto": str(Run.objects.latest("id").pk), **more}


def test_the_page_shows_the_first_and_offers_three_ways(client: Client, rule: Rule) -> None:
    page = text(client.get(url(rule)))
    for words in (
        "7 runs held",
        "Release all 7",
        "Release the first 5",
        "Discard 7",
        "Contact 1",
        "It would post this now",
    ):
        assert words in page, words


@pytest.mark.parametrize(
    ("name", "after", "note"),
    [
        ("release", ["done"] + ["waiting"] * 7, "Released 7"),
        ("first", ["done"] + ["waiting"] * 5 + ["held"] * 2, "Released 5"),
        ("discard", ["done"] + ["cancelled"] * 7, "Discarded 7"),
    ],
)
def test_an_order_is_confirmed_carried_out_and_noted(
    client: Client, rule: Rule, name: str, after: list[str], note: str
) -> None:
    number = int(note.rsplit(maxsplit=1)[-1])
    asked = text(client.post(url(rule), order(name, number)))
    assert f"{number} runs of" in asked
    assert states() == ["done"] + ["held"] * 7
    client.post(url(rule), order(name, number, confirmed="yes"))
    assert states() == after
    assert LogEntry.objects.get().change_message == f"{note} of the runs that the brake held."


def test_another_number_than_was_seen_does_nothing(client: Client, rule: Rule) -> None:
    page = text(client.post(url(rule), order("release", 6, confirmed="yes"), follow=True))
    assert "has changed since you looked" in page
    assert states() == ["done"] + ["held"] * 7


def test_pressing_twice_releases_once(client: Client, rule: Rule) -> None:
    said = order("release", 7, confirmed="yes")
    for _ in range(2):
        client.post(url(rule), said)
    assert LogEntry.objects.count() == 1


def test_who_may_only_look_orders_nothing(rule: Rule) -> None:
    viewer = signed_in("automations.view_run")
    assert "Release all" not in text(viewer.get(url(rule)))
    assert viewer.post(url(rule), order("release", 7, confirmed="yes")).status_code == 403
    assert states() == ["done"] + ["held"] * 7


def test_what_the_first_would_send_is_shown_to_who_may_see_its_record_only(rule: Rule) -> None:
    assert "The first of them" not in text(signed_in("automations.view_run").get(url(rule)))


@pytest.mark.parametrize("together", [False, True])
def test_what_is_held_of_a_rule_that_is_deleted_ends_with_it(
    client: Client, rule: Rule, together: bool
) -> None:
    if together:
        order = {"action": "delete_selected", "_selected_action": rule.pk, "post": "yes"}
        client.post("/admin/automations/rule/", order)
    else:
        client.post(f"/admin/automations/rule/{rule.pk}/delete/", {"post": "yes"})
    assert not Rule.objects.exists()
    assert states() == ["done"] + ["cancelled"] * 7


def test_an_empty_page_says_so(client: Client) -> None:
    assert "Nothing is held." in text(client.get(url(posting_rule(1))))
    assert client.get("/admin/automations/rule/0/held/").status_code == 404


def test_the_page_costs_the_same_for_many(client: Client, rule: Rule) -> None:
    few = queries(client, url(rule))
    storm(range(100, 150))
    assert queries(client, url(rule)) == few


def test_the_home_page_and_the_runs_own_page_lead_there(client: Client, rule: Rule) -> None:
    assert f'{url(rule)}">7 runs of' in text(client.get("/admin/"))
    run = Run.objects.filter(state="held")[0]
    assert url(rule) in text(client.get(f"/admin/automations/run/{run.pk}/change/"))


def test_the_brake_stands_in_the_form_of_the_rule(client: Client, rule: Rule) -> None:
    page = text(client.get(f"/admin/automations/rule/{rule.pk}/change/"))
    assert "At most this many runs" in page
    assert "Within minutes" in page
