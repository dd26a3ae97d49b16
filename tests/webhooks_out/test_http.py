"""Whatever a receiver does, sending ends in time with an answer that names what happened."""

import gzip
from ipaddress import ip_network

import pytest

from tests.webhooks_out.receivers import (
    OK,
    Receiver,
    answers,
    answers_once,
    drips,
    hangs,
    is_deaf,
    pours,
    resets,
)
from webhooks_out.http import Answer, Client, Outgoing, check_url
from webhooks_out.messages import EXCERPT

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n"
SOON = 0.3  # seconds, for what ends by its deadline


@pytest.fixture
def client():
    client = Client(4, LOOPBACK)
    yield client
    client.close()


def post(client: Client, url: str, **changes) -> Answer:
    return client.send(Outgoing(**{"method": "POST", "url": url, "headers": {}, "body": b"{}", **changes}))


def reply(status: bytes, *lines: bytes) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, *lines, b"Content-Length: 0", b"", b""])


def test_a_request_arrives_as_it_was_asked_for(client):
    with Receiver(answers(OK)) as receiver:
        headers = {"Content-Type": "text/plain", "webhook-id": "msg_1"}
        answer = post(
            client, receiver.url(path="/in?a=b c#d"), method="PUT", headers=headers, body="grün".encode()
        )
    head, _, body = receiver.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"PUT /in?a=b%20c HTTP/1.1\r\nHost: 127.0.0.1:")
    assert {
        b"Content-Type: text/plain",
        b"webhook-id: msg_1",
        b"User-Agent: Fieldhook",
        b"Content-Length: 5",
    } <= set(head.split(b"\r\n"))
    assert body == "grün".encode()
    assert (answer.status, answer.error, answer.excerpt, answer.address) == (200, "", "ok", "127.0.0.1")
    assert 0 < answer.seconds < 5


@pytest.mark.parametrize(
    ("method", "length"), [("GET", False), ("DELETE", False), ("POST", True), ("PATCH", True)]
)
def test_a_request_without_a_body_says_so_where_one_is_expected(client, method, length):
    with Receiver(answers(OK)) as receiver:
        assert post(client, receiver.url(), method=method, body=b"").status == 200
    assert (b"Content-Length: 0" in receiver.requests[0]) is length


@pytest.mark.parametrize(
    "status", [b"201 Created", b"301 Moved", b"404 Not Found", b"429 Slow", b"503 Later"]
)
def test_every_status_is_an_answer(client, status):
    with Receiver(answers(reply(status, b"Retry-After: 7"))) as receiver:
        answer = post(client, receiver.url())
    assert (answer.status, answer.error, answer.headers["Retry-After"]) == (int(status[:3]), "", "7")


@pytest.mark.parametrize(
    ("script", "reason", "sentence"),
    [
        (resets, "reset", "was closed before"),
        (answers_once(b""), "reset", "was closed before"),
        (answers_once(OK[:-1]), "reset", "It had begun to answer 200"),
        (answers_once(CHUNKED + b"5\r\nhel"), "reset", "It had begun to answer 200"),
        (answers_once(CHUNKED + b"zz\r\nhello"), "reset", "It had begun to answer 200"),
        (answers_once(b"SSH-2.0-OpenSSH\0\r\n"), "protocol", r"not HTTP: 'SSH-2.0-OpenSSH\x00"),
        (answers_once(b"HTTP/1.1 abc OK\r\n\r\n"), "protocol", "not HTTP"),
        (answers_once(b"HTTP/3.0 200 OK\r\n\r\n"), "protocol", "not HTTP"),
        (answers_once(reply(b"200 OK", *[b"A: b"] * 101)), "protocol", "more than 100 headers"),
        (answers_once(reply(b"200 OK", b"A: " + b"b" * 70_000)), "protocol", "header line"),
        (answers_once(reply(b"200 OK", b"Content-Length: 5, 6")), "protocol", "not HTTP"),
        (answers_once(b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK), "protocol", "interim"),
    ],
)
def test_a_broken_answer_has_a_reason(client, script, reason, sentence):
    with Receiver(script) as receiver:
        answer = post(client, receiver.url())
    assert (answer.status, answer.error) == (None, reason)
    assert sentence in answer.detail
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    "script",
    [
        hangs,
        drips(OK * 10),
        drips(b"x" * 1000, at_once=LONG),
        drips(b"1\r\nx\r\n" * 1000, at_once=CHUNKED),
        drips(b"HTTP/1.1 100 Continue\r\n\r\n" * 10),
    ],
)
def test_a_slow_answer_ends_at_the_deadline(client, script):
    with Receiver(script) as receiver:
        answer = post(client, receiver.url(), timeout=SOON)
    assert (answer.status, answer.error) == (None, "timeout")
    assert SOON <= answer.seconds < SOON + 1


def test_a_receiver_that_does_not_read_ends_at_the_deadline(client):
    with Receiver(is_deaf) as receiver:
        answer = post(client, receiver.url(), body=b"x" * 20_000_000, timeout=SOON)
    assert answer.error == "timeout"
    assert SOON <= answer.seconds < SOON + 1


def test_what_came_before_a_deadline_is_kept(client):
    with Receiver(drips(b"", at_once=LONG + b"the beginning")) as receiver:
        assert post(client, receiver.url(), timeout=SOON).excerpt == "the beginning"


@pytest.mark.parametrize(
    ("head", "block"),
    [
        (LONG, b"x" * 65536),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536),
        (CHUNKED, b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", gzip.compress(b"x" * 50_000_000)),
    ],
)
def test_of_an_endless_answer_the_beginning_is_kept_and_the_connection_closed(client, head, block):
    with Receiver(pours(head, block)) as receiver:
        answer = post(client, receiver.url())
        assert receiver.played.wait(5)
    assert (answer.status, answer.error, answer.excerpt, answer.cut) == (200, "", "x" * EXCERPT, True)


@pytest.mark.parametrize("location", [b"http://127.0.0.1/", b"//evil/", b"javascript:alert(1)", b"\xff"])
@pytest.mark.parametrize("status", [b"301 A", b"302 B", b"303 C", b"307 D", b"308 E"])
def test_a_redirect_is_told_and_not_followed(client, status, location):
    with Receiver(answers(reply(status, b"Location: " + location))) as receiver:
        answer = post(client, receiver.url())
    assert (answer.status, answer.headers["Location"]) == (int(status[:3]), location.decode("latin-1"))
    assert len(receiver.requests) == 1


def test_cookies_are_neither_kept_nor_shown(client):
    with Receiver(answers(reply(b"200 OK", b"Set-Cookie: session=1; Path=/"))) as receiver:
        assert "Set-Cookie" not in post(client, receiver.url()).headers
        post(client, receiver.url())
    assert b"ookie" not in receiver.requests[1]


def test_the_environment_changes_nothing(client, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    with Receiver(answers(OK)) as receiver:
        assert post(client, receiver.url()).status == 200
    assert b"uthorization" not in receiver.requests[0]


def test_a_refused_connection_says_where():
    with Receiver(hangs) as receiver:
        url, port = receiver.url(), receiver.port
    answer = post(Client(1, LOOPBACK), url)
    assert (answer.error, answer.detail) == (
        "connect",
        f"No connection to 127.0.0.1 port {port}: Connection refused.",
    )


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1\\@crm.test/", "http://127.1/", "http://me:pw@crm.test/", ""]
)
def test_a_url_that_is_refused_is_not_sent_to(client, url):
    answer = post(client, url)
    assert (answer.error, answer.detail) == ("refused_url", check_url(url))


@pytest.mark.parametrize("headers", [{"Host": "evil"}, {"A": "b\r\nHost: evil"}, {"A": "漢"}, {"Ä": "b"}])
def test_a_header_that_cannot_be_sent_is_not_sent(client, headers):
    assert post(client, "http://127.0.0.1:1/", headers=headers).error == "protocol"
