"""What the brake holds, released and discarded in a real browser."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from tests.automations.test_braking import posting_rule, states, storm
from tests.staff import person

pytestmark = pytest.mark.alone
SignIn = Callable[[User], Page]


@pytest.fixture
def page(sign_in: SignIn) -> Page:
    """An administrator's browser on the home page, while seven runs are held."""
    posting_rule(1)
    storm(range(8))
    page = sign_in(person(superuser=True))
    page.goto("/admin/")
    return page


def test_the_first_are_released_for_a_try_and_the_others_discarded(page: Page) -> None:
    page.get_by_role("link", name="7 runs of Post to Dialer").click()
    expect(page.get_by_role("heading", name="The first of them")).to_be_visible()
    page.get_by_role("button", name="Release the first 5").click()
    page.get_by_role("button", name="Yes, release the first 5").click()
    expect(page.get_by_role("heading", name="2 runs held by the brake")).to_be_visible()
    page.get_by_role("button", name="Discard 2").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Yes, discard 2").press("Enter")
    expect(page.get_by_text("Nothing is held.")).to_be_visible()
    assert states() == ["done"] + ["waiting"] * 5 + ["cancelled"] * 2


def test_a_phone_shows_the_whole_page(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("link", name="7 runs of Post to Dialer").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
