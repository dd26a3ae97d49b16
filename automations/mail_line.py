"""The connection to the mail server: one for many e-mails while a worker sends them, else one for each."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

from django.core import mail

MOST = 20  # e-mails over one connection; some servers hang up after so many


class _Line:
    """A connection that is opened when it is first needed."""

    def __init__(self) -> None:
        self._server: Any = None
        self._sent = 0

    def opened(self) -> Any:
        """Django's mail backend, connected."""
        if self._server and (self._sent >= MOST or not _answers(self._server)):
            self.hang_up()
        if self._server is None:
            self._server, self._sent = mail.get_connection(), 0
            self._server.open()
        self._sent += 1
        return self._server

    def hang_up(self) -> None:
        """Whatever the farewell costs, what was accepted stays accepted."""
        server, self._server = self._server, None
        with suppress(OSError):
            if server:
                server.close()


_kept: ContextVar[_Line | None] = ContextVar("kept", default=None)


@contextmanager
def kept() -> Iterator[None]:
    """Within it e-mails share a connection: greeting, encryption and login cost more than an e-mail itself."""
    line = _Line()
    before = _kept.set(line)
    try:
        yield
    finally:
        _kept.reset(before)
        line.hang_up()


@contextmanager
def connected() -> Iterator[Any]:
    """Django's mail backend, connected for one e-mail; what goes wrong with it ends the connection, too."""
    shared = _kept.get()
    line, whole = shared or _Line(), False
    try:
        yield line.opened()
        whole = True
    finally:
        if not (shared and whole):
            line.hang_up()


def _answers(server: Any) -> bool:
    """Whether the server is still there; one that is not a mail server always is."""
    smtp = getattr(server, "connection", None)
    try:
        return not isinstance(smtp, smtplib.SMTP) or smtp.noop()[0] == 250
    except OSError:
        return False
