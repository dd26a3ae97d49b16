"""A rule that writes a record is built by clicking, on one page."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from automations.models import Action, Tag
from tests.staff import person

pytestmark = pytest.mark.alone
SignIn = Callable[[User], Page]


@pytest.fixture
def page(sign_in: SignIn) -> Page:
    """An administrator's browser on the form of a new rule."""
    page = sign_in(person(superuser=True))
    page.goto("/admin/automations/rule/add/")
    page.get_by_label("Name", exact=False).first.fill("Count the visits")
    return page


def test_a_rule_that_counts_is_built_and_reads_as_a_sentence(page: Page) -> None:
    page.locator("#id_actions-0-kind").select_option("update_record")
    field = page.locator("#id_actions-0-options-update_record-field")
    expect(field).to_have_attribute("list", "rule-fields")
    field.fill("visits")
    page.locator("#id_actions-0-options-update_record-how").select_option("increment")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("count visits up by 1")).to_be_visible()
    assert Action.objects.get().options == {"field": "visits", "how": "increment"}


def test_a_rule_that_makes_a_task_is_built(page: Page) -> None:
    # The tags there are from the start may be gone: tests with real transactions empty every table.
    Tag.objects.get_or_create(name="FIRSTNAME", defaults={"path": "first_name"})
    page.locator("#id_actions-0-kind").select_option("create_record")
    expect(page.locator("#id_actions-0-options-update_record-field")).to_be_hidden()
    page.locator("#id_actions-0-options-create_record-title").fill("Call {FIRSTNAME}")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("create a Task “Call {FIRSTNAME}”")).to_be_visible()


def test_the_brake_is_folded_until_it_is_asked_for(page: Page) -> None:
    runs = page.get_by_label("At most this many runs")
    expect(runs).to_be_hidden()
    page.get_by_text("Brake", exact=True).click()
    expect(runs).to_have_value("1000")
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("#id_actions-0-kind").select_option("update_record")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
