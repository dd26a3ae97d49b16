"""Every e-mail of a rule is listed, with what the mail server said, and found by address or Message-ID."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from automations.models import EmailMessage, Recipient, Run
from tests.automations.letters import enrol, make_mailing_rule, make_member, make_template
from tests.mail_sink import Sink, sink
from tests.staff import queries, signed_in, text

__all__ = ["sink"]
pytestmark = pytest.mark.django_db
LIST = "/admin/automations/emailmessage/"
migration = import_module("automations.migrations.0012_sent_emails")


@pytest.fixture
def client() -> Client:
    return signed_in(superuser=True)


@pytest.fixture
def email(sink: Sink) -> EmailMessage:
    """Ana was welcomed, with a copy to the desk."""
    make_template(cc="desk@harbour.example")
    make_mailing_rule()
    enrol()
    return EmailMessage.objects.get()


def page_of(email: EmailMessage) -> str:
    return f"{LIST}{email.pk}/change/"


def test_it_is_listed_with_whom_it_went_to_and_from_what(client: Client, email: EmailMessage) -> None:
    page = text(client.get(LIST))
    for words in (
        "Ana Lopez &lt;ana@harbour.example&gt;, desk@harbour.example",
        "Welcome, Ana",
        ">Welcome<",
        "Sent",
        email.message_id.strip("<>"),
    ):
        assert words in page, words


def test_its_page_tells_all_and_leads_to_run_and_record(client: Client, email: EmailMessage) -> None:
    page = text(client.get(page_of(email)))
    for words in (
        "Accepted by the mail server",
        email.message_id.strip("<>"),
        f"/admin/automations/run/{email.run_id}/change/",
        f"/admin/automations/contact/{email.record_id}/change/",
    ):
        assert words in page, words


@pytest.mark.parametrize("path", ["run/{0.run_id}", "contact/{0.record_id}", "change/{0.run.change_id}"])
def test_what_it_came_from_leads_to_it(client: Client, email: EmailMessage, path: str) -> None:
    assert page_of(email) in text(client.get(f"/admin/automations/{path.format(email)}/change/"))


def test_it_is_found_by_each_address_its_id_and_its_run(client: Client, email: EmailMessage) -> None:
    named = (email.message_id, email.message_id.strip("<>"), email.run_id)
    for term in ("ANA@harbour.example", "desk@harbour.example", *named):
        assert page_of(email) in text(client.get(LIST, {"q": term})), term
    for term in ("bo@harbour.example", "ana", "harbour.example"):
        assert page_of(email) not in text(client.get(LIST, {"q": term})), term


def test_staff_who_were_told_are_found_too(client: Client, sink: Sink) -> None:
    make_member("Sales", "Mia@Harbour.example")
    make_mailing_rule("notify_staff", role="Sales", subject="New", text="Look")
    enrol()
    page = text(client.get(LIST, {"q": "mia@harbour.example"}))
    assert page_of(EmailMessage.objects.get()) in page
    assert "told to staff" in page


@pytest.mark.parametrize(("state", "shown"), [("sent", True), ("failed", False), ("other", True)])
def test_it_is_filtered_by_state(client: Client, email: EmailMessage, state: str, shown: bool) -> None:
    assert (page_of(email) in text(client.get(LIST, {"state": state}))) == shown


def test_what_the_mail_server_said_is_shown(client: Client, email: EmailMessage) -> None:
    words = "The mail server answered 550: no such user"
    EmailMessage.objects.update(state="failed", words=words, sent_at=None, doubtful=True, closed=True)
    assert words in text(client.get(LIST, {"state": "failed"}))
    page = text(client.get(page_of(email)))
    assert words in page
    assert "may have arrived twice" in page


def test_what_is_sensitive_in_a_subject_is_sent_but_not_logged(sink: Sink) -> None:
    make_template(subject="{FIRSTNAME}: {ssn}, {bank.account}")
    make_mailing_rule()
    enrol(ssn="123-45-6789", bank={"account": "77889911"})
    assert sink.arrived[0].message["Subject"] == "Ana: 123-45-6789, 77889911"
    assert EmailMessage.objects.get().subject == "Ana: ••••••, ••••••"


def test_nor_is_what_is_sensitive_in_a_plan(sink: Sink) -> None:
    make_template(subject="{FIRSTNAME}: {EP_DATA}")
    make_mailing_rule()
    enrol(plan_data={"routing_number": "77889911"})
    assert "77889911" in sink.arrived[0].message["Subject"]
    assert "77889911" not in EmailMessage.objects.get().subject


def test_before_the_first_the_list_names_the_next_step(client: Client) -> None:
    page = text(client.get(LIST))
    assert "No e-mail was sent yet" in page
    assert "/admin/automations/rule/add/" in page


def test_the_list_costs_the_same_for_one_and_for_twenty(client: Client, email: EmailMessage) -> None:
    few = queries(client, LIST), queries(client, f"{LIST}?q=ana@harbour.example")
    for number in range(2, 22):
        row = EmailMessage.objects.create(
            run=Run.objects.get(), record=email.record, number=number, message_id=str(number)
        )
        Recipient.objects.create(email=row, address="ana@harbour.example")
    assert (queries(client, LIST), queries(client, f"{LIST}?q=ana@harbour.example")) == few


def test_those_sent_before_are_found_as_well(email: EmailMessage) -> None:
    Recipient.objects.all().delete()
    EmailMessage.objects.update(template="")
    migration.fill_in(apps, None)
    found: Any = Recipient.objects.order_by("address").values_list("address", flat=True)
    assert list(found) == ["ana@harbour.example", "desk@harbour.example"]
    assert EmailMessage.objects.get().template == "Welcome"
