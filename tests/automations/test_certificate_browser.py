"""A certificate template is built and previewed, and a certificate voided, with a mouse and a keyboard."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from playwright.sync_api import Page, expect

from automations.models import Certificate, CertificateTemplate
from tests.automations.certified import image, make_certificate_rule, make_template
from tests.staff import person
from tests.world import make_source, post, update, work

pytestmark = pytest.mark.alone
SignIn = Callable[[User], Page]
TEMPLATES = "/admin/automations/certificatetemplate/"


@pytest.fixture
def page(sign_in: SignIn, settings: Any, tmp_path: Path) -> Page:
    """An administrator's browser, beside a contact and the standard tags."""
    settings.MEDIA_ROOT = tmp_path
    import_module("automations.migrations.0004_tag_groups").seed(apps, SimpleNamespace(connection=connection))
    post(make_source(), update({"visits": 1}))
    work()
    return sign_in(person(superuser=True))


def test_a_template_is_built_previewed_and_saved(page: Page) -> None:
    page.goto(TEMPLATES)
    page.get_by_role("link", name="Write a template").click()
    page.get_by_label("Title").fill("Level 3")
    page.get_by_label("Orientation").select_option("Portrait")
    page.get_by_label("Body").fill("Well done, {FIRSTNAME}")
    logo = {"name": "logo.png", "mimeType": "image/png", "buffer": image()}
    page.locator("input[name=new_logo]").set_input_files([logo])
    page.get_by_label("With the values of").select_option(label="Contact 7 · Ana Lopez")
    with page.context.expect_event("response", lambda answer: answer.url.endswith("/preview/")) as answered:
        page.get_by_role("button", name="Preview as PDF").click()
    assert answered.value.headers["content-type"] == "application/pdf"
    assert not CertificateTemplate.objects.exists()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#result_list").get_by_role("link", name="Level 3")).to_be_visible()
    assert CertificateTemplate.objects.get().logo


def test_enter_saves_and_does_not_preview(page: Page) -> None:
    page.goto(f"{TEMPLATES}add/")
    page.get_by_label("Title").fill("Level 4")
    page.get_by_label("Title").press("Enter")
    expect(page.locator("#result_list").get_by_role("link", name="Level 4")).to_be_visible()


def test_a_certificate_is_voided_with_a_reason(page: Page) -> None:
    make_template()
    make_certificate_rule()
    post(make_source("More"), update({"visits": 2}))
    work()
    page.goto("/admin/automations/certificate/")
    page.get_by_role("link", name=Certificate.objects.get().number).click()
    page.get_by_role("link", name="Void …").click()
    page.get_by_label("Reason").fill("Wrong name")
    page.get_by_role("button", name="Void 1 certificate").click()
    expect(page.get_by_text("Wrong name", exact=False).first).to_be_visible()
    page.goto(f"/certificates/{Certificate.objects.get().code}/")
    expect(page.get_by_role("heading", name="This certificate was voided")).to_be_visible()


def test_a_phone_shows_the_whole_page(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for path in (f"{TEMPLATES}add/", TEMPLATES, "/admin/automations/certificate/"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
