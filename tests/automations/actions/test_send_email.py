"""An e-mail reaches a real mail server once, with the right head, and whatever the server says is told."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from automations import mailing, replays
from automations.actions import send_email
from automations.models import Document, EmailMessage, EmailTemplate, Record, Run
from tests.automations.letters import enrol, make_mailing_rule, make_template
from tests.mail_sink import Sink
from tests.world import post, update, work
from webhooks_in.models import Source
from webhooks_out.jobs import claim

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rule(db: None) -> None:
    make_mailing_rule()


def again(run: Run) -> Run:
    """The run once its next attempt is due, and the mail server is asked again."""
    mailing._asked_again_at.clear()
    Run.objects.filter(pk=run.pk).update(due_at=timezone.now())
    work()
    run.refresh_from_db()
    return run


def attach(name: str, content: bytes = b"%PDF") -> Document:
    """A document of Ana's."""
    file = ContentFile(content, "a")
    return Document.objects.create(
        record=Record.objects.get(), name=name, digest=name, file=file, content_type="application/pdf"
    )


def test_it_arrives_once_with_the_right_head(sink: Sink) -> None:
    make_template(cc="Sales <sales@harbour.example>", reply_to="help@harbour.example")
    run = enrol()
    (arrived,) = sink.arrived
    assert arrived.recipients == ["ana@harbour.example", "sales@harbour.example"]
    assert arrived.sender == "fieldhook@localhost"
    head = arrived.message
    assert (head["To"], head["Cc"]) == ("Ana Lopez <ana@harbour.example>", "Sales <sales@harbour.example>")
    assert (head["Subject"], head["Reply-To"]) == ("Welcome, Ana", "help@harbour.example")
    assert (head["Auto-Submitted"], head["Message-ID"]) == ("auto-generated", f"<{run.pk}@127.0.0.1>")
    assert head.get_content().strip() == "Hello Ana, your stage is Enrolled."


def test_the_log_says_what_went_out(sink: Sink) -> None:
    make_template()
    run = enrol()
    row = run.emails.get()
    assert (run.state, row.state, row.subject) == ("done", "sent", "Welcome, Ana")
    assert row.sent_at
    assert not row.doubtful


def test_markup_in_a_value_is_text_in_html(sink: Sink) -> None:
    make_template(html='<p>Hello {FIRSTNAME}</p><a href="{website}">x</a>', missing="empty", subject="x")
    enrol(first_name="<img src=x onerror=alert(1)>", website="javascript:alert(1)")
    html = sink.arrived[0].message.get_body(("html",))
    assert html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html.get_content()
    assert 'href="#"' in html.get_content()


@pytest.mark.parametrize("column", ["subject", "to"])
def test_a_value_cannot_add_a_line_to_the_head(sink: Sink, column: str) -> None:
    make_template(**{column: {"subject": "Hello {FIRSTNAME}", "to": "{FIRSTNAME} <{EMAIL}>"}[column]})
    run = enrol(first_name="Ana\r\nBcc: everybody@evil.example")
    assert (run.state, sink.arrived) == ("dead", [])
    assert "line break" in run.reason


def test_a_value_gives_one_address_at_most(sink: Sink) -> None:
    make_template(to="{EMAIL}")
    run = enrol(email="ana@harbour.example, eve@evil.example")
    assert (run.state, sink.arrived) == ("dead", [])
    assert "is not an e-mail address" in run.reason


@pytest.mark.parametrize(
    ("answers", "state", "words"),
    [
        ({"ana@harbour.example": "550 no such mailbox"}, "dead", "550 no such mailbox"),
        ({"ana@harbour.example": "450 mailbox busy"}, "waiting", "450 mailbox busy"),
        ({"MAIL": "553 not from here"}, "dead", "553: not from here"),
        ({"DATA": "554 looks like spam"}, "dead", "554: looks like spam"),
        ({"DATA": "451 try again later"}, "waiting", "451: try again later"),
    ],
)
def test_what_is_final_and_what_is_not_are_told_apart(
    sink: Sink, answers: dict[str, str], state: str, words: str
) -> None:
    make_template()
    sink.answers = answers
    run = enrol()
    assert run.state == state
    assert words in run.reason
    assert run.emails.get().state == "failed"


def test_what_is_not_final_is_tried_again_with_the_same_id(sink: Sink) -> None:
    make_template()
    sink.answers = {"DATA": "451 try again later"}
    run = enrol()
    sink.answers = {}
    assert again(run).state == "done"
    assert sink.arrived[0].message["Message-ID"] == f"<{run.pk}@127.0.0.1>"
    assert not run.emails.get().doubtful


def test_after_three_attempts_it_is_given_up(mail_port: int) -> None:
    make_template()
    run = again(again(enrol()))
    assert (run.state, run.attempts) == ("dead", 3)
    assert "not reached" in run.reason


def test_who_was_refused_among_several_is_told(sink: Sink) -> None:
    make_template(cc="gone@harbour.example")
    sink.answers = {"gone@harbour.example": "550 moved away"}
    run = enrol()
    assert (run.state, len(sink.arrived)) == ("done", 1)
    assert "gone@harbour.example: 550 moved away" in run.reason


@pytest.fixture
def silent(mail_port: int, settings: Any) -> Iterator[None]:
    """A server that accepts connections and says nothing."""
    settings.EMAIL_TIMEOUT = 0.3
    with socket.create_server(("127.0.0.1", mail_port)):
        yield


def test_a_server_that_says_nothing_costs_one_attempt(silent: None) -> None:
    make_template()
    run = enrol()
    assert (run.state, run.attempts) == ("waiting", 1)
    assert "fell silent" in run.reason


def test_others_do_not_wait_for_a_silent_server_and_lose_no_attempt(silent: None) -> None:
    make_template()
    first = enrol()
    post(Source.objects.get(), update({"stage": "Lead"}))
    work()
    second = Run.objects.latest("id")
    assert (first.attempts, second.attempts, second.state) == (1, 0, "waiting")
    assert "costs no attempt" in second.reason
    assert not second.emails.exists()


def test_a_crash_after_the_server_was_told_repeats_the_same_id(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_template()
    with monkeypatch.context() as dying:
        dying.setattr(mailing, "_noted", lambda *_: 1 / 0)
        run = enrol()
    assert again(run).state == "done"
    first, second = (one.message["Message-ID"] for one in sink.arrived)
    assert first == second
    assert run.emails.get().doubtful


def test_a_crash_before_the_run_was_settled_sends_nothing_more(sink: Sink) -> None:
    make_template()
    run = enrol()
    Run.objects.filter(pk=run.pk).update(state="waiting", settled_at=None)
    assert again(run).state == "done"
    assert len(sink.arrived) == 1


def test_a_worker_that_lost_the_run_sends_nothing(sink: Sink) -> None:
    make_template()
    run = enrol()
    Run.objects.filter(pk=run.pk).update(state="waiting", due_at=timezone.now(), attempts=0)
    EmailMessage.objects.all().delete()
    (mine,) = claim(Run, 1)
    Run.objects.filter(pk=run.pk).update(token="of another worker")
    assert send_email.perform(mine).state == "cancelled"
    assert len(sink.arrived) == 1


def test_a_person_who_repeats_it_sends_another_one(sink: Sink) -> None:
    make_template()
    run = enrol()
    assert replays.repeat([run]) == 1
    work()
    assert [one.message["Message-ID"] for one in sink.arrived] == [
        f"<{run.pk}@127.0.0.1>",
        f"<{run.pk}.2@127.0.0.1>",
    ]


@pytest.mark.parametrize(("policy", "state", "sent"), [("hold", "held", 0), ("empty", "done", 1)])
def test_a_missing_value_follows_the_template(sink: Sink, policy: str, state: str, sent: int) -> None:
    make_template(missing=policy, to="ana@harbour.example", text="Dear {FIRSTNAME}!")
    run = enrol(first_name=None)
    assert (run.state, len(sink.arrived)) == (state, sent)
    assert all("None" not in str(one.message) for one in sink.arrived)


def test_what_is_held_names_the_gap(sink: Sink) -> None:
    make_template(missing="hold")
    assert "to: {EMAIL} is empty" in enrol(email="").reason


def test_nobody_to_write_to_is_said(sink: Sink) -> None:
    make_template(missing="empty", to="{EMAIL}")
    run = enrol(email="")
    assert (run.state, run.reason) == ("dead", "There is nobody to send it to: to: {EMAIL} is empty.")


def test_the_newest_document_of_a_name_goes_with_it(sink: Sink) -> None:
    make_template(attach="document", attach_name="proposal")
    assert "no document named like" in enrol().reason
    attach("Proposal 1.pdf", b"old")
    attach("Proposal 2.pdf", b"new")
    attach("Other.pdf")
    replays.repeat(Run.objects.all())
    work()
    (file,) = sink.arrived[0].message.iter_attachments()
    assert (file.get_filename(), file.get_content(), file.get_content_type()) == (
        "Proposal 2.pdf",
        b"new",
        "application/pdf",
    )


def test_without_a_certificate_nothing_else_goes_with_it(sink: Sink) -> None:
    make_template(attach="certificate", missing="empty")
    enrol()
    attach("Certificate 12.pdf")
    replays.repeat(Run.objects.all())
    work()
    assert [len(list(one.message.iter_attachments())) for one in sink.arrived] == [0, 0]


def test_a_template_that_is_gone_is_said(sink: Sink) -> None:
    make_template()
    EmailTemplate.objects.all().delete()
    assert "no e-mail template “Welcome” any more" in enrol().reason


def test_letters_of_every_script_arrive(sink: Sink) -> None:
    make_template()
    enrol(first_name="Łukasz Ἀθηνᾶ", last_name="Жуков, „X“")
    head = sink.arrived[0].message
    assert head["Subject"] == "Welcome, Łukasz Ἀθηνᾶ"
    assert head["To"].addresses[0].display_name == "Łukasz Ἀθηνᾶ Жуков, „X“"
