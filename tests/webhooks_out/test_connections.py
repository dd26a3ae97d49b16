"""Connections are shared only by equals, used again only while that is safe, and no request is sent twice."""

import logging
import ssl
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from threading import Event

import pytest

from tests.webhooks_out.authorities import Authority
from tests.webhooks_out.receivers import OK, Receiver, Talk, answers, answers_once, drips, hangs, resets
from webhooks_out import connections
from webhooks_out.http import Answer, Client, Outgoing

LOOPBACK = (ip_network("127.0.0.0/8"),)
NAME = "localhost"


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture(scope="module")
def good(authority):
    return authority.context(NAME)


@pytest.fixture
def client():
    client = Client(8, (*LOOPBACK, ip_network("::1/128")))
    yield client
    client.close()


def post(client: Client, url: str, **changes) -> Answer:
    return client.send(Outgoing(**{"method": "POST", "url": url, "headers": {}, "body": b"{}", **changes}))


def test_a_connection_is_used_again(client):
    with Receiver(answers(OK)) as receiver:
        for _ in range(5):
            post(client, receiver.url())
    assert (receiver.connections, len(receiver.requests)) == (1, 5)


def test_threads_share_as_many_connections_as_there_are_threads(client):
    with Receiver(answers(OK)) as receiver, ThreadPoolExecutor(8) as threads:
        answers_ = list(threads.map(lambda _: post(client, receiver.url()), range(200)))
    assert {answer.status for answer in answers_} == {200}
    assert (len(receiver.requests), receiver.connections <= 8) == (200, True)


def test_a_connection_idle_for_too_long_is_not_used_again(client, monkeypatch):
    with Receiver(answers(OK)) as receiver:
        post(client, receiver.url())
        monkeypatch.setattr(connections, "IDLE", 0)
        post(client, receiver.url())
    assert receiver.connections == 2


def test_a_connection_the_receiver_closed_is_replaced(client):
    with Receiver(answers_once(OK)) as receiver:
        for _ in range(3):
            receiver.played.clear()
            assert post(client, receiver.url()).status == 200
            assert receiver.played.wait(5)
    assert (receiver.connections, len(receiver.requests)) == (3, 3)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_request_lost_on_a_used_connection_is_not_sent_a_second_time(client, method):
    def script(talk: Talk) -> None:
        talk.read()
        talk.write(OK)
        resets(talk)

    with Receiver(script) as receiver:
        assert post(client, receiver.url()).status == 200
        assert post(client, receiver.url(), method=method).error == "reset"
    assert (receiver.connections, len(receiver.requests)) == (1, 2)


def test_a_cut_answer_never_leaks_into_the_next(client):
    long = b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n" + b"x" * 20000
    with Receiver(answers(long)) as receiver:
        assert [post(client, receiver.url()).cut for _ in range(3)] == [True] * 3
    assert receiver.connections == 3


def test_an_interim_answer_never_leaks_into_the_next(client):
    with Receiver(answers(b"HTTP/1.1 103 Early Hints\r\n\r\n", OK)) as receiver:
        assert [post(client, receiver.url()).error for _ in range(2)] == ["protocol"] * 2
    assert receiver.connections == 2


def test_an_early_refusal_of_a_long_request_is_still_heard(client):
    refused = Event()

    def script(talk: Talk) -> None:
        talk.sock.recv(1000)
        talk.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        refused.set()
        while talk.sock.recv(65536):
            pass

    with Receiver(script) as receiver:
        assert post(client, receiver.url(), body=b"x" * 3_000_000).status == 413
    assert refused.is_set()


def test_a_certificate_of_the_given_authority_is_accepted(client, authority, good):
    with Receiver(answers(OK), good) as receiver:
        answer = post(client, receiver.url(NAME), ca=authority.pem)
        assert post(client, receiver.url(NAME), ca=authority.pem).status == 200
    assert (answer.status, answer.excerpt, receiver.connections) == (200, "ok", 1)
    assert f"Host: {NAME}:".encode() in receiver.requests[0]


def test_the_name_is_said_in_the_handshake(client, authority):
    said: list[str | None] = []
    context = authority.context(NAME)
    context.sni_callback = lambda _sock, name, _context: said.append(name)
    with Receiver(answers(OK), context) as receiver:
        post(client, receiver.url(NAME), ca=authority.pem)
    assert said == [NAME]


@pytest.mark.parametrize(
    ("name", "days", "sentence"),
    [
        (NAME, -1, "certificate has expired"),
        (NAME, 4, "certificate is not yet valid"),
        ("other.test", 1, "Hostname mismatch"),
    ],
)
def test_a_bad_certificate_is_refused(client, authority, name, days, sentence):
    with Receiver(answers(OK), authority.context(name, days=days)) as receiver:
        answer = post(client, receiver.url(NAME), ca=authority.pem)
    assert answer.error == "tls"
    assert f"The certificate of {NAME} was not accepted: {sentence}" in answer.detail
    assert receiver.requests == []


def test_a_certificate_of_nobody_known_is_accepted_only_without_verification(client):
    with Receiver(answers(OK), Authority().context("other.test", days=-1)) as receiver:
        assert post(client, receiver.url(NAME), verify_tls=False).status == 200
        answer = post(client, receiver.url(NAME))
    assert (answer.error, len(receiver.requests)) == ("tls", 1)
    assert "unable to get local issuer certificate" in answer.detail


def test_a_self_signed_certificate_is_refused(client):
    with Receiver(answers(OK), Authority().own_context()) as receiver:
        answer = post(client, receiver.url(NAME))
    assert answer.detail == f"The certificate of {NAME} was not accepted: self-signed certificate."


def test_a_slow_answer_over_tls_ends_at_the_deadline(client, authority, good):
    with Receiver(drips(OK * 10), good) as receiver:
        answer = post(client, receiver.url(NAME), ca=authority.pem, timeout=0.3)
    assert (answer.error, answer.seconds < 1.3) == ("timeout", True)


def test_connections_of_unequal_trust_are_not_shared(client, authority, good):
    with Receiver(answers(OK), good) as receiver:
        assert post(client, receiver.url(NAME), ca=authority.pem).status == 200
        assert post(client, receiver.url(NAME), verify_tls=False).status == 200
        assert post(client, receiver.url(NAME), ca=Authority().pem).error == "tls"
    assert len(receiver.requests) == 2


def test_an_old_protocol_is_refused(client, authority):
    context = authority.context(NAME)
    with pytest.deprecated_call():
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with Receiver(answers(OK), context) as receiver:
        answer = post(client, receiver.url(NAME), ca=authority.pem)
    assert (answer.error, answer.detail.startswith(f"No TLS connection to {NAME}: ")) == ("tls", True)


@pytest.mark.parametrize(
    ("script", "reason", "sentence"),
    [
        (answers_once(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "tls", "wrong version number"),
        (resets, "tls", "No TLS connection"),
        (hangs, "timeout", "TLS handshake in time"),
    ],
)
def test_a_handshake_that_fails_has_a_reason(client, script, reason, sentence):
    with Receiver(lambda talk: script(_without_reading(talk))) as receiver:
        answer = post(client, receiver.url(NAME).replace("http:", "https:"), timeout=0.3)
    assert (answer.error, sentence in answer.detail) == (reason, True)
    assert answer.seconds < 1.3


def _without_reading(talk: Talk) -> Talk:
    talk.sock.recv(1)
    talk.read = bytes  # type: ignore[method-assign] # - what comes is no request
    return talk


@pytest.mark.parametrize(
    "ca", ["no certificate", "é", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_an_authority_that_cannot_be_read_is_told(client, ca):
    answer = post(client, "https://127.0.0.1:1/", ca=ca)
    assert (answer.error, "must be PEM" in answer.detail) == ("tls", True)


def test_an_authority_may_come_with_notes_in_any_language(client, authority, good):
    with Receiver(answers(OK), good) as receiver:
        assert post(client, receiver.url(NAME), ca=f"# Főtanúsítvány\n{authority.pem}").status == 200


def test_no_log_shows_a_path(client, caplog):
    with (
        caplog.at_level(logging.DEBUG),
        Receiver(answers(b"HTTP/1.1 200 OK\r\nbroken header\r\n\r\n")) as receiver,
    ):
        post(client, receiver.url(path="/hook/secret"), timeout=0.2)
    assert "secret" not in caplog.text
