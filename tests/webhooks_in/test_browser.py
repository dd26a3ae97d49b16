"""In a real browser: from a new source to a rule that was never typed by hand."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

from automations.models import Condition, Rule
from tests.staff import person
from tests.world import SECRET, make_source, make_webhook, post, update
from webhooks_in.models import Source

SignIn = Callable[[AbstractBaseUser], Page]


@pytest.fixture
def page(transactional_db: None, sign_in: SignIn) -> Page:
    """An administrator's window."""
    return sign_in(person(superuser=True))


def test_the_form_shows_what_the_choices_need(page: Page) -> None:
    page.goto("/admin/webhooks_in/source/add/")
    expect(page.locator("[name=secret]")).to_be_hidden()
    page.select_option("[name=preset]", "github")
    expect(page.locator("[name=secret]")).to_be_visible()
    expect(page.get_by_text("Paste the secret entered on the webhook.").first).to_be_visible()
    expect(page.locator("[name=scheme_header]")).to_be_hidden()
    page.select_option("[name=preset]", "custom")
    expect(page.locator("[name=scheme_header]")).to_be_visible()
    expect(page.locator("[name=scheme_body_path]")).to_be_hidden()
    page.select_option("[name=scheme_mode]", "token-equals")
    expect(page.locator("[name=scheme_body_path]")).to_be_visible()
    expect(page.get_by_text("or <Element> in XML")).to_be_visible()
    expect(page.locator("[name=scheme_content]")).to_be_hidden()
    page.select_option("[name=dialect]", "json")
    expect(page.locator("[name=path_items]")).to_be_visible()
    page.select_option("[name=dialect]", "insites")
    expect(page.locator("[name=path_items]")).to_be_hidden()
    expect(page.locator("#field_map-group")).to_be_hidden()


def test_who_may_only_look_sees_the_source_without_inputs(transactional_db: None, sign_in: SignIn) -> None:
    source = make_source(preset="github", secret=SECRET)
    page = sign_in(person("webhooks_in.view_source", "webhooks_in.view_receipt"))
    page.goto(f"/admin/webhooks_in/source/{source.pk}/change/")
    expect(page.get_by_role("heading", name="Last samples")).to_be_visible()
    expect(page.get_by_text("Custom verification")).to_have_count(0)
    expect(page.locator("form#source_form input:not([type=hidden])")).to_have_count(0)


def test_a_new_source_shows_its_url_and_copies_it(page: Page) -> None:
    page.goto("/admin/webhooks_in/source/add/")
    page.fill("[name=title]", "Insites: contacts")
    page.select_option("[name=dialect]", "insites")
    page.select_option("[name=preset]", "github")
    page.fill("[name=secret]", SECRET)
    page.get_by_role("button", name="Save", exact=True).click()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".incoming-url").get_by_role("button", name="Copy").click()
    expect(page.locator("#copied-note")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()").endswith(Source.objects.get().path)
    expect(page.get_by_text("Nothing was received yet.")).to_be_visible()


def test_a_field_of_a_sample_becomes_a_rule_by_clicks(page: Page) -> None:
    make_webhook("http://127.0.0.1:9/")
    source = make_source()
    post(source, update({"stage": "Enrolled"}))
    page.goto(f"/admin/webhooks_in/source/{source.pk}/change/")
    page.get_by_role("link", name="New rule on stage").click()
    page.fill("[name=name]", "Tell the dialer")
    page.select_option("[name=actions-0-webhook]", label="Dialer")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("stage changed to Enrolled: post to Dialer.")).to_be_visible()
    assert str(Condition.objects.get()) == "stage changed to Enrolled"


def test_an_operator_says_what_it_expects_and_hides_what_it_does_not_take(page: Page) -> None:
    page.goto("/admin/automations/rule/add/")
    page.select_option("[name=conditions-0-operator]", "between")
    page.focus("[name=conditions-0-value]")
    expect(page.get_by_text("Two numbers or dates, such as 10 and 20; both count.")).to_be_visible()
    page.select_option("[name=conditions-0-operator]", "is_empty")
    expect(page.locator("[name=conditions-0-value]")).to_be_hidden()
    page.get_by_text("Add another Condition").click()
    page.select_option("[name=conditions-1-operator]", "changed")
    expect(page.locator("[name=conditions-1-value]")).to_be_hidden()


def test_the_url_is_renewed_by_keyboard_after_a_question(page: Page) -> None:
    source = make_source()
    page.goto(f"/admin/webhooks_in/source/{source.pk}/change/")
    page.get_by_role("link", name="Renew the URL").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Renew the URL").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The source has a new URL")).to_be_visible()
    source.refresh_from_db()
    expect(page.locator(".incoming-url code")).to_contain_text(source.path)


@pytest.mark.parametrize(
    "url", ["webhooks_in/source/{}/change/", "automations/rule/add/", "automations/rule/"]
)
def test_nothing_sticks_out_of_a_small_screen(page: Page, url: str) -> None:
    source = make_source()
    post(source, update({"a_field_with_a_name_that_goes_on_and_on": "and-a-value-without-any-blank" * 4}))
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/admin/{url.format(source.pk)}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not Rule.objects.exists()
