"""The catcher shows what a receiver would get, cannot be steered or filled by it, and knows a signature that fits."""

import http.client
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from standardwebhooks import Webhook as Oracle

from webhooks_out import signing
from webhooks_out.management.commands.catch import MAX_READ, MAX_SHOWN, Catcher, Manners, receiver, verdict

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"level2_review_status":"Passed"}'
NOW = 1_767_225_600


@dataclass
class Caught:
    """A running catcher and what it has shown."""

    server: Catcher
    shown: list[str] = field(default_factory=list)

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> int:
        """The status of the answer to one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=10)
        try:
            connection.request(
                method, path, body, {name.replace("_", "-"): text for name, text in headers.items()}
            )
            return connection.getresponse().status
        finally:
            connection.close()

    def send_raw(self, request: bytes) -> bytes:
        """Everything that is answered to these bytes."""
        with socket.create_connection(("127.0.0.1", self.server.server_port), timeout=10) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.fixture
def catcher() -> Iterator[Callable[..., Caught]]:
    """`catcher(status=503)` starts one that answers like this."""
    with ExitStack() as stack:

        def start(**manners: Any) -> Caught:
            shown: list[str] = []
            server = receiver(0, Manners(**manners), shown.append)
            thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            for end in (thread.join, server.server_close, server.shutdown):
                stack.callback(end)
            return Caught(server, shown)

        yield start


def signed(body: bytes = BODY, secret: str = SECRET, at: int = NOW) -> dict[str, str]:
    """The headers the reference implementation makes."""
    moment = datetime.fromtimestamp(at, tz=UTC)
    signature = Oracle(secret).sign("msg_1", moment, body.decode())
    return {"webhook-id": "msg_1", "webhook-timestamp": str(at), "webhook-signature": signature}


def test_a_request_is_shown_as_a_person_reads_it(catcher: Callable[..., Caught]) -> None:
    caught = catcher()
    assert caught.send("POST", "/dialer?a=1", b"firstname=Maya", X_Fieldhook_Hops="1") == 200
    assert caught.shown == ["← POST /dialer?a=1\n  X-Fieldhook-Hops: 1\n  firstname=Maya\n  answered 200"]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_every_method_a_webhook_can_use_is_answered(catcher: Callable[..., Caught], method: str) -> None:
    assert catcher(status=202).send(method, "/") == 202


@pytest.mark.parametrize(
    ("path", "status"),
    [("/status/503", 503), ("/status/410/desk?x", 410), ("/status/5000", 200), ("/status/9", 200)],
)
def test_a_path_can_choose_the_status(catcher: Callable[..., Caught], path: str, status: int) -> None:
    assert catcher().send("POST", path) == status


def test_the_first_requests_can_fail(catcher: Callable[..., Caught]) -> None:
    caught = catcher(fail_first=2)
    assert [caught.send("POST", "/") for _ in range(3)] == [500, 500, 200]


def test_nothing_that_arrives_steers_the_terminal(catcher: Callable[..., Caught]) -> None:
    caught = catcher()
    hostile = "\x1b[2J\x9b31m\r\n\u202e\u2028\x07".encode()
    caught.send_raw(
        b"POST /\x1b[0m HTTP/1.1\r\nX-Bad: a\x1b]0;title\x07\r\n b\x9b\r\n"
        b"Connection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(hostile), hostile)
    )
    (shown,) = caught.shown
    assert all(line.isprintable() for line in shown.splitlines())
    assert len(shown.split("\n")) == 4


def test_long_things_are_shown_in_part(catcher: Callable[..., Caught]) -> None:
    caught = catcher()
    caught.send("POST", "/" + "p" * 20_000, b"x" * 50_000, X_Long="h" * 20_000)
    assert len(caught.shown[0]) < MAX_SHOWN + 1_000
    assert "… (50000 characters)" in caught.shown[0]


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (f"Content-Length: {MAX_READ + 1}", b"413"),
        ("Content-Length: -1", b"400"),
        ("Content-Length: many", b"400"),
        ("Content-Length: 20", b"400"),
        ("Transfer-Encoding: chunked", b"411"),
    ],
)
def test_a_body_that_cannot_be_read_ends_the_connection(
    catcher: Callable[..., Caught], header: str, status: bytes
) -> None:
    answer = catcher().send_raw(
        f"POST / HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\nGET / HTTP/1.1\r\n\r\n".encode()
    )
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert answer.count(b"HTTP/1.1") == 1


def test_one_connection_carries_several_requests(catcher: Callable[..., Caught]) -> None:
    one = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n"
    assert catcher(status=204).send_raw(one + b"a" + one + b"b").count(b"HTTP/1.1 204") == 2


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        (signed(), BODY, "signature verified"),
        (
            {**signed(), "webhook-signature": f"v1,old {signed()['webhook-signature']}"},
            BODY,
            "signature verified",
        ),
        ({}, BODY, "not signed"),
        (signed(), BODY + b" ", "NOT verified: the signature was not made"),
        (signed(secret=signing.new_secret()), BODY, "NOT verified: the signature was not made"),
        ({**signed(), "webhook-id": "msg_2"}, BODY, "NOT verified: the signature was not made"),
        ({**signed(), "webhook-signature": "v1,\xff"}, BODY, "NOT verified: the signature was not made"),
        ({**signed(), "webhook-timestamp": "soon"}, BODY, "NOT verified: the timestamp is missing"),
        ({**signed(), "webhook-timestamp": "9" * 5_000}, BODY, "NOT verified: the timestamp is missing"),
        (signed(at=NOW - 301), BODY, "NOT verified: the signature fits, but its timestamp is 301 s old"),
    ],
)
def test_a_signature_is_judged(headers: dict[str, str], body: bytes, expected: str) -> None:
    assert verdict(headers, body, SECRET, NOW).startswith(expected)


def test_the_verdict_is_shown_only_when_there_is_a_secret(catcher: Callable[..., Caught]) -> None:
    with_secret, without = catcher(secret=SECRET), catcher()
    for caught in (with_secret, without):
        caught.send("POST", "/", BODY)
    assert "not signed" in with_secret.shown[0]
    assert "signed" not in without.shown[0]


def test_a_secret_that_cannot_be_one_is_refused() -> None:
    with pytest.raises(CommandError, match="starts with whsec_"):
        call_command("catch", secret="hush")


def test_a_taken_port_is_named(catcher: Callable[..., Caught]) -> None:
    port = catcher().server.server_port
    with pytest.raises(CommandError, match=f"Cannot listen on port {port}"):
        call_command("catch", port=port)
