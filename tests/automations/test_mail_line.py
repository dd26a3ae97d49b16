"""E-mails of a worker share a connection to the mail server as long as it is fine, and no longer."""

import pytest
from django.core.mail import EmailMultiAlternatives

from automations import mail_line, mailing, tasks
from automations.mailing import Sent
from tests.automations.letters import make_mailing_rule, make_template
from tests.mail_sink import Sink
from tests.world import make_source, post, update
from webhooks_in.tasks import step as read_receipts
from webhooks_out import drains


def send(count: int = 1, to: str = "ana@harbour.example") -> list[Sent]:
    letters = (EmailMultiAlternatives("Hello", "Hello", "hub@harbour.example", [to]) for _ in range(count))
    return [mailing.send(letter) for letter in letters]


def test_e_mails_share_a_connection_within_kept_alone(sink: Sink) -> None:
    with mail_line.kept():
        send(3)
    assert (len(sink.arrived), len(sink.callers)) == (3, 1)
    send(2)
    assert (len(sink.arrived), len(sink.callers)) == (5, 3)


def test_after_some_e_mails_the_server_is_called_anew(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_line, "MOST", 2)
    with mail_line.kept():
        send(5)
    assert (len(sink.arrived), len(sink.callers)) == (5, 3)


def test_a_server_that_does_not_answer_any_more_is_called_anew(sink: Sink) -> None:
    sink.answers["NOOP"] = "421 you were silent for too long"
    with mail_line.kept():
        assert send(2) == [Sent(), Sent()]
    assert (len(sink.arrived), len(sink.callers)) == (2, 2)


def test_a_server_that_takes_no_more_over_one_connection_is_called_anew(sink: Sink) -> None:
    sink.most = 2
    with mail_line.kept():
        assert send(5) == [Sent()] * 5
    assert (len(sink.arrived), len(sink.callers)) == (5, 3)


def test_after_a_refusal_the_next_e_mail_goes_out(sink: Sink) -> None:
    sink.answers["nobody@harbour.example"] = "550 no such person"
    with mail_line.kept():
        (refused,) = send(to="nobody@harbour.example")
        assert send() == [Sent()]
    assert refused.permanent
    assert len(sink.arrived) == 1


@pytest.mark.django_db
def test_a_worker_keeps_its_connection(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    make_mailing_rule()
    make_template()
    source = make_source()
    for number in range(3):
        post(source, update({"stage": "Enrolled"}, id=number))
    read_receipts()
    monkeypatch.setattr(drains, "drain", lambda *_, **__: [tasks.step() for _ in range(3)])
    tasks.drain()
    assert (len(sink.arrived), len(sink.callers)) == (3, 1)
