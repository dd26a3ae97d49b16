"""The pages of webhooks in a real browser: by mouse, by keyboard, and on a telephone."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

from tests.receiver import receiver
from tests.webhooks_out.pages import ADD, page_of
from tests.webhooks_out.test_admin_log import LIST, log
from tests.webhooks_out.test_health_admin import make_paused
from tests.webhooks_out.test_sender import Listen
from tests.world import make_webhook
from webhooks_out.models import Delivery, Webhook

__all__ = ["receiver"]
SignIn = Callable[[AbstractBaseUser], Page]
TELEPHONE = 390  # pixels


@pytest.fixture
def page_of_admin(sign_in: SignIn, admin_user: AbstractBaseUser) -> Page:
    """A browser in which the administrator is signed in."""
    return sign_in(admin_user)


def test_a_webhook_is_made_from_a_sample_tested_and_saved(page_of_admin: Page, receiver: Listen) -> None:
    page, server = page_of_admin, receiver(200)
    page.goto(ADD)
    page.get_by_label("Sample string").fill(f"{server.url}?firstname=Mike&state=CA")
    page.get_by_role("button", name="Split into URL and keys").click()
    expect(page.locator("#id_key_values-0-key")).to_have_value("firstname")
    page.fill("#id_key_values-0-value", "first_name")
    page.fill("#id_key_values-1-value", "state")
    page.get_by_role("button", name="Add a key").click()
    page.fill("[name=key_values-2-key]", "source")
    page.select_option("[name=key_values-2-kind]", "constant")
    page.fill("[name=key_values-2-value]", "hub")
    page.get_by_role("button", name="Send test").click()
    expect(page.locator("#trial")).to_contain_text("The receiver answered 200")
    expect(page.locator("#id_key_values-0-value")).to_have_value("first_name")
    assert Delivery.objects.get().body == b"firstname=Mike&state=CA&source=hub"
    page.fill("#id_title", "Partner")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    assert list(Webhook.objects.get().key_values.values_list("key", flat=True)) == [
        "firstname",
        "state",
        "source",
    ]


def test_a_row_shows_what_its_kind_needs(page_of_admin: Page, transactional_db: None) -> None:
    page = page_of_admin
    page.goto(page_of(make_webhook("https://a.example/", pairs={"a": "b"})))
    value, secret = page.locator("#id_key_values-0-value"), page.locator("[name=key_values-0-secret]")
    expect(value).to_be_visible()
    expect(secret).to_be_hidden()
    page.select_option("#id_key_values-0-kind", "secret")
    expect(value).to_be_hidden()
    expect(secret).to_be_visible()


def test_the_filters_open_by_keyboard(page_of_admin: Page, transactional_db: None) -> None:
    page = page_of_admin
    log(2)
    page.goto(LIST)
    page.get_by_role("button", name="Filters").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Apply Filters")).to_be_visible()


def test_no_page_is_wider_than_a_telephone(page_of_admin: Page, transactional_db: None) -> None:
    page = page_of_admin
    (delivery,) = log(1, url="https://a.example/" + "x" * 300, body=b"y" * 2000, reason="z" * 300)
    page.set_viewport_size({"width": TELEPHONE, "height": 844})
    hook = page_of(delivery.webhook)
    for url in ("/admin/", LIST, f"{LIST}{delivery.pk}/change/", hook, ADD, "/admin/webhooks_out/webhook/"):
        page.goto(url)
        assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE, url


def test_a_paused_webhook_is_seen_to_on_a_telephone(page_of_admin: Page, transactional_db: None) -> None:
    page, webhook = page_of_admin, make_paused()
    page.set_viewport_size({"width": TELEPHONE, "height": 844})
    page.goto(page_of(webhook))
    box = page.locator("details", has=page.locator("#id_breaker_after"))
    box.locator("summary").focus()
    page.keyboard.press("Enter")
    for name in ("rate", "rate_per", "order", "breaker_after", "disable_after"):
        expect(page.locator(f"#id_{name}")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE
    page.get_by_role("link", name="Resume sending now").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE
    page.get_by_role("button", name="Resume and send 1").click()
    expect(page.get_by_text("what waited is being sent")).to_be_visible()
    expect(page.get_by_role("link", name="Resume sending now")).to_have_count(0)


def test_the_curl_command_is_copied_or_selected(page_of_admin: Page, transactional_db: None) -> None:
    page = page_of_admin
    (delivery,) = log(1)
    page.goto(f"{LIST}{delivery.pk}/change/")
    page.get_by_text("As a curl command").click()
    button = page.locator("[data-copy=curl]")
    button.click()
    expect(button).not_to_have_text("Copy")
    assert page.evaluate("getSelection().toString()").startswith("curl -X POST")
