"""In a real browser: from a rule to why it did not fire for one record, on every screen."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

from tests.automations.actions.acting import rule_that, tell
from tests.staff import person

pytestmark = [pytest.mark.alone, pytest.mark.django_db(transaction=True)]
WIDER = "document.documentElement.scrollWidth > window.innerWidth"


@pytest.mark.parametrize("width", [390, 1280])
def test_a_rule_says_why_it_did_not_fire(sign_in: Callable[[AbstractBaseUser], Page], width: int) -> None:
    rule = rule_that("notify_staff", ("stage", "equals", "Lead"), name="Welcome")
    tell("7", first_name="Ana", stage="Lead")
    tell("8", "Company", name="Anaconda", stage="Lead" * 30)
    page = sign_in(person(superuser=True))
    page.goto(f"/admin/automations/rule/{rule.pk}/change/")
    page.locator("a[href$='/why/']:visible").first.click()
    page.set_viewport_size({"width": width, "height": 900})
    expect(page.get_by_text("Looked through 1 change of the type Contact")).to_be_visible()
    page.get_by_label("Look for one record or change").fill("ana")
    page.keyboard.press("Enter")
    expect(page.get_by_text("it is for records of the type Contact, and this is a Company")).to_be_visible()
    assert not page.evaluate(WIDER)
    page.get_by_role("link", name="Did not fire").click()
    expect(page.get_by_text("None of the 1 change looked through.")).to_be_visible()
