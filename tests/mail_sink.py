"""A real SMTP server on loopback that keeps what it is sent and answers as a test wants."""

import asyncio
import socket
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller


@dataclass(frozen=True)
class Arrived:
    """One e-mail as the server got it: the envelope and the message."""

    sender: str
    recipients: list[str]
    message: EmailMessage


@dataclass
class Sink:
    """What arrived, and what is answered instead of 250: to a recipient, or to everything else by its command."""

    arrived: list[Arrived] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0  # seconds between keeping an e-mail and saying so
    callers: Counter[Any] = field(default_factory=Counter)  # e-mails by the connection they came over
    most: int = 1_000  # e-mails over one connection

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        envelope.mail_from = address
        if self.callers[session.peer] >= self.most:
            return "421 too many e-mails over this connection"
        return self.answers.get("MAIL", "250 fine")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if "DATA" in self.answers:
            return self.answers["DATA"]
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.callers[session.peer] += 1
        self.arrived.append(Arrived(envelope.mail_from, envelope.rcpt_tos, message))
        await asyncio.sleep(self.delay)
        return "250 accepted"

    async def handle_NOOP(self, server: Any, session: Any, envelope: Any, arg: str) -> str:  # noqa: N802 - aiosmtpd's name
        return self.answers.get("NOOP", "250 still here")


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mail_port(settings: Any) -> int:
    """Where Fieldhook believes its mail server is; nobody listens there yet."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    return settings.EMAIL_PORT


@pytest.fixture
def sink(mail_port: int) -> Iterator[Sink]:
    """The mail server."""
    found = Sink()
    controller = Controller(found, hostname="127.0.0.1", port=mail_port)
    controller.start()
    yield found
    controller.stop()
