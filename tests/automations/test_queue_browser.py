"""In a real browser: the queue fits every screen, many actions are cancelled with three clicks, one held with two."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

from automations.models import Run
from tests.automations.test_queue_admin import LIST, held, pending
from tests.staff import person
from tests.world import make_rule, make_webhook

pytestmark = pytest.mark.django_db(transaction=True)
WIDER = "document.documentElement.scrollWidth > window.innerWidth"


@pytest.mark.parametrize("width", [390, 1280])
def test_pending_actions_are_cancelled_by_clicking(
    sign_in: Callable[[AbstractBaseUser], Page], width: int
) -> None:
    rule = make_rule(
        make_webhook("http://127.0.0.1:9/"), name="A rule with a rather long name " * 3, delay=60
    )
    pending(rule, 2)
    page = sign_in(person(superuser=True))
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(LIST)
    expect(page.get_by_text("P0", exact=True)).to_be_visible()
    assert not page.evaluate(WIDER)
    for box in page.locator("input.action-select").all():
        box.check()
    page.locator('select[name="action"]').select_option("cancel_selected")
    page.get_by_role("button", name="Run").or_(page.get_by_role("button", name="Go")).first.click()
    expect(page.get_by_role("button", name="Cancel: 2 actions")).to_be_visible()
    assert not page.evaluate(WIDER)
    page.get_by_role("button", name="Cancel: 2 actions").click()
    expect(page.get_by_text("2 cancelled.")).to_be_visible()
    expect(page.get_by_text("Nothing is pending")).to_be_visible()
    assert set(Run.objects.values_list("state", flat=True)) == {"cancelled"}


def test_one_action_is_held_from_its_row(sign_in: Callable[[AbstractBaseUser], Page]) -> None:
    rule = make_rule(make_webhook("http://127.0.0.1:9/"), delay=60)
    first, second = pending(rule, 2)
    page = sign_in(person(superuser=True))
    page.goto(LIST)
    page.get_by_role("row", name="P1").get_by_role("link", name="Hold").press("Enter")
    page.get_by_role("button", name="Hold: 1 action").click()
    expect(page.get_by_text("1 held.")).to_be_visible()
    assert [Run.objects.get(pk=run.pk).state for run in (first, second)] == ["waiting", "held"]


def test_a_long_reason_is_shown_whole_on_a_telephone(sign_in: Callable[[AbstractBaseUser], Page]) -> None:
    held(
        make_rule(make_webhook("http://127.0.0.1:9/"), delay=60),
        reason="The e-mail was held for a reason. " * 6,
    )
    page = sign_in(person(superuser=True))
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(LIST)
    cell = page.locator("td.field-why")
    expect(cell).to_contain_text("for a reason.")
    assert cell.evaluate("cell => cell.scrollHeight <= cell.clientHeight")
