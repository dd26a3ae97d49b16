"""The real web server, met as senders on the real network meet it."""

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
import requests
from django.db import connection

from tests.clusters import Running, until
from tests.world import ANA, make_source
from webhooks_in.models import Receipt, Source

HOST = "127.0.0.1"
Start = Callable[..., Running]


@pytest.fixture
def door(start: Start) -> str:
    """The address of a web server on the test database."""
    with closing(socket.create_server((HOST, 0))) as free:
        port = free.getsockname()[1]
    start("hub", "--only", "web", "--bind", f"{HOST}:{port}")
    until(lambda: _listens(port))
    return f"http://{HOST}:{port}"


def raw(door: str, data: bytes) -> bytes:
    """The answer to these bytes, however odd."""
    with closing(socket.create_connection((HOST, int(door.rsplit(":", 1)[1])), timeout=10)) as wire:
        wire.sendall(data)
        wire.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: wire.recv(65536), b""))


def head(source: Source, *lines: str) -> bytes:
    """The start of a request, with further header lines."""
    fixed = (
        f"POST {source.path} HTTP/1.1",
        f"Host: {HOST}",
        "Content-Type: application/json",
        "Connection: close",
    )
    return "\r\n".join([*fixed, *lines, "", ""]).encode()


def test_a_post_is_stored(door: str) -> None:
    answer = requests.post(door + make_source().path, json=ANA, timeout=5)
    assert answer.status_code == 202
    assert str(Receipt.objects.get().pk) == answer.json()["receipt"]


def test_twenty_five_equal_requests_at_once_are_one_event(door: str) -> None:
    url = door + make_source(dedup_template="{id}").path
    with ThreadPoolExecutor(25) as pool:
        statuses = list(pool.map(lambda _: requests.post(url, json=ANA, timeout=20).status_code, range(25)))
    assert sorted(statuses) == [200] * 24 + [202]
    assert Receipt.objects.get().duplicates == 24


def test_a_chunked_body_is_never_taken_for_an_empty_one(door: str) -> None:
    chunked = head(make_source(), "Transfer-Encoding: chunked") + b"9\r\n" + b'{"id": 7}' + b"\r\n0\r\n\r\n"
    assert b" 411 " in raw(door, chunked).split(b"\r\n")[0]


def test_a_sender_that_goes_away_leaves_no_half_event(door: str) -> None:
    source = make_source()
    raw(door, head(source, "Content-Length: 5000") + b'{"id": 7, "note": "')
    assert requests.post(door + source.path, json=ANA, timeout=5).status_code == 202
    assert Receipt.objects.count() == 1


def test_half_open_connections_leave_room_for_others(door: str) -> None:
    source = make_source()
    waiting = [socket.create_connection((HOST, int(door.rsplit(":", 1)[1]))) for _ in range(10)]
    for wire in waiting:
        wire.sendall(head(source, "Content-Length: 50") + b"{")
    assert requests.post(door + source.path, json=ANA, timeout=20).status_code == 202
    for wire in waiting:
        assert b" 400 " in wire.recv(100)
        wire.close()


@pytest.mark.parametrize("path", ["/in/../admin/", "/in//", "/in/%2e%2e/", "/in/%00/", "/in/a/b/c/"])
def test_path_tricks_lead_nowhere(door: str, path: str) -> None:
    line = f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}"
    status = int(raw(door, line.encode()).split(b" ", 2)[1])
    assert status in (400, 401, 403, 404)


def test_the_token_is_in_no_log(door: str, capfd: pytest.CaptureFixture[str]) -> None:
    source = make_source()
    requests.post(door + source.path, data=b"{", headers={"Content-Type": "application/json"}, timeout=5)
    requests.post(door + source.path, json=ANA, timeout=5)
    assert source.path.strip("/").removeprefix("in/") not in "".join(capfd.readouterr())


@pytest.mark.skipif(connection.vendor == "sqlite", reason="only a server can be away")
def test_connections_that_the_database_cut_are_replaced(door: str) -> None:
    url = door + make_source().path
    for _ in range(3):
        requests.post(url, json=ANA, timeout=5)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    assert {requests.post(url, json=ANA, timeout=5).status_code for _ in range(20)} == {202}


def _listens(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
