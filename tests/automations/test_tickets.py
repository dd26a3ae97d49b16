"""Tickets: what a preview's button carries."""

from unittest import mock
from uuid import uuid4

import pytest

from automations import tickets
from automations.tickets import Ticket
from webhooks_out.models import Delivery

TICKET = Ticket(uuid4(), 1, 2, 3, "f")


def test_a_ticket_comes_back_as_it_was_issued() -> None:
    assert tickets.read(tickets.issue(TICKET)) == TICKET


def test_an_altered_or_old_ticket_is_none() -> None:
    issued = tickets.issue(TICKET)
    assert tickets.read(issued[1:]) is None
    with mock.patch.object(tickets, "LASTS", -1):
        assert tickets.read(issued) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "PUT"},
        {"url": "https://b.example/"},
        {"body": b"a=2"},
        {"headers": {"X": "1"}},
        {"state": "held"},
    ],
)
def test_any_difference_of_a_request_shows_in_its_fingerprint(changed: dict[str, object]) -> None:
    same = {"method": "POST", "url": "https://a.example/", "body": b"a=1"}
    assert tickets.fingerprint(Delivery(**same)) == tickets.fingerprint(Delivery(**same))
    assert tickets.fingerprint(Delivery(**same)) != tickets.fingerprint(Delivery(**same | changed))
