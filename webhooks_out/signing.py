"""Signs requests by Standard Webhooks 1.0, so that a receiver can tell they are ours, unaltered and recent."""

import base64
import hmac
import re
import secrets as randomness
from collections.abc import Mapping, Sequence
from hashlib import sha256

PREFIX = "whsec_"
NEW = 32  # bytes of a new secret
TOLERANCE = 300  # seconds a timestamp may differ from our clock, either way
MOST_SIGNATURES = 10  # looked at in one request
SHORTEST, LONGEST = 24, 64  # bytes of any secret, as the specification recommends


def headers(message_id: str, timestamp: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The three headers; during a rotation one signature per secret, in the same order.

    `message_id` stays the same for every attempt and `timestamp` is the attempt's, in seconds since 1970. Without a
    secret there is no signature, but still the id by which a receiver knows a repetition. ValueError for a secret
    that `check_secret` would not accept.
    """
    sent = {"webhook-id": message_id, "webhook-timestamp": str(timestamp)}
    content = f"{message_id}.{timestamp}.".encode() + body
    if secrets:
        sent["webhook-signature"] = " ".join(_sign(content, secret) for secret in secrets)
    return sent


def verified(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> bool:
    """Whether a request was signed with this secret, over this body and at about this time.

    `headers` are looked up in lower case. Takes the same time whatever the signature is.
    """
    stamp = headers.get("webhook-timestamp", "")
    timestamp = int(stamp) if re.fullmatch(r"[0-9]{1,12}", stamp) else 0
    content = f"{headers.get('webhook-id', '')}.{timestamp}.".encode() + body
    expected = _sign(content, secret).encode()
    claimed = headers.get("webhook-signature", "").split()[:MOST_SIGNATURES]
    found = [hmac.compare_digest(one.encode("utf-8", "replace"), expected) for one in claimed]
    return any(found) and abs(now - timestamp) <= TOLERANCE


def secret_of(text: str) -> str:
    """A signing secret made of any text that two sides share."""
    return PREFIX + base64.b64encode(sha256(text.encode()).digest()).decode()


def new_secret() -> str:
    """A fresh secret in the form receivers expect."""
    return PREFIX + base64.b64encode(randomness.token_bytes(NEW)).decode()


def check_secret(text: str) -> str:
    """The sentence why this cannot be a signing secret, or ""."""
    try:
        _key(text)
    except ValueError as error:
        return str(error)
    return ""


def _sign(content: bytes, secret: str) -> str:
    return "v1," + base64.b64encode(hmac.digest(_key(secret), content, sha256)).decode()


def _key(secret: str) -> bytes:
    if not secret.startswith(PREFIX):
        raise ValueError(f"A signing secret starts with {PREFIX}.")
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        raise ValueError(f"What follows {PREFIX} must be Base64.") from None
    if not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f"A signing secret has {SHORTEST} to {LONGEST} bytes; this one has {len(key)}.")
    return key
