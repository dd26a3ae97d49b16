"""A socket's time is for all that is done with it."""

import socket
import time

import pytest

from webhooks_out.sockets import NotConnected, Socket, look_up, open_plain


@pytest.fixture
def listening():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture
def sock(listening):
    with open_plain("127.0.0.1", listening.getsockname()[1], 5) as sock:
        yield sock


def test_all_calls_together_get_the_time_of_one(sock, listening):
    peer, _ = listening.accept()
    with peer:
        sock.settimeout(0.2)
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            _listen_to_drops(sock, peer)
        assert 0.2 <= time.monotonic() - started < 1.2


@pytest.mark.parametrize(
    "call", [lambda sock: sock.send(b"x"), lambda sock: sock.sendall(b"x"), Socket.allow_the_rest]
)
def test_nothing_is_done_when_the_time_is_up(sock, call):
    sock.settimeout(0)
    with pytest.raises(TimeoutError):
        call(sock)


def test_new_time_can_be_given(sock, listening):
    sock.settimeout(0)
    sock.settimeout(5)
    sock.sendall(b"x")
    peer, _ = listening.accept()
    with peer:
        assert peer.recv(1) == b"x"


def test_it_is_known_when_something_was_last_heard(sock, listening):
    peer, _ = listening.accept()
    with peer:
        peer.send(b"x")
        before = time.monotonic()
        sock.recv_into(bytearray(1))
    assert before <= sock.heard <= time.monotonic()


def test_a_failed_connection_leaves_nothing_open():
    with pytest.raises(NotConnected) as caught:
        open_plain("127.0.0.1", 1, 5)
    assert (caught.value.reason, caught.value.detail) == (
        "connect",
        "No connection to 127.0.0.1 port 1: Connection refused.",
    )


def test_each_address_of_a_name_is_told_once(monkeypatch):
    answers = [(0, 0, 0, "", (address, 0)) for address in ("192.0.2.1", "2001:db8::1", "192.0.2.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    assert look_up("crm.test") == ("192.0.2.1", "2001:db8::1")


def _listen_to_drops(sock: Socket, peer: socket.socket) -> None:
    while True:
        peer.send(b"x")
        sock.recv_into(bytearray(1))
        time.sleep(0.01)
