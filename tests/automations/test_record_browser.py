"""A record's page in a real browser: an edit that fires a rule, a document there and back, a telephone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

from automations.models import Document, Record, System
from tests.receiver import Receiver, receiver
from tests.world import ANA, make_rule, make_webhook, work
from webhooks_out import definitions

__all__ = ["receiver"]
TELEPHONE = {"width": 390, "height": 844}  # pixels
FIELDS = {
    **ANA,
    "ssn": "123-45-6789",
    "a_field_with_a_name_that_goes_on_and_on_for_ever": "and-a-value-without-any-blank" * 6,
    "creditors": [
        {"name": "First Bank", "account": "4111", "debt": 1200, "type": "Card", "holder": "Client"}
    ],
}


@pytest.fixture
def page(
    sign_in: Callable[[AbstractBaseUser], Page], admin_user: AbstractBaseUser, settings: Any, tmp_path: Path
) -> Page:
    """A browser in which the administrator is signed in."""
    settings.MEDIA_ROOT = tmp_path
    return sign_in(admin_user)


@pytest.fixture
def ana(db: None) -> Record:
    """Ana, as the CRM told of her."""
    system = System.objects.create(name="Harbour CRM")
    return Record.objects.create(
        system=system, type="Contact", external_id="7", name="Ana Lopez", fields=FIELDS
    )


def url(record: Record, page: str = "change") -> str:
    """The address of a page about the record."""
    return f"/admin/automations/contact/{record.pk}/{page}/"


def test_an_edit_fires_a_rule_and_the_timeline_tells_it(
    page: Page, ana: Record, receiver: Callable[..., Receiver]
) -> None:
    webhook = make_webhook(f"{receiver(200).url}echo", pairs={"fn": "first_name"})
    make_rule(webhook, ("stage", "changed_to", "Enrolled"), name="Enrolled: tell the dialer")
    definitions.touch()
    page.goto(url(ana))
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Stage", exact=True).fill("Enrolled")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("body")).to_contain_text("It started 1 rule: “Enrolled: tell the dialer”.")
    work()
    page.reload()
    story = page.locator(".story-change").first
    for words in (
        "Staff by admin",
        "stage",
        "Lead",
        "Enrolled",
        "Enrolled: tell the dialer",
        "answered 200",
        "User-Agent: Fieldhook",
    ):
        expect(story).to_contain_text(words)


def test_a_document_goes_there_and_back(page: Page, ana: Record, tmp_path: Path) -> None:
    letter = tmp_path / "Zoë’s letter.html"
    letter.write_bytes(b"<script>document.title = 'run'</script>")
    page.goto(url(ana))
    page.get_by_label("Files, up to 20 MB each").set_input_files(letter)
    page.get_by_role("button", name="Upload").click()
    link = page.locator("#documents").get_by_role("link", name="Zoë’s letter.html", exact=True)
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == "Zoë’s letter.html"
    assert Path(download.value.path()).read_bytes() == letter.read_bytes()
    page.get_by_role("link", name="Delete Zoë’s letter.html").click()
    page.get_by_role("button", name="Delete 1 document").click()
    expect(page.locator("body")).to_contain_text("was deleted")
    assert not Document.objects.exists()


def test_what_is_sensitive_is_shown_on_request_by_keyboard(page: Page, ana: Record) -> None:
    page.goto(url(ana))
    expect(page.locator("#content-main")).not_to_contain_text("6789")
    page.locator(".record-reveal").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#content-main")).to_contain_text("123-45-6789")


@pytest.mark.parametrize("which", ["change", "edit"])
def test_nothing_sticks_out_of_a_telephone(page: Page, ana: Record, which: str) -> None:
    page.set_viewport_size(TELEPHONE)  # type: ignore[arg-type] # - a mapping of the two sizes is one
    page.goto(url(ana, which))
    assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE["width"]
