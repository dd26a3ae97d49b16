"""In a real browser: a list with errors, from the upload to the file of what was rejected."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

from automations.models import Record
from tests.staff import person
from tests.webhooks_in.imports.files import PEOPLE, table, upload, work
from tests.world import make_source
from webhooks_in.imports import controls
from webhooks_in.models import Import, SourceField

SignIn = Callable[[AbstractBaseUser], Page]


@pytest.fixture
def page(transactional_db: None, sign_in: SignIn) -> Page:
    """An administrator's window."""
    return sign_in(person(superuser=True))


def test_a_list_with_errors_is_imported_and_its_rejects_downloaded(page: Page, tmp_path: Path) -> None:
    source = make_source("Spring fair", dialect="key_values")
    SourceField.objects.create(source=source, key="mail", field="email", required=True)
    file = tmp_path / "fair.csv"
    file.write_bytes(table(*PEOPLE, ("4", "=Dee", "Nomail", "", "Lead"), ("2", *PEOPLE[1][1:])))
    page.goto("/admin/webhooks_in/import/add/")
    page.select_option("[name=source]", label="Spring fair")
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator("[name=field-1]")).to_have_value("first_name")
    page.fill("[name=field-4]", "lead_stage")
    page.locator("[name=field-4]").blur()
    expect(page.locator("#preview")).to_contain_text("lead_stage")
    page.get_by_role("button", name="Check all rows").click()
    load = Import.objects.get()
    work(load)
    expect(page.get_by_role("button", name="Import 3 rows")).to_be_visible()
    expect(page.get_by_text("The row lacks E-Mail, which the data source requires.")).to_be_visible()
    expect(page.get_by_text("Its record id is that of row 2, too.")).to_be_visible()
    assert not Record.objects.exists()
    page.get_by_role("button", name="Import 3 rows").click()
    expect(page.get_by_role("heading", name="Importing")).to_be_visible()
    work(load)
    expect(page.get_by_role("heading", name="Finished")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the rejected rows as CSV").click()
    assert "'=Dee" in Path(download.value.path()).read_text("utf-8-sig")
    page.get_by_role("link", name="Ana Lopez").click()
    expect(page.get_by_role("heading", name="Ana Lopez").first).to_be_visible()


def test_an_import_is_paused_resumed_and_cancelled(page: Page) -> None:
    load = upload(table())
    controls.try_out(load)
    work(load)
    page.goto(f"/admin/webhooks_in/import/{load.pk}/change/")
    page.get_by_role("button", name="Import 3 rows").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("heading", name="Paused")).to_be_visible()
    page.get_by_role("button", name="Resume the import").click()
    page.get_by_role("button", name="Cancel the rest").click()
    expect(page.get_by_text("Nothing was imported.")).to_be_visible()
    assert not Record.objects.exists()


@pytest.mark.parametrize("stage", ["mapping", "ready", "finished"])
def test_nothing_sticks_out_of_a_small_screen(page: Page, stage: str, tmp_path: Path) -> None:
    long = "a-heading-that-goes-on-and-on" * 4
    load = upload(table(("1", "and-a-value-without-any-blank" * 5), ("", "x"), headings=("id", long)))
    if stage != "mapping":
        controls.try_out(load)
        work(load)
    if stage == "finished":
        controls.start(load)
        work(load)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/admin/webhooks_in/import/{load.pk}/change/")
    expect(page.get_by_role("heading", name=re.compile("people.csv")).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
