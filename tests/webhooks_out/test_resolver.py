"""Names are looked up once for all who ask, and nobody waits longer than they said."""

import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from webhooks_out import resolver
from webhooks_out.resolver import Found, Resolver

ADDRESSES = ("192.0.2.1", "2001:db8::1")


class Names:
    """A name server that counts what it is asked, and answers when it is told to."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.answering = Event()
        self.answering.set()
        self.error: Exception | None = None
        self.addresses: tuple[str, ...] = ADDRESSES

    def look_up(self, name: str) -> tuple[str, ...]:
        self.asked[name] += 1
        self.answering.wait(10)
        if self.error:
            raise self.error
        return self.addresses


@pytest.fixture
def names():
    names = Names()
    yield names
    names.answering.set()


@pytest.fixture
def resolving(names):
    return Resolver(names.look_up)


def test_all_addresses_come_in_the_systems_order(resolving):
    assert resolving.find("crm.test", 5) == Found(ADDRESSES)


def test_many_who_ask_at_once_share_one_lookup(resolving, names):
    names.answering.clear()
    with ThreadPoolExecutor(8) as threads:
        asking = [threads.submit(resolving.find, "crm.test", 5) for _ in range(8)]
        names.answering.set()
        assert {asked.result() for asked in asking} == {Found(ADDRESSES)}
    assert names.asked["crm.test"] == 1


def test_an_answer_is_kept_for_a_while(resolving, names, monkeypatch):
    resolving.find("crm.test", 5)
    resolving.find("crm.test", 5)
    assert names.asked["crm.test"] == 1
    monkeypatch.setattr(resolver, "KEPT", 0)
    resolving.find("crm.test", 5)
    assert names.asked["crm.test"] == 2


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
        (UnicodeError("label too long"), "label too long"),
    ],
)
def test_a_failure_is_told_and_not_kept(resolving, names, error, problem):
    names.error = error
    assert resolving.find("crm.test", 5) == Found(problem=problem)
    names.error = None
    assert resolving.find("crm.test", 5) == Found(ADDRESSES)


def test_a_name_without_an_address_is_not_found(resolving, names):
    names.addresses = ()
    assert resolving.find("crm.test", 5) == Found(problem="it has no address")


def test_who_cannot_wait_is_told_so_and_the_answer_serves_the_next(resolving, names):
    names.answering.clear()
    assert resolving.find("crm.test", 0.01) == Found(problem="no answer in time")
    names.answering.set()
    assert resolving.find("crm.test", 5) == Found(ADDRESSES)
    assert names.asked["crm.test"] == 1


def test_a_name_that_hangs_delays_no_other(resolving, names):
    hanging, names.answering = names.answering, Event()
    resolving.find("hangs.test", 0)
    names.answering, hanging = hanging, names.answering
    assert resolving.find("crm.test", 5) == Found(ADDRESSES)
    hanging.set()


def test_hanging_lookups_are_limited(resolving, names, monkeypatch):
    monkeypatch.setattr(resolver, "RUNNING", 2)
    names.answering.clear()
    problems = [resolving.find(f"{number}.test", 0).problem for number in range(3)]
    assert problems == ["no answer in time", "no answer in time", "too many other lookups are hanging"]


def test_lookups_that_ended_count_no_longer(resolving, monkeypatch):
    monkeypatch.setattr(resolver, "RUNNING", 1)
    assert {resolving.find(f"{number}.test", 5) for number in range(5)} == {Found(ADDRESSES)}


def test_no_more_than_so_many_answers_are_remembered(resolving, names, monkeypatch):
    monkeypatch.setattr(resolver, "NAMES", 2)
    for name in ("a.test", "b.test", "a.test", "c.test", "a.test", "b.test"):
        resolving.find(name, 5)
    assert names.asked == {"a.test": 1, "b.test": 2, "c.test": 1}
