"""What the benchmarks post: updates of contacts as Insites sends them, signed by Standard Webhooks."""

import base64
import hashlib
import hmac
import json
from typing import Any

SECRET = "whsec_" + base64.b64encode(b"the benchmarks sign with this one").decode()
CONTACTS = 1_000  # different contacts; further updates begin again with the first
RULES = 10  # of which the first fires for every update
_KEY = base64.b64decode(SECRET.removeprefix("whsec_"))


def update(number: int) -> dict[str, Any]:
    """The number-th update: a new review round of one of the contacts."""
    return {"changes": {"review_round": number}, "snapshot": contact(number % CONTACTS, number)}


def contact(which: int, number: int) -> dict[str, Any]:
    """All fields of a contact in its number-th review round."""
    return {
        "id": f"{which:08d}",
        "first_name": "Maria",
        "last_name": f"Okafor {which}",
        "email": f"maria.okafor.{which}@example.com",
        "phone": "+1 555 010 2030",
        "company_name": "Okafor & Daughters Ltd",
        "city": "Springfield",
        "state": "IL",
        "stage": "Enrolled",
        "level2_review_status": "Passed",
        "review_round": number,
        "debt": "18250.75",
        "tags": ["newsletter", "second review"],
        "note": "Called back on Tuesday; wants the certificate sent to her new address.",
    }


def body(number: int) -> bytes:
    """The number-th update as it travels."""
    return json.dumps(update(number)).encode()


def signature(message_id: str, timestamp: str, content: bytes) -> str:
    """What the header webhook-signature must be."""
    signed = b".".join((message_id.encode(), timestamp.encode(), content))
    return "v1," + base64.b64encode(hmac.digest(_KEY, signed, hashlib.sha256)).decode()
