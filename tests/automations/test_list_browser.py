"""In a real browser: the contact list fits every screen, whatever stands in it, and is worked with by keyboard."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

from automations import engine, matching
from automations.changes import RecordUpdate
from automations.models import Column, System
from automations.records import Heard
from tests.staff import person

pytestmark = pytest.mark.django_db(transaction=True)
CONTACTS = "/admin/automations/contact/"
WIDER = "document.documentElement.scrollWidth > window.innerWidth"


@pytest.fixture
def page(sign_in: Callable[[AbstractBaseUser], Page]) -> Page:
    crm = Heard(System.objects.create(name="Harbour CRM").pk, "A data source with a rather long title")
    for number, name in enumerate(["Ana Lopez", "Bea " + "Featherstonehaugh-" * 8, "Chidi Okafor"]):
        fields = {
            "name": name,
            "email": f"{'person' * 9}{number}@harbour.example",
            "stage": "Lead",
            "note": "x" * 900,
        }
        update = RecordUpdate("Contact", str(number), "created", fields, complete=True, changes=None)
        engine.handle(update, crm, matching.rules())
    return sign_in(person(superuser=True))


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("paths", [[], ["email", "stage", "note", "name", "a", "b", "c"]])
def test_the_list_is_no_wider_than_the_screen(page: Page, width: int, paths: list[str]) -> None:
    Column.objects.bulk_create(Column(record_type="Contact", path=path) for path in paths)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(CONTACTS)
    execute = page.get_by_role("link", name="Execute a webhook on Chidi Okafor")
    expect(execute).to_be_visible()
    assert not page.evaluate(WIDER)
    page.evaluate("window.scrollTo(0, 500)")
    expect(execute).to_be_in_viewport()


def test_a_search_needs_no_mouse(page: Page) -> None:
    page.goto(CONTACTS)
    page.keyboard.press("/")
    page.keyboard.type("okafor")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Chidi Okafor")).to_be_visible()
    expect(page.get_by_text("Ana Lopez")).not_to_be_visible()


def test_the_fields_that_were_seen_are_offered_as_columns(page: Page) -> None:
    page.goto(CONTACTS)
    page.locator("a[href*=choose_columns]").click()
    expect(page.locator("#column-fields option[value=note]")).to_have_count(1)
    page.get_by_label("Field").fill("note")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto(CONTACTS)
    expect(page.get_by_title("x" * 100).first).to_be_attached()
