"""The connection to the mail server: one for many e-mails while a worker sends them, else one for each."""

import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, TypeVar

from django.core import mail

MOST = 20  # e-mails over one connection; some servers hang up after so many
CLOSING = 421  # RFC 5321: the server answers so before it hangs up

T = TypeVar("T")


class _Line:
    """A connection that is opened when it is first needed."""

    def __init__(self) -> None:
        self._server: Any = None
        self._sent = 0

    @property
    def is_open(self) -> bool:
        """Whether it was needed before."""
        return self._server is not None

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


def over(deed: Callable[[Any], T]) -> T:
    """What comes of a deed with Django's mail backend, connected; what goes wrong with it ends the connection, too.

    A server that takes no more over a connection that was used before has taken nothing of this e-mail: it is called
    anew.
    """
    line = _kept.get() or _Line()
    was_used = line.is_open
    try:
        return _done(line, deed)
    except smtplib.SMTPSenderRefused as problem:
        if problem.smtp_code != CLOSING or not was_used:
            raise
    return _done(line, deed)


def _done(line: _Line, deed: Callable[[Any], T]) -> T:
    whole = False
    try:
        came = deed(line.opened())
        whole = True
        return came
    finally:
        if not whole or line is not _kept.get():
            line.hang_up()


def _answers(server: Any) -> bool:
    """Whether the server is still there; one that is not a mail server always is."""
    smtp = getattr(server, "connection", None)
    try:
        return not isinstance(smtp, smtplib.SMTP) or smtp.noop()[0] == 250
    except OSError:
        return False
