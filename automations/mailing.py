"""Sending an e-mail by Django's mail: a row is claimed, the server is asked, and what it said becomes an outcome."""

import smtplib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import mail
from django.db.models.functions import Now

from automations import mail_line
from automations.emails import Letter
from automations.models import EmailMessage, Recipient, Run
from webhooks_out.jobs import Job, Outcome, cancelled, dead, retry

LEASE = 60.0  # seconds one sending may take: a mail server answers in many steps, EMAIL_TIMEOUT for each
BACKOFF = (30.0, 300.0)  # seconds before the second and third attempt, as for deliveries
PAUSE = 20.0  # seconds in which a server that fell silent is not asked again: other actions wait behind it
MAX_WORDS = 400  # characters of the server's words that are kept
UNDISCLOSED = "undisclosed-recipients:;"
TAKEN_OVER = "Another worker took this over."
AWAY = "The mail server was not reached just now. This waits, and costs no attempt."

_SERVER = "server"
_asked_again_at: dict[str, float] = {}  # on this process's clock


@dataclass(frozen=True)
class Attachment:
    """A file that goes with an e-mail."""

    name: str
    content: bytes
    content_type: str


@dataclass(frozen=True)
class Envelope:
    """An e-mail ready to go. `bcc`: gets it without being seen by anybody; `told`: the subject as the log shows it."""

    letter: Letter
    told: str
    attachments: tuple[Attachment, ...] = ()
    bcc: tuple[str, ...] = ()

    @property
    def everybody(self) -> tuple[str, ...]:
        """Whoever gets it."""
        return (*self.letter.to, *self.letter.cc, *self.bcc)


@dataclass(frozen=True)
class Sent:
    """What came of it. `refused`: words of the server by the recipient it did not accept; `problem`: why nothing
    went out at all, which is of no use to try again when `permanent`; `unreached`: whether no answer came."""

    problem: str = ""
    permanent: bool = False
    refused: Mapping[str, str] = field(default_factory=dict)
    unreached: bool = False


def deliver(run: Run, envelope: Envelope) -> Outcome:
    """Sends the e-mail of this run once.

    A repeat after a crash finds it sent, or sends it with the same Message-ID, so that mail programs show one. Call
    it outside any transaction.
    """
    if (left := _asked_again_at.get(_SERVER, 0.0) - time.monotonic()) > 0:
        return Outcome(Job.State.WAITING, AWAY, left, {"attempts": run.attempts - 1})
    row = _claimed(run, envelope)
    if row is None:
        return cancelled(TAKEN_OVER)
    if row.state != EmailMessage.State.SENT:
        sent = send(message(envelope, row.message_id))
        _noted(row, sent)
        if sent.unreached:
            _asked_again_at[_SERVER] = time.monotonic() + PAUSE
        if sent.problem:
            return dead(sent.problem) if sent.permanent else retry(run, sent.problem, delays=BACKOFF)
    return Outcome(Job.State.DONE, row.words)


def message(envelope: Envelope, message_id: str) -> mail.EmailMultiAlternatives:
    """The e-mail as Django sends it."""
    letter = envelope.letter
    headers = {"Message-ID": message_id, "Auto-Submitted": "auto-generated"}
    if not letter.to:
        headers["To"] = UNDISCLOSED
    built = mail.EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        from_email=letter.sender or settings.DEFAULT_FROM_EMAIL,
        to=letter.to,
        cc=letter.cc,
        bcc=envelope.bcc,
        reply_to=letter.reply_to,
        headers=headers,
    )
    if letter.html:
        built.attach_alternative(letter.html, "text/html")
    for one in envelope.attachments:
        built.attach(one.name, one.content, one.content_type)
    return built


def send(built: mail.EmailMultiAlternatives) -> Sent:
    """Hands an e-mail to the mail server of EMAIL_URL. What goes wrong is told, never raised.

    RFC 5321: an answer of 5xx is final, one of 4xx is not; nor is a connection that is refused, lost or silent. A login
    that is refused says nothing of the e-mail.
    """
    try:
        refused = mail_line.over(partial(_handed_over, built))
    except smtplib.SMTPRecipientsRefused as problem:
        answers = problem.recipients.values()
        permanent = all(code >= 500 for code, _ in answers)
        return Sent(f"Nobody was accepted: {_listed(_told(problem.recipients))}", permanent)
    except smtplib.SMTPAuthenticationError as problem:
        told = f"{problem.smtp_code} {_words(problem.smtp_error)}"
        return Sent(f"The mail server refused the user or the password of EMAIL_URL: {told}")
    except smtplib.SMTPResponseException as problem:
        words = f"The mail server answered {problem.smtp_code}: {_words(problem.smtp_error)}"
        return Sent(words, problem.smtp_code >= 500)
    except smtplib.SMTPNotSupportedError as problem:
        return Sent(f"The mail server cannot do this: {_words(str(problem))}", permanent=True)
    except OSError as problem:
        words = f"The mail server was not reached, or fell silent: {_words(str(problem))}"
        return Sent(words, unreached=True)
    return Sent(refused=_told(refused))


def new_id(run: Run, number: int) -> str:
    """The Message-ID of a run's e-mail: always the same, but for one that a person asked for once more."""
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    return f"<{run.pk}{f'.{number}' if number > 1 else ''}@{host}>"


def _claimed(run: Run, envelope: Envelope) -> EmailMessage | None:
    """The row of this e-mail, with time to send it; None when the run is another worker's by now."""
    mine = Run.objects.filter(pk=run.pk, token=run.token, state=Job.State.RUNNING)
    if not mine.update(due_at=Now() + timedelta(seconds=LEASE)):
        return None
    number = run.emails.filter(closed=True).count() + 1
    row, made = EmailMessage.objects.get_or_create(
        run=run, number=number, defaults={"record_id": run.record_id, "message_id": new_id(run, number)}
    )
    if row.state == EmailMessage.State.SENT:
        return row
    row.doubtful = row.doubtful or (not made and row.state == EmailMessage.State.SENDING)
    row.state, row.words = EmailMessage.State.SENDING, ""
    row.to, row.subject = ", ".join(envelope.everybody), envelope.told
    row.template = run.action.options.get("template", "") if run.action else ""
    row.save()
    _address(row, {_bare(one).casefold() for one in envelope.everybody})
    return row


def _address(row: EmailMessage, addresses: set[str]) -> None:
    """Notes by which addresses the e-mail is found."""
    row.recipients.exclude(address__in=addresses).delete()
    Recipient.objects.bulk_create(
        (Recipient(email=row, address=one) for one in sorted(addresses)), ignore_conflicts=True
    )


def _noted(row: EmailMessage, sent: Sent) -> None:
    row.words = sent.problem
    if sent.refused:
        row.words = f"Sent, but not to everybody: {_listed(sent.refused)}"
    row.state = EmailMessage.State.FAILED if sent.problem else EmailMessage.State.SENT
    changed: dict[str, Any] = {"state": row.state, "words": row.words}
    if not sent.problem:
        changed["sent_at"] = Now()
    EmailMessage.objects.filter(pk=row.pk).update(**changed)


def _handed_over(built: mail.EmailMultiAlternatives, server: Any) -> Mapping[str, tuple[int, bytes]]:
    """Sends it, and says which of several recipients were refused: smtplib knows, Django's backend keeps it."""
    smtp = getattr(server, "connection", None)
    if not isinstance(smtp, smtplib.SMTP):
        server.send_messages([built])
        return {}
    everybody: Sequence[str] = [_bare(one) for one in built.recipients()]
    content = built.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg] # - Django adds it
    return smtp.sendmail(_bare(built.from_email), everybody, content)


def _bare(address: str) -> str:
    return mail.message.sanitize_address(address, "utf-8").rpartition("<")[2].removesuffix(">")


def _told(refused: Mapping[str, tuple[int, bytes]]) -> dict[str, str]:
    return {one: f"{code} {_words(said)}" for one, (code, said) in refused.items()}


def _listed(refused: Mapping[str, str]) -> str:
    return "; ".join(f"{one}: {words}" for one, words in refused.items())[:MAX_WORDS]


def _words(said: bytes | str) -> str:
    """What a server said, on one line."""
    written = said.decode(errors="replace") if isinstance(said, bytes) else said
    return " ".join("".join(sign if sign.isprintable() else " " for sign in written).split())[:MAX_WORDS]
