"""What a role cannot do it neither sees in a real browser nor gets by posting straight to where others do it."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

from automations.models import Batch
from tests.premises import furnish, in_role
from webhooks_out.models import Delivery

SignIn = Callable[[AbstractBaseUser], Page]
CONTACT = "/admin/automations/contact/"
# What is tried on the first contact: the address below its list, and the role that is the first to see it.
TRIED = {"{pk}/execute/": "Operator", "{pk}/edit/": "Operator", "mass-post/": "Mass poster"}
RANKS = ("Viewer", "Operator", "Mass poster")


def posted(page: Page, url: str) -> int:
    """The status of a direct POST by who is signed in, with a valid CSRF token of theirs."""
    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    form = {"csrfmiddlewaretoken": token, "webhook": "1", "first_name": "Mallory"}
    origin = page.url.split("/admin/", maxsplit=1)[0]
    answer = page.request.post(url, form=form, headers={"Referer": page.url, "Origin": origin})
    return answer.status


@pytest.mark.parametrize("role", RANKS)
def test_a_role_sees_its_own_ways_and_gets_through_no_other(
    transactional_db: None, sign_in: SignIn, role: str
) -> None:
    contact = furnish()["contact"]
    page = sign_in(in_role(role))
    wrong = []
    for below, first in TRIED.items():
        may = RANKS.index(role) >= RANKS.index(first)
        page.goto(CONTACT if below.startswith("mass") else f"{CONTACT}{contact.pk}/change/")
        way = page.locator(f"a[href*='{below.format(pk=contact.pk)}']")
        wrong += [] if (way.count() > 0) == may else [f"sees {below}: {way.count()}"]
        page.goto("/admin/password_change/")
        refused = posted(page, CONTACT + below.format(pk=contact.pk)) == 403
        wrong += [] if refused != may else [f"posts to {below}"]
    assert not wrong


def test_a_viewer_posts_nothing_and_changes_nothing(transactional_db: None, sign_in: SignIn) -> None:
    things = furnish()
    before = (Batch.objects.count(), Delivery.objects.count(), dict(things["contact"].fields))
    page = sign_in(in_role("Viewer"))
    page.goto(CONTACT)
    expect(page.get_by_role("link", name="Mass post this list")).to_have_count(0)
    expect(page.locator("select[name=action]")).to_have_count(0)
    page.goto("/admin/password_change/")
    addresses = [
        f"{CONTACT}{things['contact'].pk}/execute/",
        f"{CONTACT}mass-post/",
        f"/admin/automations/batch/{things['batch'].pk}/confirm/",
        f"/admin/automations/rule/{things['rule'].pk}/change/",
        f"/admin/webhooks_out/delivery/{things['delivery'].pk}/send-again/",
        "/admin/webhooks_in/import/add/",
    ]
    assert [posted(page, address) for address in addresses] == [403] * len(addresses)
    things["contact"].refresh_from_db()
    assert (Batch.objects.count(), Delivery.objects.count(), things["contact"].fields) == before
