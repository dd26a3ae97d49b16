"""In a real browser: a lead form from its first click to a lead that is posted on, and a duplicate turned away."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from automations.models import Contact, Rule
from tests.receiver import Receiver, receiver
from tests.staff import person
from tests.world import make_webhook, work
from webhooks_in.models import Source
from webhooks_out.models import Delivery

__all__ = ["receiver"]
SignIn = Callable[[AbstractBaseUser], Page]


@pytest.fixture
def page(transactional_db: None, sign_in: SignIn, live_server: LiveServer, settings: Any) -> Page:
    """An administrator's window."""
    settings.PUBLIC_URL = live_server.url
    return sign_in(person(superuser=True))


def fill_rows(page: Page, prefix: str, button: str, *rows: dict[str, str]) -> None:
    """Adds rows by the button below the list."""
    for at, row in enumerate(rows):
        page.get_by_role("button", name=button).click()
        for name, value in row.items():
            page.fill(f"[name={prefix}-{at}-{name}]", value)


def set_up(page: Page) -> Source:
    """The lead form, made by hand."""
    page.goto("/admin/webhooks_in/source/add/")
    page.get_by_role("link", name="Web form or posting URL").click()
    page.fill("[name=title]", "Lead form")
    page.select_option("[name=match_action]", "reject")
    page.select_option("[name=post_to]", label="Dialer")
    first, email = {"key": "firstname", "field": "first_name"}, {"key": "email", "field": "email"}
    fill_rows(page, "field_map", "Add a key", first, email)
    page.check("[name=field_map-1-required]")
    fill_rows(page, "constants", "Add a constant", {"field": "campaign", "value": "Spring"})
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="Auto-post: Lead form → Dialer")).to_be_visible()
    return Source.objects.get()


def sample_string(page: Page) -> str:
    """What the button of the posting instructions copies."""
    page.locator("main, #main, body").first.get_by_role("link", name="Posting instructions").first.click()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the sample string").click()
    expect(page.locator("#copied-note")).to_have_text("Copied.")
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_a_lead_form_from_its_first_click_to_a_posted_lead(
    page: Page, receiver: Callable[..., Receiver]
) -> None:
    dialer = receiver(200)
    make_webhook(dialer.url, pairs={"name": "first_name", "campaign": "campaign"})
    source = set_up(page)
    sample = sample_string(page)
    assert sample.startswith(f"{page.url.partition('/admin/')[0]}{source.path}?firstname=Ana&email=")

    created = requests.get(sample, timeout=30)
    lead = Contact.objects.get()
    assert (created.status_code, created.json()["status"]) == (200, "created")
    assert created.json()["id"] == lead.external_id
    assert (lead.name, lead.campaign) == ("Ana", "Spring")
    url, _, query = sample.partition("?")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    rejected = requests.post(url, query.replace("L-1001", "L-2"), headers=form, timeout=30).json()
    assert rejected["status"] == "rejected"
    assert lead.external_id in rejected["reason"]
    assert requests.post(url, {"firstname": "Ben"}, timeout=30).json()["reason"].startswith("The post lacks")

    work()
    dialer.wait_for(1)
    assert Delivery.objects.get().state == "done"
    [[(body, _)]] = dialer.requests.values()
    assert body == b"name=Ana&campaign=Spring"
    assert Contact.objects.count() == 1
    page.goto(f"/admin/webhooks_in/source/{source.pk}/change/")
    expect(page.get_by_role("heading", name="Last samples")).to_be_visible()


def test_what_only_posting_urls_ask_is_shown_for_them_only(page: Page) -> None:
    page.goto("/admin/webhooks_in/source/add/?kind=crm")
    expect(page.locator("[name=match_field]")).to_be_hidden()
    expect(page.locator("#field_map-group")).to_be_hidden()
    page.goto("/admin/webhooks_in/source/add/?kind=form")
    expect(page.locator("[name=match_action]")).to_be_visible()
    page.fill("[name=match_field]", "")
    expect(page.locator("[name=match_action]")).to_be_hidden()
    page.get_by_role("button", name="Add a key").click()
    page.locator("#field_map-group summary").filter(visible=True).click()
    expect(page.locator("[name=field_map-0-default]")).to_be_hidden()
    page.select_option("[name=field_map-0-missing]", "default")
    expect(page.locator("[name=field_map-0-default]")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_of_a_lead_form_fits_the_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/admin/webhooks_in/source/add/?kind=form")
    page.fill("[name=title]", "Lead form")
    fill_rows(page, "field_map", "Add a key", {"key": "firstname", "field": "first_name"})
    fill_rows(page, "constants", "Add a constant", {"field": "campaign", "value": "Spring"})
    assert fits(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="The sender posts to this URL")).to_be_visible()
    assert fits(page)
    page.goto(f"/admin/webhooks_in/source/{Source.objects.get().pk}/instructions/")
    assert fits(page)
    assert not Rule.objects.exists()


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
