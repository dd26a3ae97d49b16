"""Tags and linked hubs as people use them, with a mouse and with a keyboard alone."""

from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from playwright.sync_api import Page, expect

from automations.models import Hub
from tests.staff import person

pytestmark = pytest.mark.alone
SignIn = Callable[[User], Page]


@pytest.fixture
def page(sign_in: SignIn) -> Page:
    """An administrator's browser; the standard tags are there again, which an earlier test's end took away."""
    seed = import_module("automations.migrations.0004_tag_groups").seed
    seed(apps, SimpleNamespace(connection=connection))
    return sign_in(person(superuser=True))


def test_a_budget_field_is_found_and_copied(page: Page) -> None:
    page.goto("/admin/automations/tag/")
    page.get_by_role("link", name="Budget fields").click()
    page.get_by_label("Find a tag").fill("rent or")
    page.get_by_label("Find a tag").press("Enter")
    tag = page.get_by_role("button", name="{BUDGET_RENT}")
    tag.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#copied-note")).to_have_text("Copied.")


def test_a_tag_is_added_where_it_is_missed(page: Page) -> None:
    page.goto("/admin/automations/tag/?group=budget&q=boat")
    page.get_by_role("link", name="Add a tag").click()
    page.get_by_label("Name").fill("BUDGET_BOAT")
    page.get_by_label("Path").fill("budget.boat")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto("/admin/automations/tag/?group=budget&q=boat")
    expect(page.get_by_role("button", name="{BUDGET_BOAT}")).to_be_visible()


def test_a_phone_shows_the_whole_page(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("tag/", "tag/?group=budget", "hub/add/"):
        page.goto(f"/admin/automations/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_link_that_does_not_work_says_why(page: Page) -> None:
    hub = Hub.objects.create(account="22", title="Partner", url="http://127.0.0.1:1/", secret="s" * 30)
    page.goto(f"/admin/automations/hub/{hub.pk}/change/")
    page.get_by_role("button", name="Test link").click()
    expect(page.locator("#hub-tested")).to_contain_text("Partner was not reached")
    expect(page.locator("#hub-tested")).to_be_in_viewport()
