"""In a real browser: a rule is filled in from nothing, tried on a record, gone on with and saved."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

from automations.models import Rule, Run
from tests.automations.actions.acting import tell
from tests.automations.rehearsal import add_action, enrol, furnish, rule_with
from tests.staff import person

pytestmark = pytest.mark.django_db(transaction=True)
ADD = "/admin/automations/rule/add/"
WIDER = "document.documentElement.scrollWidth > window.innerWidth"
SignIn = Callable[[AbstractBaseUser], Page]
WIDTHS = pytest.mark.parametrize("width", [390, 1280])


@pytest.fixture
def page(sign_in: SignIn, width: int) -> Page:
    found = sign_in(person(superuser=True))
    found.set_viewport_size({"width": width, "height": 900})
    return found


def fill_in(page: Page) -> None:
    """A rule with a condition and two actions, the second one later."""
    page.fill("#id_name", "Welcome the enrolled")
    page.fill("#id_conditions-0-field", "stage")
    page.select_option("#id_conditions-0-operator", "changed_to")
    page.fill("#id_conditions-0-value", "Enrolled")
    page.select_option("#id_actions-0-kind", "post_webhook")
    page.select_option("#id_actions-0-webhook", label="Dialer")
    page.get_by_role("link", name="Add another Action").click()
    page.select_option("#id_actions-1-kind", "send_email")
    page.select_option("[name=actions-1-options-send_email-template]", "Welcome")
    page.fill("#id_actions-1-delay", "3")
    page.select_option("#id_actions-1-delay_unit", "days")


@WIDTHS
def test_a_rule_from_nothing_is_tried_and_then_saved(page: Page, width: int) -> None:
    furnish()
    enrol()
    tell("8", first_name="Bo", last_name="Berg", stage="Lead")
    page.goto(ADD)
    fill_in(page)
    page.get_by_label("Find the record to try it on").press_sequentially("lop")
    expect(page.get_by_label("Bo Berg")).to_have_count(0)
    page.keyboard.press("Enter")
    page.get_by_label("Ana Lopez").check()
    page.get_by_role("button", name="Test run").click()
    result = page.locator("#trial")
    expect(result).to_contain_text("It would fire")
    expect(result).to_contain_text("1. Post to Dialer")
    expect(result).to_contain_text("Email = ana@harbour.example")
    expect(result).to_contain_text("2. After 3 days e-mail “Welcome”")
    expect(result).to_contain_text("Hello Ana, your stage is Enrolled.")
    assert not page.evaluate(WIDER)
    expect(page.locator("#id_conditions-0-value")).to_have_value("Enrolled")
    page.fill("#id_conditions-0-value", "Won")
    page.get_by_role("button", name="Test run").click()
    expect(result).to_contain_text("It would not fire: stage changed from 'Lead' to 'Enrolled'")
    page.fill("#id_conditions-0-value", "Enrolled")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    rule = Rule.objects.get()
    assert (rule.conditions.get().value, rule.actions.count(), Run.objects.count()) == ("Enrolled", 2, 0)


@WIDTHS
def test_a_backtest_leads_to_the_test_run_of_what_it_found(page: Page, width: int) -> None:
    webhook = furnish()
    enrol()
    rule = rule_with(("stage", "changed_to", "Won"))
    add_action(rule, "post_webhook", webhook)
    page.goto(f"/admin/automations/rule/{rule.pk}/change/")
    page.fill("#id_conditions-0-value", "Enrolled")
    page.get_by_role("button", name="Backtest").click()
    found = page.locator("#backtest")
    expect(found).to_contain_text("It would have fired 1 time on the last 2 changes")
    expect(found).to_contain_text("1 new, 0 lost")
    found.get_by_role("button", name="Test run: Ana Lopez").first.click()
    expect(page.locator("#trial")).to_contain_text("1. Post to Dialer")
    expect(found).to_contain_text("1 new, 0 lost")
    assert not page.evaluate(WIDER)
    expect(page.locator("#id_conditions-0-value")).to_have_value("Enrolled")
    assert Rule.objects.get().conditions.get().value == "Won"


@WIDTHS
def test_what_happens_to_a_record_follows_the_record_that_is_chosen(page: Page, width: int) -> None:
    furnish()
    enrol()
    tell("8", first_name="Bo", last_name="Berg", stage="Lead")
    page.goto(ADD)
    occasions = page.get_by_label("What happens to it")
    expect(occasions).to_contain_text("created: ")
    page.get_by_label("Ana Lopez").check()
    expect(occasions).to_contain_text("updated: stage")
    page.fill("#id_record_type", "Deal")
    page.keyboard.press("Tab")
    expect(page.locator("#trial-records")).to_contain_text("There is no record of the type “Deal” yet")


@WIDTHS
def test_what_was_found_opens_beside_the_form_and_choosing_changes_nothing(page: Page, width: int) -> None:
    webhook, asked = furnish(), []
    enrol()
    rule = rule_with(("stage", "changed_to", "Enrolled"))
    add_action(rule, "post_webhook", webhook)
    page.on("dialog", lambda dialog: (asked.append(dialog), dialog.accept()))
    page.goto(f"/admin/automations/rule/{rule.pk}/change/")
    page.get_by_label("What happens to it").select_option("created")
    page.get_by_role("button", name="Test run").click()
    with page.expect_popup() as beside:
        page.locator("#trial").get_by_role("link", name="Ana Lopez").click()
    assert "/record/" in beside.value.url
    page.goto("/admin/automations/rule/")
    assert not asked
