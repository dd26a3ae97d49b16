"""Every address a name leads to is checked, and the checked address is the one connected to."""

import socket
from ipaddress import ip_network
from threading import Event

import pytest

from tests.webhooks_out.receivers import OK, Receiver, answers
from webhooks_out import resolver
from webhooks_out.http import Answer, Client, Outgoing, check_url

LOOPBACK = (ip_network("127.0.0.0/8"),)
NOWHERE = "127.0.0.9"  # loopback, where nothing listens


@pytest.fixture
def client():
    client = Client(4, LOOPBACK)
    yield client
    client.close()


@pytest.fixture
def receiver():
    with Receiver(answers(OK)) as receiver:
        yield receiver


@pytest.fixture
def names(monkeypatch):
    """What each name leads to; the one seam where the outside world is replaced."""
    known: dict[str, list[str]] = {}

    def getaddrinfo(name, port, **options):
        if name not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in known[name]]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


def post(client: Client, url: str, **changes) -> Answer:
    return client.send(Outgoing(**{"method": "POST", "url": url, "headers": {}, "body": b"{}", **changes}))


def test_a_name_is_connected_to_by_its_address_and_named_in_the_host_header(client, names, receiver):
    names["crm.test"] = ["127.0.0.1"]
    answer = post(client, receiver.url("CRM.test"))
    assert (answer.status, answer.address) == (200, "127.0.0.1")
    assert f"Host: crm.test:{receiver.port}\r\n".encode() in receiver.requests[0]


def test_a_name_nobody_knows_is_told(client, names):
    answer = post(client, "http://crm.test/")
    assert (answer.error, answer.detail) == (
        "dns",
        "The name crm.test was not found: Name or service not known.",
    )


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"]
)
@pytest.mark.parametrize("place", [0, 1])
def test_one_private_address_among_the_answers_refuses_them_all(client, names, receiver, address, place):
    names["crm.test"] = ["127.0.0.1"]
    names["crm.test"].insert(place, address)
    answer = post(client, receiver.url("crm.test"))
    assert (answer.error, answer.address) == ("refused_address", address)
    assert receiver.connections == 0


def test_a_literal_address_is_checked_as_well(client):
    for url in ("http://10.0.0.1/", "http://[::1]/", "http://[::ffff:a00:1]/", "http://%31%30.0.0.1/"):
        assert post(client, url).error == "refused_address"


def test_a_name_that_changes_after_the_check_is_not_asked_again(client, names, receiver, monkeypatch):
    names["crm.test"] = ["127.0.0.1"]
    assert post(client, receiver.url("crm.test")).status == 200
    names["crm.test"] = ["10.0.0.1"]
    assert post(client, receiver.url("crm.test")).address == "127.0.0.1"
    monkeypatch.setattr(resolver, "KEPT", 0)
    assert post(client, receiver.url("crm.test")).error == "refused_address"
    assert (len(receiver.requests), receiver.connections) == (2, 1)


def test_the_next_address_is_tried_when_nothing_listens_at_the_first(client, names, receiver):
    names["crm.test"] = [NOWHERE, "127.0.0.1"]
    assert post(client, receiver.url("crm.test")).address == "127.0.0.1"


def test_no_more_than_four_addresses_are_tried(client, names, receiver):
    names["crm.test"] = [f"127.0.1.{number}" for number in range(4)] + ["127.0.0.1"]
    answer = post(client, receiver.url("crm.test"))
    assert (answer.error, answer.address) == ("connect", "127.0.1.3")


def test_a_slow_name_server_ends_at_the_deadline(client, monkeypatch):
    hanging = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: hanging.wait(5) and [])
    answer = post(client, "http://crm.test/", timeout=0.2)
    hanging.set()
    assert (answer.error, answer.detail) == ("dns", "The name crm.test was not found: no answer in time.")
    assert 0.2 <= answer.seconds < 1.2


def test_an_address_that_does_not_answer_leaves_time_for_the_next(client, names, receiver):
    full = socket.create_server((NOWHERE, receiver.port), backlog=0)
    waiting = [socket.socket() for _ in range(3)]
    for sock in waiting:
        sock.setblocking(False)
        sock.connect_ex((NOWHERE, receiver.port))
    names["crm.test"] = [NOWHERE, "127.0.0.1"]
    answer = post(client, receiver.url("crm.test"), timeout=2)
    for sock in (full, *waiting):
        sock.close()
    assert (answer.status, answer.address) == (200, "127.0.0.1")
    assert 1 <= answer.seconds < 2


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("https://crm.test/hook", ""),
        ("https://8.8.8.8/hook", ""),
        ("http://127.0.0.1/", "127.0.0.1 is a loopback address"),
        ("http://localhost:8000/", "127.0.0.1 is a loopback address"),
        ("http://app.localhost./", "127.0.0.1 is a loopback address"),
        ("http://[fd00::1]/", "fd00::1 is a private address"),
        ("http://169.254.169.254/latest/", "cloud metadata address"),
        ("http://2130706433/", "host is a number"),
        ("ftp://crm.test/", "must start with http"),
    ],
)
def test_a_url_is_checked_before_it_is_saved(names, url, sentence):
    problem = check_url(url)
    assert sentence in problem if sentence else not problem


def test_allowed_networks_may_be_saved():
    assert check_url("http://localhost:8000/", LOOPBACK) == ""
    assert check_url("http://127.0.0.1:8000/", LOOPBACK) == ""
    assert check_url("http://[::1]:8000/", LOOPBACK) != ""
