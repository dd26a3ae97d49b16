"""A rule editor writes an e-mail and sees it before anybody gets it."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from automations.models import EmailTemplate, Record, System, Tag
from tests.staff import person
from tests.world import ANA

pytestmark = pytest.mark.alone
SignIn = Callable[[User], Page]


@pytest.fixture
def page(sign_in: SignIn) -> Page:
    Tag.objects.get_or_create(name="FIRSTNAME", defaults={"path": "first_name"})
    system = System.objects.create(name="Harbour CRM")
    Record.objects.create(system=system, type="Contact", external_id="7", name="Ana Lopez", fields=ANA)
    return sign_in(person(superuser=True))


def test_an_e_mail_is_written_seen_and_saved(page: Page) -> None:
    page.goto("/admin/automations/emailtemplate/add/")
    page.get_by_label("Title").fill("Welcome")
    page.locator("#id_to").fill("{email}")
    page.locator("#id_subject").fill("Welcome, {FIRSTNAME}")
    page.locator("#id_text").fill("Hello {FIRSTNAME}")
    page.locator("#id_html").fill("<h1>Hello <i>{FIRSTNAME}</i></h1>")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#email-subject")).to_have_text("Welcome, Ana")
    expect(page.locator("#email-text")).to_have_text("Hello Ana")
    expect(page.frame_locator("iframe[srcdoc]").get_by_role("heading")).to_have_text("Hello Ana")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    assert EmailTemplate.objects.get().subject == "Welcome, {FIRSTNAME}"


def test_a_phone_shows_the_whole_page(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/admin/automations/emailtemplate/add/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
