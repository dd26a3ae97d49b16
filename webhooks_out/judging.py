"""What an answer means for its delivery: done, try again later, or dead, and why."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

from webhooks_out.http import Answer
from webhooks_out.jobs import Outcome, dead, done, retry
from webhooks_out.models import Delivery, Webhook

TRY_AGAIN = frozenset({408, 425, 429})  # and every 5xx
GONE = 410
LONGEST_WAIT = 3600.0  # seconds a Retry-After is honoured up to


def judge(answer: Answer, delivery: Delivery, webhook: Webhook, now: datetime) -> Outcome:
    """2xx is done; 408, 425, 429, 5xx and broken connections are tried again; everything else is final."""
    status = answer.status
    if status is None:
        return (
            _again(answer.detail, answer, delivery, webhook, now)
            if answer.error != "secret"
            else dead(answer.detail)
        )
    if 200 <= status < 300:
        return done()
    if status in TRY_AGAIN or status >= 500:
        return _again(f"The receiver answered {status}.", answer, delivery, webhook, now)
    if 300 <= status < 400:
        target = _header(answer, "location")
        return dead(
            f"The receiver answered {status}, a redirect to {target}. None is followed: correct the URL."
        )
    if status == GONE:
        consequence = "" if delivery.requested_by else " The webhook was switched off."
        return dead(f"The receiver answered 410: it wants these no more.{consequence}")
    return dead(f"The receiver answered {status}: it refused the request, so it is not sent again.")


def retry_after(text: str, now: datetime) -> float:
    """Seconds a Retry-After header asks for (RFC 9110 §10.2.3), at most LONGEST_WAIT; 0 if unreadable."""
    if re.fullmatch(r"[0-9]{1,30}", text.strip()):
        return min(float(text), LONGEST_WAIT)
    try:
        return min(max((parsedate_to_datetime(text) - now).total_seconds(), 0.0), LONGEST_WAIT)
    except (TypeError, ValueError, OverflowError):
        return 0.0


def _again(reason: str, answer: Answer, delivery: Delivery, webhook: Webhook, now: datetime) -> Outcome:
    wait = retry_after(_header(answer, "retry-after"), now)
    return retry(delivery, reason, delays=webhook.delays(), at_least=wait)


def _header(answer: Answer, name: str) -> str:
    return next((value for key, value in answer.headers.items() if key.lower() == name), "")
