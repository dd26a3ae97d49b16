"""A mass post in a real browser, as somebody does it who has read nothing: three selected, then a list of 76."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

from automations.models import Batch, Record
from tests.automations.mass_posts.crowd import fresh, hurry, make_contacts, make_hook, work_on
from tests.receiver import Receiver, receiver
from tests.staff import person
from tests.webhooks_out.test_sender import Listen
from tests.world import send

__all__ = ["receiver"]
SignIn = Callable[[AbstractBaseUser], Page]
LIST = "/admin/automations/contact/"
TELEPHONE = 390  # pixels


@pytest.fixture
def page(sign_in: SignIn, transactional_db: None) -> Page:
    """A browser in which somebody who may mass post is signed in."""
    permissions = [f"automations.{name}" for name in ("view_contact", "mass_post", "view_batch")]
    return sign_in(person(*permissions, "webhooks_out.view_delivery", name="pia"))


@pytest.fixture
def server(receiver: Listen, transactional_db: None) -> Receiver:
    """The dialer, and its webhook."""
    listening = receiver(200)
    make_hook(listening.url)
    return listening


def latest() -> Batch:
    """The mass post that was made last."""
    return Batch.objects.latest("created_at")


def test_three_selected_contacts_are_posted(page: Page, server: Receiver) -> None:
    make_contacts(5)
    page.goto(LIST)
    for name in ("Person 1", "Person 3", "Person 5"):
        page.get_by_role("row", name=re.compile(f"{name}\\b")).get_by_role("checkbox").check()
    page.locator("select[name=action]").select_option(label="Mass post …")
    page.get_by_role("button", name="Run").click()
    page.get_by_role("button", name="Preview 3 contacts").click()
    expect(page.locator("#preview")).to_contain_text("Record 1 of 3")
    expect(page.locator("#preview")).to_contain_text("p5@harbour.example")
    page.get_by_role("button", name="Post 3 contacts").click()
    expect(page.locator("#live")).to_contain_text("To come")
    work_on(latest())
    expect(page.locator("#live")).to_contain_text("everything arrived")
    bodies = [body for requests in server.requests.values() for body, _ in requests]
    assert sorted(bodies) == [f"email=p{number}%40harbour.example".encode() for number in (1, 3, 5)]


def test_the_whole_list_is_looked_through_by_keyboard_and_posted(page: Page, server: Receiver) -> None:
    make_contacts(30)
    make_contacts(76, stage="Enrolled")
    Record.objects.filter(fields__stage="Enrolled").update(stage="Enrolled")
    page.goto(f"{LIST}?stage=Enrolled")
    page.get_by_role("link", name="Mass post this list").click()
    page.get_by_role("button", name="Preview 76 contacts").click()
    for number in (2, 3):
        page.get_by_role("link", name="Next record").press("Enter")
        expect(page.locator("#preview")).to_contain_text(f"Record {number} of 76")
    expect(page.get_by_role("link", name="Next record")).to_be_focused()
    expect(page.locator("#preview")).to_contain_text("p104@harbour.example")
    page.get_by_role("link", name="Previous record").click()
    expect(page.locator("#preview")).to_contain_text("Record 2 of 76")
    page.get_by_role("button", name="Post 76 contacts").click()
    expect(page.get_by_role("button", name="Cancel the rest of 76")).to_be_visible()
    work_on(latest())
    expect(page.locator("#live")).to_contain_text("everything arrived")
    assert latest().selection == "Contacts with stage Enrolled"
    assert server.total == 76


def test_it_is_paused_resumed_and_cancelled(
    page: Page, server: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("automations.mass_posts.steps.WINDOW", 4)
    make_contacts(12)
    page.goto(f"{LIST}mass-post/")
    page.get_by_role("button", name="Preview 12 contacts").click()
    page.get_by_role("button", name="Post 12 contacts").click()
    hurry(latest())
    send()
    expect(page.locator("#live")).to_contain_text(re.compile(r"Delivered\s+4"))
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("heading", name="Paused")).to_be_visible()
    page.get_by_role("button", name="Resume: post the other 8").click()
    page.get_by_role("button", name="Cancel the rest of 12").click()
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()
    work_on(latest())
    expect(page.get_by_role("button", name="Post the 8 that were left …")).to_be_visible()
    assert (fresh(latest()).stage, server.total) == ("cancelled", 4)


def test_no_page_is_wider_than_a_telephone(page: Page, server: Receiver) -> None:
    make_contacts(3, email="x" * 400)
    page.set_viewport_size({"width": TELEPHONE, "height": 844})

    def assert_fits() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE, page.url

    page.goto(f"{LIST}mass-post/")
    assert_fits()
    page.get_by_role("button", name="Preview 3 contacts").click()
    expect(page.locator("#preview")).to_contain_text("Record 1 of 3")
    assert_fits()
    page.get_by_role("button", name="Post 3 contacts").click()
    expect(page.locator("#live")).to_be_visible()
    assert_fits()
    work_on(latest())
    expect(page.locator("#live")).to_contain_text("everything arrived")
    assert_fits()
    page.goto("/admin/automations/batch/")
    assert_fits()
