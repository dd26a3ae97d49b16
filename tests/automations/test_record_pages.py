"""The page of a record shows what is known in its sections, hides what is sensitive, and offers what is allowed."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from automations.models import Change, Record, System, Tag
from automations.timeline import PAGE
from tests.staff import person, queries, signed_in, text
from tests.world import ANA, make_rule, make_source, make_webhook, post, update, work
from webhooks_out import definitions
from webhooks_out.models import Attempt, Delivery

pytestmark = pytest.mark.django_db
FIELDS = {
    **ANA,
    "ssn": "123-45-6789",
    "rent": 900,
    "coapplicant": {"first_name": "Bo"},
    "creditors": [{"name": "First Bank", "account": "4111-2222"}],
    "bank": {"name": "Harbour Bank", "account": "7788"},
}
SECRETS = ("123-45-6789", "4111-2222", "7788")


@pytest.fixture
def ana(db: None) -> Record:
    """Ana, with everything a CRM knows of her."""
    system = System.objects.create(name="Harbour CRM")
    fields = {**FIELDS, "phone": "+1 555 010 1122"}
    return Record.objects.create(
        system=system, type="Contact", external_id="7", name="Ana Lopez", fields=fields
    )


def page_of(record: Record, model: str = "contact", page: str = "change") -> str:
    """The address of a page about a record."""
    return reverse(f"admin:automations_{model}_{page}", args=[record.pk])


def test_fields_stand_in_sections_with_dots_for_what_is_sensitive(ana: Record) -> None:
    Tag.objects.create(name="RENT", path="rent", group="budget", label="Monthly rent")
    page = text(signed_in("automations.view_contact").get(page_of(ana)))
    for words in (
        "System",
        "Custom",
        "Budget",
        "Co-applicant",
        "Creditors",
        "Bank",
        "Monthly rent",
        "First Bank",
    ):
        assert words in page
    assert "Enrollment plan" not in page
    assert not [secret for secret in SECRETS if secret in page]


def test_only_who_may_change_the_record_is_offered_to_look(ana: Record) -> None:
    viewer = signed_in("automations.view_contact")
    editor = signed_in("automations.view_contact", "automations.change_contact", name="eve")
    assert "record-reveal" not in text(viewer.get(page_of(ana)))
    assert "record-reveal" in text(editor.get(page_of(ana)))
    reveal = page_of(ana, page="reveal")
    assert viewer.post(reveal, {"path": "ssn"}).status_code == 403
    assert editor.get(reveal).status_code == 405
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("path", "value"),
    [("ssn", "123-45-6789"), ("creditors.0.account", "4111-2222"), ("bank.account", "7788")],
)
def test_a_look_is_answered_and_stands_in_the_history(ana: Record, path: str, value: str) -> None:
    editor = signed_in("automations.view_contact", "automations.change_contact")
    assert value in text(editor.post(page_of(ana, page="reveal"), {"path": path}))
    assert f"Looked at {path}." in str(LogEntry.objects.get().change_message)


@pytest.mark.parametrize("path", ["stage", "nonsense.ssn", "", "creditors"])
def test_nothing_else_is_handed_out_by_a_look(ana: Record, path: str) -> None:
    assert signed_in(superuser=True).post(page_of(ana, page="reveal"), {"path": path}).status_code == 404


def test_a_look_at_a_record_of_another_type_is_no_way_round(ana: Record) -> None:
    editor = signed_in("automations.view_company", "automations.change_company")
    assert editor.post(page_of(ana, "company", "reveal"), {"path": "ssn"}).status_code == 404
    assert editor.post(page_of(ana, "contact", "reveal"), {"path": "ssn"}).status_code == 403


def test_a_look_needs_the_csrf_token(ana: Record) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person(superuser=True))
    assert client.post(page_of(ana, page="reveal"), {"path": "ssn"}).status_code == 403


def test_sensitive_values_are_dots_wherever_changes_are_told(db: None) -> None:
    post(make_source(), update({"ssn": ["111-22-3333", "123-45-6789"], "stage": ["Lead", "Enrolled"]}))
    work()
    client = signed_in("automations.view_contact", "automations.view_change")
    changes = reverse("admin:automations_change_changelist")
    change = reverse("admin:automations_change_change", args=[Change.objects.get().pk])
    for address in (page_of(Record.objects.get()), changes, change):
        page = text(client.get(address))
        assert "111-22-3333" not in page
        assert "123-45-6789" not in page
        assert "Enrolled" in page


def test_an_answer_is_quoted_to_who_may_see_deliveries(ana: Record) -> None:
    about = {
        "record_type": "Contact",
        "record_id": "7",
        "title": "Partner",
        "url": "http://x/",
        "method": "POST",
    }
    delivery = Delivery.objects.create(origin="manual", requested_by="bea", state="done", status=200, **about)
    for number, said in enumerate(("try again", "<b>stored</b>\n as 42"), 1):
        Attempt.objects.create(delivery=delivery, number=number, response=said)
    page = text(signed_in("automations.view_contact", "webhooks_out.view_delivery").get(page_of(ana)))
    assert "&lt;b&gt;stored&lt;/b&gt; as 42" in page
    assert "try again" not in page
    other = text(signed_in("automations.view_contact", name="vic").get(page_of(ana)))
    assert "stored" not in other
    assert "answered 200" in other


def test_a_line_links_only_to_what_its_reader_may_see(db: None) -> None:
    make_rule(make_webhook("http://127.0.0.1:9/"), monitor="every")
    definitions.touch()
    post(make_source(), update({"stage": ["Lead", "Enrolled"]}))
    work()
    pages = {
        "automations.change": "automations/change",
        "automations.run": "automations/run",
        "automations.rule": "automations/rule",
        "webhooks_in.receipt": "webhooks_in/receipt",
        "webhooks_out.delivery": "webhooks_out/delivery",
    }
    for kind in pages:
        allowed = kind.replace(".", ".view_")
        client = signed_in("automations.view_contact", allowed, name=kind)
        page = text(client.get(page_of(Record.objects.get())))
        timeline = page[page.index('id="timeline"') :]
        assert [name for name, path in pages.items() if f"/admin/{path}/" in timeline] == [kind]


@pytest.mark.parametrize(("permissions", "offered"), [((), False), (("automations.execute_webhook",), True)])
def test_a_webhook_is_offered_to_who_may_execute_one(
    ana: Record, permissions: tuple[str, ...], offered: bool
) -> None:
    page = signed_in("automations.view_contact", *permissions).get(page_of(ana))
    assert bool(page.context["execute_url"]) == offered


def test_a_deleted_record_says_so_and_offers_no_edit(ana: Record) -> None:
    Record.objects.update(deleted=True)
    page = signed_in(superuser=True).get(page_of(ana))
    assert "Harbour CRM deleted it" in text(page)
    assert not page.context["edit_url"]


def test_a_page_costs_the_same_with_much_on_it(ana: Record) -> None:
    client, costs = signed_in(superuser=True), []
    for count in (1, PAGE):
        make_webhook("http://127.0.0.1:9/", title=f"W{count}")
        for number in range(count):
            Delivery.objects.create(record_type="Contact", record_id="7", origin="manual", method="POST")
            ana.documents.create(name=f"{count}-{number}", digest=f"{count}-{number}", file="x")
            Attempt.objects.create(delivery=Delivery.objects.latest("pk"), number=1, response="ok")
        costs.append(queries(client, page_of(ana)))
    assert costs[0] == costs[1] <= 17


def test_a_record_without_fields_says_where_they_come_from(ana: Record) -> None:
    Record.objects.update(fields={})
    page = text(signed_in(superuser=True).get(page_of(ana)))
    assert "They come with the next update from Harbour CRM" in page
    assert "enter them by hand" in page
