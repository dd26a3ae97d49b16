"""What answers mean, and how long a receiver may ask us to wait."""

from datetime import UTC, datetime

import pytest

from webhooks_out.http import Answer
from webhooks_out.judging import LONGEST_WAIT, judge, retry_after
from webhooks_out.models import Delivery, Webhook

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def state(attempts: int = 1, **answer: object) -> str:
    """What becomes of a delivery with this answer to its attempt."""
    delivery, webhook = Delivery(attempts=attempts, max_attempts=3), Webhook(schedule="30, 300")
    return judge(Answer(**answer), delivery, webhook, NOW).state


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_2xx_is_done(status: int) -> None:
    assert state(status=status) == "done"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 599])
def test_passing_troubles_are_tried_again(status: int) -> None:
    assert state(status=status) == "waiting"
    assert state(attempts=3, status=status) == "dead"


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 409, 410, 422, 199])
def test_refusals_are_final(status: int) -> None:
    assert state(status=status) == "dead"


@pytest.mark.parametrize(
    "error", ["dns", "connect", "tls", "timeout", "reset", "protocol", "refused_address"]
)
def test_broken_connections_are_tried_again(error: str) -> None:
    assert state(status=None, error=error, detail="It broke.") == "waiting"


def test_a_secret_nobody_can_read_is_final() -> None:
    assert state(status=None, error="secret", detail="No key fits.") == "dead"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Sun, 01 Mar 2026 12:01:00 GMT", 60.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("99999999999999999999", LONGEST_WAIT),
        ("-5", 0.0),
        ("soon", 0.0),
        ("", 0.0),
        ("٣", 0.0),
        ("9" * 5000, 0.0),
        ("Sun, 01 Mar 99999 12:01:00 GMT", 0.0),
        ("Sun, 01 Mar 2026 12:01:00", 0.0),
    ],
)
def test_retry_after_is_read_and_bounded(header: str, seconds: float) -> None:
    assert retry_after(header, NOW) == seconds


def test_retry_after_never_hurries() -> None:
    answer = Answer(status=503, headers={"Retry-After": "1"})
    outcome = judge(answer, Delivery(attempts=1, max_attempts=3), Webhook(schedule="30"), NOW)
    assert outcome.after is not None
    assert outcome.after >= 24
