"""A body that is written to a file comes whole, within its cap and its time, or is told to be cut."""

import io
from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from tests.webhooks_out.receivers import Receiver, answers, drips, pours
from webhooks_out.http import Answer, Client, Outgoing

LOOPBACK = (ip_network("127.0.0.0/8"),)
CONTENT = bytes(range(256)) * 1000  # four pieces


@pytest.fixture
def client() -> Iterator[Client]:
    client = Client(2, LOOPBACK)
    yield client
    client.close()


def sent(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def fetch(client: Client, url: str, most: int, timeout: float = 5.0) -> tuple[Answer, bytes]:
    """The answer, and what was written."""
    file = io.BytesIO()
    return client.send(Outgoing("GET", url, {}, b"", timeout, into=file, most=most)), file.getvalue()


def test_the_whole_body_is_written_and_none_of_it_kept(client: Client) -> None:
    with Receiver(answers(sent(CONTENT))) as receiver:
        answer, written = fetch(client, receiver.url(), most=len(CONTENT))
    assert (answer.status, answer.cut, answer.excerpt) == (200, False, "")
    assert written == CONTENT


def test_one_byte_too_many_is_cut(client: Client) -> None:
    with Receiver(answers(sent(CONTENT))) as receiver:
        answer, _ = fetch(client, receiver.url(), most=len(CONTENT) - 1)
    assert answer.cut


def test_an_endless_body_ends_at_the_cap(client: Client) -> None:
    with Receiver(pours(b"HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n", b"x" * 9000)) as receiver:
        answer, written = fetch(client, receiver.url(), most=300_000)
    assert answer.cut
    assert len(written) == 300_001


def test_the_body_of_a_refusal_is_kept_as_ever(client: Client) -> None:
    with Receiver(answers(sent(b"no", "404 Not Found"))) as receiver:
        answer, written = fetch(client, receiver.url(), most=1_000)
    assert (answer.status, answer.excerpt, written) == (404, "no", b"")


def test_a_dripping_body_ends_with_its_time(client: Client) -> None:
    with Receiver(drips(b"x" * 9000, b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n")) as receiver:
        answer, _ = fetch(client, receiver.url(), most=9000, timeout=0.3)
    assert (answer.status, answer.error) == (None, "timeout")
