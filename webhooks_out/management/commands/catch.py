"""`manage.py catch`: a receiver that prints what arrives, judges its signature and answers as you choose."""

import hmac
import io
import os
import re
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from webhooks_out import signing

MAX_READ = 10 * 1_048_576  # bytes of a body; a longer one is answered 413 unread
MAX_SHOWN = 2_000  # characters of a body
MAX_LINE_SHOWN = 300  # characters of the path or of one header
PATIENCE = 30.0  # seconds a sender may be silent
TOLERANCE = 300  # seconds a signature's timestamp may differ, either way
QUIET_HEADERS = {"host", "accept-encoding", "connection", "content-length", "accept", "user-agent"}
SECRET_VARIABLE = "CATCH_SECRET"

_STATUS_PATH = re.compile(r"/status/([2-5][0-9]{2})(?=[/?]|$)")


class Command(BaseCommand):
    help = (
        "Prints every request that arrives, and answers with the status and after the delay you choose. "
        "A path that starts with /status/503 is answered 503, whatever you chose."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen and how to answer."""
        parser.add_argument("--port", type=int, default=8800)
        parser.add_argument("--status", type=int, default=200, help="the status to answer with")
        parser.add_argument("--delay", type=float, default=0.0, help="seconds to wait before answering")
        parser.add_argument(
            "--fail-first", type=int, default=0, help="answer 500 to this many requests first"
        )
        parser.add_argument(
            "--secret",
            default=os.environ.get(SECRET_VARIABLE, ""),
            help="the signing secret (whsec_…) to verify what arrives with; other users of this machine can read "
            f"command lines, so rather set the environment variable {SECRET_VARIABLE}",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Serves until interrupted."""
        manners = Manners(options["status"], options["delay"], options["fail_first"], options["secret"])
        if problem := manners.secret and signing.check_secret(manners.secret):
            raise CommandError(problem)
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace", line_buffering=True)
        try:
            server = receiver(options["port"], manners, self.stdout.write)
        except OSError as error:
            raise CommandError(f"Cannot listen on port {options['port']}: {error.strerror}.") from None
        self.stdout.write(f"Catching on http://127.0.0.1:{server.server_port}/ (Ctrl-C ends it)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            self.stdout.write("")
        finally:
            server.server_close()


@dataclass(frozen=True)
class Manners:
    """How to answer: the status, after so many seconds, 500 to so many requests first; the secret to verify with."""

    status: int = 200
    delay: float = 0.0
    fail_first: int = 0
    secret: str = ""


class Catcher(ThreadingHTTPServer):
    """A server on loopback that hands each request as text to `show`, one at a time."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, manners: Manners, show: Callable[[str], object]) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.manners = manners
        self.failures_left = manners.fail_first
        self._show, self._lock = show, Lock()

    def status_for(self, path: str) -> int:
        """The status this request is to be answered with."""
        if chosen := _STATUS_PATH.match(path):
            return int(chosen[1])
        with self._lock:
            failing, self.failures_left = self.failures_left > 0, max(0, self.failures_left - 1)
        return 500 if failing else self.manners.status

    def show(self, text: str) -> None:
        """Shows one request in one piece."""
        with self._lock:
            self._show(text)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = PATIENCE
    server: Catcher

    def answer(self) -> None:
        """Reads one request within bounds, shows it and answers it."""
        length = self.headers.get("Content-Length") or "0"
        if self.headers.get("Transfer-Encoding"):
            return self._refuse(411)
        if not (length.isascii() and length.isdecimal() and len(length) < 20):
            return self._refuse(400)
        if int(length) > MAX_READ:
            return self._refuse(413)
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            return self._refuse(400)
        time.sleep(self.server.manners.delay)
        status = self.server.status_for(self.path)
        secret = self.server.manners.secret
        headers = {name.lower(): value for name, value in self.headers.items()}
        found = verdict(headers, body, secret, time.time()) if secret else ""
        self.server.show(shown(self, body, found, status))
        return self._finish(status)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - http.server calls these names

    def log_message(self, *_: object) -> None:
        """Nothing: `answer` shows the request."""

    def _refuse(self, status: int) -> None:
        """Answers without reading the body, which therefore ends the connection."""
        self.close_connection = True
        self.server.show(shown(self, b"", "its body was not read", status))
        self._finish(status)

    def _finish(self, status: int) -> None:
        self.send_response(status)
        if self.close_connection:
            self.send_header("Connection", "close")
        if status not in (204, 304):
            self.send_header("Content-Length", "0")
        self.end_headers()


def receiver(port: int, manners: Manners, show: Callable[[str], object]) -> Catcher:
    """A catcher on loopback; port 0 takes a free one. OSError when the port is taken."""
    return Catcher(port, manners, show)


def verdict(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> str:
    """Whether a request proves by Standard Webhooks 1.0 that it was made with this secret, in words.

    Header names in lower case; `now` in seconds since 1970.
    """
    claimed, stamp = headers.get("webhook-signature", "").split(), headers.get("webhook-timestamp", "")
    if not claimed:
        return "not signed"
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 13):
        return "NOT verified: the timestamp is missing or no number"
    expected = signing.headers(headers.get("webhook-id", ""), int(stamp), body, [secret])["webhook-signature"]
    if not any(hmac.compare_digest(one.encode(), expected.encode()) for one in claimed):
        return "NOT verified: the signature was not made with this secret over this body"
    age = now - int(stamp)
    if abs(age) > TOLERANCE:
        return f"NOT verified: the signature fits, but its timestamp is {age:.0f} s old"
    return "signature verified"


def shown(request: BaseHTTPRequestHandler, body: bytes, found: str, status: int) -> str:
    """What arrived, as a person reads it; control characters are escaped so that nothing can steer the terminal."""
    headers = [
        f"  {_cut(f'{name}: {value}', MAX_LINE_SHOWN)}"
        for name, value in request.headers.items()
        if name.lower() not in QUIET_HEADERS
    ]
    text = _cut(body.decode("utf-8", "replace"), MAX_SHOWN)
    lines = [
        _cut(f"← {request.command} {request.path}", MAX_LINE_SHOWN),
        *headers,
        *(f"  {line}" for line in (text, found) if line),
        f"  answered {status}",
    ]
    return "\n".join("".join(c if c.isprintable() else repr(c)[1:-1] for c in line) for line in lines)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]} … ({len(text)} characters)"
