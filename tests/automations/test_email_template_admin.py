"""E-mail templates are written, looked at and tried on oneself in the admin."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from automations.models import Action, EmailTemplate, Record, System, Tag
from config.files import NotLoadable, export, load
from tests.automations.letters import WELCOME, enrol, make_mailing_rule, make_template
from tests.automations.test_rule_admin import add as write_rule
from tests.mail_sink import Sink
from tests.staff import form_of, person, signed_in, text
from tests.world import ANA

pytestmark = pytest.mark.django_db
PAGES = "/admin/automations/emailtemplate/"
GREETING = {**WELCOME, "html": "<p>Hello <b>{FIRSTNAME}</b></p>", "missing": "hold", "attach": "none"}


@pytest.fixture(autouse=True)
def ana(db: None) -> Record:
    for name, path in {"FIRSTNAME": "first_name", "LASTNAME": "last_name", "EMAIL": "email"}.items():
        Tag.objects.get_or_create(name=name, defaults={"path": path})
    system = System.objects.create(name="Harbour CRM")
    fields = {**ANA, "ssn": "123-45-6789"}
    return Record.objects.create(
        system=system, type="Contact", external_id="7", name="Ana Lopez", fields=fields
    )


@pytest.fixture
def client() -> Client:
    return signed_in(superuser=True)


def add(client: Client, **changes: Any) -> str:
    """The page after a new template was sent."""
    url = f"{PAGES}add/"
    return text(client.post(url, form_of(client, url) | GREETING | changes, follow=True))


def test_a_template_is_written(client: Client) -> None:
    add(client)
    assert EmailTemplate.objects.get().to == "{FIRSTNAME} {LASTNAME} <{EMAIL}>"
    assert "no rule yet" in text(client.get(PAGES))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"subject": "Hello {FRISTNAME}"}, "There is no tag {FRISTNAME}"),
        ({"html": "<script>x</script>"}, "run no scripts"),
        ({"to": "ana"}, "is not an e-mail address"),
        ({"attach": "document"}, "Say a part of the document&#x27;s name."),
    ],
)
def test_what_cannot_be_sent_is_refused_with_the_reason(
    client: Client, changes: dict[str, str], words: str
) -> None:
    assert words in add(client, **changes)
    assert not EmailTemplate.objects.exists()


def test_the_preview_shows_the_form_as_it_stands(client: Client, ana: Record) -> None:
    page = text(client.post(f"{PAGES}preview/", {**GREETING, "_record": ana.pk}))
    assert "Welcome, Ana" in page
    assert "Hello Ana, your stage is Lead." in page
    assert 'sandbox=""' in page
    assert 'srcdoc="&lt;p&gt;Hello &lt;b&gt;Ana&lt;/b&gt;&lt;/p&gt;"' in page
    assert not mail.outbox


def test_markup_and_secrets_of_a_record_are_not_shown(client: Client, ana: Record) -> None:
    ana.fields = {**ana.fields, "first_name": "<script>alert(1)</script>"}
    ana.save()
    page = text(client.post(f"{PAGES}preview/", {**GREETING, "text": "{ssn}"}))
    assert "<script>" not in page
    assert "&amp;lt;script&amp;gt;" in page
    assert "123-45-6789" not in page
    assert "••••••" in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text": "{middle_name}"}, "There is no tag {middle_name}"),
        ({"to": "{id}"}, "is not an e-mail address"),
        ({"attach": "certificate"}, "the record has no certificate yet"),
    ],
)
def test_the_preview_says_what_is_wrong(client: Client, changes: dict[str, str], words: str) -> None:
    assert words in text(client.post(f"{PAGES}preview/", {**GREETING, **changes}))


def test_a_test_goes_to_oneself_alone(sink: Sink) -> None:
    user = person(superuser=True)
    user.email = "mia@harbour.example"
    user.save()
    client = Client()
    client.force_login(user)
    page = text(client.post(f"{PAGES}test/", {**GREETING, "cc": "sales@harbour.example"}))
    assert "The test was sent to mia@harbour.example." in page
    (arrived,) = sink.arrived
    assert arrived.recipients == ["mia@harbour.example"]
    assert arrived.message["Subject"] == "[Test] Welcome, Ana"


def test_who_has_no_address_is_told_what_to_do(client: Client) -> None:
    assert "Your user has no e-mail address." in text(client.post(f"{PAGES}test/", GREETING))


def test_a_mail_server_that_is_away_is_said(mail_port: int) -> None:
    user = person(superuser=True)
    user.email = "mia@harbour.example"
    user.save()
    client = Client()
    client.force_login(user)
    assert "The mail server was not reached" in text(client.post(f"{PAGES}test/", GREETING))


def test_a_record_one_may_not_see_is_not_previewed() -> None:
    client = signed_in("automations.view_emailtemplate", "automations.change_emailtemplate")
    page = text(client.post(f"{PAGES}preview/", {**GREETING, "_record": Record.objects.get().pk}))
    assert "Ana" not in page
    assert "There is no record yet" in page


def test_rules_follow_a_new_title(client: Client) -> None:
    template = make_template()
    make_mailing_rule()
    url = f"{PAGES}{template.pk}/change/"
    client.post(url, form_of(client, url, title="Hello"))
    assert Action.objects.get().options == {"template": "Hello"}
    assert client.post(f"{PAGES}{template.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_rule_that_sends_it_is_written_by_clicking(client: Client) -> None:
    make_template()
    kind = {"actions-0-kind": "send_email", "actions-0-options-send_email-template": "Welcome"}
    write_rule(client, None, **kind)
    assert Action.objects.get().options == {"template": "Welcome"}
    assert "e-mail “Welcome”" in text(client.get("/admin/automations/rule/"))


def test_the_run_and_the_record_tell_what_was_sent(client: Client) -> None:
    make_template()
    make_mailing_rule()
    run = enrol()
    told = text(client.get(f"/admin/automations/run/{run.pk}/change/"))
    assert ">Welcome, Ana</a>" in told
    assert "to Ana Lopez &lt;ana@harbour.example&gt;." in told
    assert f"&lt;{run.pk}@127.0.0.1&gt;" in told
    record = text(client.get(f"/admin/automations/contact/{run.record_id}/change/"))
    assert ">Welcome, Ana</a>" in record


def test_a_file_holds_templates_and_brings_them_back() -> None:
    make_template(html="<p>{FIRSTNAME}</p>", cc="{EMAIL}", missing="empty", attach="certificate")
    make_mailing_rule()
    written = export()
    assert "email_templates:\n  - title: Welcome" in written
    Action.objects.all().delete()
    EmailTemplate.objects.all().delete()
    load(written.encode(), {})
    assert Action.objects.get().options == {"template": "Welcome"}
    assert export() == written


def test_a_file_with_an_unknown_tag_is_refused_where_it_stands() -> None:
    rows = "email_templates:\n  - title: A\n    to: a@b.example\n    subject: x\n    text: Dear {FRISTNAME}\n"
    with pytest.raises(NotLoadable, match=r"line 5, .*text: There is no tag \{FRISTNAME\}"):
        load(rows.encode(), {})
    assert not EmailTemplate.objects.exists()
