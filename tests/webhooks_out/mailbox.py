"""A real mail server on loopback that keeps what it is given."""

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox(Controller):
    """Every message it accepted, in `messages`; `refuse` is an answer to give instead."""

    def __init__(self, port: int) -> None:
        super().__init__(self, hostname="127.0.0.1", port=port)
        self.messages: list[EmailMessage] = []
        self.refuse = ""

    @property
    def url(self) -> str:
        """What EMAIL_URL says of it."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(  # noqa: N802 - aiosmtpd names it
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Called by aiosmtpd for each message."""
        if self.refuse:
            return self.refuse
        self.messages.append(message_from_bytes(envelope.content or b"", policy=policy.default))
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """One that listens until the test ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        box = Mailbox(probe.getsockname()[1])
    box.start()
    yield box
    box.stop()
