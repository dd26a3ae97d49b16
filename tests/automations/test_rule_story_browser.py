"""The certificate rule, built from nothing by clicking, and what it does; and what is voided is done once more."""

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

from automations.models import Action, Certificate, Record, Rule
from tests.automations.certified import TITLE, make_template, pdf_of, words_of
from tests.automations.letters import make_template as make_letter
from tests.mail_sink import Sink
from tests.staff import person
from tests.world import ANA, make_source, post, update, work
from webhooks_in.models import Source
from webhooks_out import definitions

pytestmark = [pytest.mark.alone, pytest.mark.parametrize("width", [1280, 390])]
SignIn = Callable[[User], Page]
STATUS = "level2_review_status"
RULES = "/admin/automations/rule/"
NARROW = 1024  # pixels; on less, orders are in a menu
WIDER = "document.documentElement.scrollWidth > window.innerWidth"


@pytest.fixture
def source(settings: Any, tmp_path: Path, live_server: Any) -> Source:
    """The CRM has told of Ana before; a certificate and a letter are written."""
    settings.MEDIA_ROOT = tmp_path
    import_module("automations.migrations.0004_tag_groups").seed(apps, SimpleNamespace(connection=connection))
    make_template()
    make_letter(
        title="Your certificate", attach="certificate", to="{EMAIL}", subject="Passed", text="Well done."
    )
    source = make_source()
    post(source, ANA)
    work()
    return source


@pytest.fixture
def page(sign_in: SignIn, width: int) -> Page:
    """An administrator's browser, as wide as a desk or a telephone."""
    page = sign_in(person(superuser=True))
    page.set_viewport_size({"width": width, "height": 900})
    return page


def test_the_certificate_rule_is_built_by_clicking_and_works(
    page: Page, source: Source, sink: Sink, width: int
) -> None:
    build(page)
    row = page.locator("#result_list").get_by_role("row").filter(has_text="Passed: certificate")
    expect(row).to_contain_text(
        f"and {STATUS} changed to Passed: issue “{TITLE}”, then e-mail “Your certificate”."
    )
    assert not page.evaluate(WIDER)
    post(source, update({STATUS: "Passed"}))
    work()
    page.goto(f"/admin/automations/contact/{Record.objects.get().pk}/change/")
    certificate = Certificate.objects.get()
    document = page.locator("#documents").get_by_role("link", name=certificate.document.name, exact=True)
    with page.expect_download() as download:
        document.click()
    assert "Ana Lopez" in words_of(Path(download.value.path()).read_bytes())
    assert sent(sink) == [pdf_of(certificate)]


def test_what_is_voided_with_a_reason_is_issued_and_sent_once_more(
    page: Page, source: Source, sink: Sink, width: int
) -> None:
    rule = Rule.objects.create(name="Passed: certificate")
    rule.conditions.create(field=STATUS, operator="changed_to", value="Passed")
    Action.objects.create(rule=rule, kind="issue_certificate", options={"template": TITLE})
    mail = {"kind": "send_email", "options": {"template": "Your certificate"}, "once_key": "letter:{id}"}
    Action.objects.create(rule=rule, position=1, **mail)
    definitions.touch()
    passes(source, "Anna")
    passes(source, "Ana")
    assert (Certificate.objects.count(), len(sink.arrived)) == (1, 1)
    void_certificate(page)
    void_key(page, "letter:7", width)
    passes(source, "Ana")
    passes(source, "Ana")
    first, second = Certificate.objects.order_by("sequence")
    assert (first.void_reason, second.void_reason) == ("Her name was misspelt", "")
    assert ("Anna Lopez" in words_of(pdf_of(first)), "Ana Lopez" in words_of(pdf_of(second))) == (True, True)
    assert sent(sink) == [pdf_of(first), pdf_of(second)]
    assert len({one.message["Message-ID"] for one in sink.arrived}) == 2
    page.goto(f"/admin/automations/contact/{Record.objects.get().pk}/change/")
    expect(page.locator("#documents")).to_contain_text(second.number)
    assert not page.evaluate(WIDER)


def passes(source: Source, first_name: str) -> None:
    """The review fails, and is passed in the end."""
    for status in ("Failed", "Passed"):
        post(source, update({STATUS: status}, first_name=first_name))
        work()


def void_certificate(page: Page) -> None:
    """By its page, from the list."""
    page.goto("/admin/automations/certificate/")
    page.get_by_role("link", name=Certificate.objects.get().number).click()
    page.locator("a[href$='/void/']:visible").first.click()
    page.get_by_label("Reason").fill("Her name was misspelt")
    page.get_by_role("button", name="Void 1 certificate").click()
    expect(page.get_by_text("Her name was misspelt").first).to_be_visible()
    assert not page.evaluate(WIDER)


def void_key(page: Page, key: str, width: int) -> None:
    """By its page, from the record's."""
    page.goto(f"/admin/automations/contact/{Record.objects.get().pk}/change/")
    page.get_by_role("link", name=key).click()
    expect(page.get_by_text("Done", exact=True)).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert not page.evaluate(WIDER)
    if width < NARROW:
        page.get_by_text("more_horiz").click()
    page.locator("a[href*='/void/']").filter(visible=True).first.click()
    page.get_by_label("Why may it happen again?").fill("Her name was misspelt")
    page.get_by_role("button", name="Void 1 key").click()
    expect(page.get_by_text("Her name was misspelt").first).to_be_visible()
    assert not page.evaluate(WIDER)


def sent(sink: Sink) -> list[bytes]:
    """What was attached to the e-mails that arrived."""
    return [part.get_content() for one in sink.arrived for part in one.message.iter_attachments()]


def build(page: Page) -> None:
    """From the empty list to the saved rule."""
    page.goto(RULES)
    page.get_by_role("link", name="Write a rule").click()
    page.get_by_label("Name").fill("Passed: certificate")
    field = page.locator("#id_conditions-0-field")
    field.press_sequentially("level2")
    offered = page.locator(f"#{field.get_attribute('list')} option[value^=level2]")
    assert offered.evaluate_all("options => options.map(option => option.value)") == [STATUS]
    field.fill(STATUS)
    page.locator("#id_conditions-0-operator").select_option("changed to")
    page.locator("#id_conditions-0-value").fill("Passed")
    act(page, 0, "Issue certificate", TITLE)
    page.get_by_role("link", name="Add another Action").click()
    act(page, 1, "Send e-mail", "Your certificate")
    assert not page.evaluate(WIDER)
    page.get_by_role("button", name="Save", exact=True).click()


def act(page: Page, number: int, kind: str, template: str) -> None:
    """Chooses what an action does; what another kind would ask for is not to be seen."""
    page.locator(f"#id_actions-{number}-kind").select_option(kind)
    page.locator(f"[name^='actions-{number}-options-'][name$='-template']:visible").select_option(template)
    expect(page.locator(f"#id_actions-{number}-webhook")).to_be_hidden()
