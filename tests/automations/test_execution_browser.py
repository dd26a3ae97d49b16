"""“Execute webhook” in a real browser: at once or by a worker, once however often one clicks, failures told."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

from automations.models import Record, System
from tests.receiver import Receiver, receiver
from tests.staff import person
from tests.test_mass_posts import Start
from tests.webhooks_out.test_sender import Listen
from tests.world import ANA, make_webhook
from webhooks_out.models import Delivery, Webhook

__all__ = ["receiver"]
LIST = "/admin/automations/contact/"
PAIRS = {"fname": "first_name", "phone": "phone"}
TELEPHONE = {"width": 390, "height": 844}  # pixels
SENT = b"fname=Ana&phone="


@pytest.fixture
def page(sign_in: Callable[[AbstractBaseUser], Page], transactional_db: None) -> Page:
    """A browser in which somebody who may execute webhooks is signed in, on the list of contacts."""
    fields = {**ANA, "first_name": "Ana", "phone": ""}
    Record.objects.create(
        system=System.objects.create(name="Harbour CRM"),
        type="Contact",
        external_id="7",
        name="Ana Lopez",
        fields=fields,
    )
    permissions = ("automations.view_contact", "automations.execute_webhook", "webhooks_out.view_delivery")
    page = sign_in(person(*permissions))
    page.goto(LIST)
    return page


def make_hook(server: Receiver, mode: str, **options: object) -> Webhook:
    """A webhook to the dialer that was told to `server`."""
    return make_webhook(server.url, title="Dialer", pairs=PAIRS, mode=mode, **options)


def look(page: Page) -> None:
    """From the list to the preview of the only webhook there is."""
    page.get_by_role("link", name="Execute a webhook on Ana Lopez").click()
    expect(page.get_by_role("heading", name="2. Look at what is sent")).to_be_visible()


def bodies(server: Receiver) -> list[bytes]:
    """What arrived."""
    return [body for requests in server.requests.values() for body, _ in requests]


def test_an_inline_webhook_shows_the_answer(page: Page, receiver: Listen) -> None:
    server = receiver(200)
    make_hook(server, Webhook.Mode.INLINE)
    look(page)
    expect(page.locator("#content")).to_contain_text("fname = Ana")
    expect(page.locator("#content")).to_contain_text("Data is missing")
    page.get_by_role("button", name="Execute: post 1 contact").click()
    expect(page.locator("#progress")).to_contain_text("the receiver answered 200")
    assert bodies(server) == [SENT]
    page.get_by_role("link", name="Back to Ana Lopez").click()
    expect(page.locator("#timeline")).to_contain_text("Dialer")


def test_an_inline_webhook_that_fails_says_why(page: Page, receiver: Listen) -> None:
    make_hook(receiver(404), Webhook.Mode.INLINE)
    look(page)
    page.get_by_role("button", name="Execute: post 1 contact").click()
    expect(page.locator("#progress")).to_contain_text("the receiver answered 404")
    expect(page.locator("#progress")).to_contain_text("Failed")


def test_a_background_webhook_is_followed_through_a_failure_to_its_end(
    page: Page, receiver: Listen, start: Start
) -> None:
    server = receiver(500, 200)
    make_hook(server, Webhook.Mode.BACKGROUND, schedule="2, 2")
    look(page)
    page.get_by_role("button", name="Execute: post 1 contact").click()
    expect(page.locator("#progress")).to_contain_text("Waiting")
    start("hub", "--only", "workers")
    expect(page.locator("#progress")).to_contain_text("the receiver answered 500", timeout=30_000)
    expect(page.locator("#progress")).to_contain_text("Attempt 2: the receiver answered 200", timeout=30_000)
    assert bodies(server) == [SENT, SENT]
    assert len(server.requests) == 1


def test_a_double_click_sends_once(page: Page, receiver: Listen) -> None:
    server = receiver(200)
    make_hook(server, Webhook.Mode.INLINE)
    look(page)
    page.get_by_role("button", name="Execute: post 1 contact").dblclick()
    expect(page.locator("#progress")).to_contain_text("the receiver answered 200")
    assert (server.total, Delivery.objects.count()) == (1, 1)


def test_it_is_done_by_keyboard_on_a_telephone(page: Page, receiver: Listen) -> None:
    server = receiver(200)
    make_hook(server, Webhook.Mode.INLINE)
    page.set_viewport_size(TELEPHONE)
    page.get_by_role("link", name="Execute a webhook on Ana Lopez").press("Enter")
    page.get_by_role("button", name="Execute: post 1 contact").press("Enter")
    expect(page.locator("#progress")).to_contain_text("the receiver answered 200")
    assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE["width"]
    assert server.total == 1
