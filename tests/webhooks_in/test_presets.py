"""Every preset, signed the way its sender does it: passes as sent, and never otherwise."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from standardwebhooks.webhooks import Webhook

from webhooks_in.presets import PRESETS
from webhooks_in.verification import Message, NotVerified, problems, verify

KEY = "s3cr3t-v4lue"
NOW = 1_700_000_000
BODY = '{"token":"tok-1","note":"Zoë"}'.encode()
XML = b'<n xmlns="x"><OrganizationId>00D000000000001AAA</OrganizationId><Id>1</Id></n>'
URL = "https://hub.example/in/abc?x=1"
WHSEC = "whsec_" + base64.b64encode(b"k" * 32).decode()
EDWARDS = Ed25519PrivateKey.from_private_bytes(b"e" * 32)
EDWARDS_KEY = base64.b64encode(EDWARDS.public_key().public_bytes_raw()).decode()
RSA = generate_private_key(public_exponent=65_537, key_size=2048)
PEM = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
OTHER_SECRETS = {
    "close": "ff" * 32,
    "gohighlevel": base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode(),
    "standard-webhooks": "whsec_" + base64.b64encode(b"x" * 32).decode(),
}

Signed = tuple[str, dict[str, str]]  # the secret to set, and the headers the sender sends


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def mac(content: bytes, digest: str = "sha256", key: bytes = KEY.encode()) -> bytes:
    return hmac.new(key, content, digest).digest()


def standard(stem: str) -> Signed:
    signature = Webhook(WHSEC).sign("msg_1", datetime.fromtimestamp(NOW, UTC), BODY.decode())
    return WHSEC, {f"{stem}-id": "msg_1", f"{stem}-timestamp": str(NOW), f"{stem}-signature": signature}


def asymmetric() -> Signed:
    signature = b64(EDWARDS.sign(b"msg_1.%d." % NOW + BODY))
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(NOW),
        "webhook-signature": f"v1,x v1a,{signature}",
    }
    return f"whpk_{EDWARDS_KEY}", headers


def hubspot_3() -> Signed:
    stamp = f"{NOW}000"
    signature = b64(mac(b"POST" + URL.encode() + BODY + stamp.encode()))
    return KEY, {"x-hubspot-request-timestamp": stamp, "x-hubspot-signature-v3": signature}


def hubspot_hash(content: bytes) -> Signed:
    return KEY, {"x-hubspot-signature": hashlib.sha256(KEY.encode() + content).hexdigest()}


def close() -> Signed:
    signature = mac(str(NOW).encode() + BODY, key=bytes.fromhex("0a" * 32)).hex()
    return "0a" * 32, {"close-sig-timestamp": str(NOW), "close-sig-hash": signature}


def stripe() -> Signed:
    signature = mac(f"{NOW}.".encode() + BODY, key=b"whsec_stripe").hex()
    return "whsec_stripe", {"stripe-signature": f"t={NOW},v0=aa,v1={signature}"}


def twenty() -> Signed:
    stamp = f"{NOW}000"
    signature = mac(stamp.encode() + b":" + BODY).hex()
    return KEY, {"x-twenty-webhook-timestamp": stamp, "x-twenty-webhook-signature": signature}


def rsa() -> Signed:
    return PEM, {"x-wh-signature": b64(RSA.sign(BODY, PKCS1v15(), SHA256()))}


def basic() -> Signed:
    return "anna:pass:word", {"authorization": "Basic " + b64(b"anna:pass:word")}


def header(name: str, value: str) -> Callable[[], Signed]:
    return lambda: (KEY, {name: value})


SENDERS: dict[str, Callable[[], Signed]] = {
    "standard-webhooks": lambda: standard("webhook"),
    "standard-webhooks-ed25519": asymmetric,
    "svix": lambda: standard("svix"),
    "basic": basic,
    "token": header("x-webhook-token", KEY),
    "attio": header("x-attio-signature", mac(BODY).hex()),
    "close": close,
    "debtpaypro-basic": basic,
    "espocrm": header("signature", b64(b"64a1:" + mac(BODY).hex().encode())),
    "espocrm-legacy": header("x-signature", b64(b"64a1:" + mac(BODY))),
    "frappe": header("x-frappe-webhook-signature", b64(mac(BODY))),
    "freshsales": header("x-webhook-token", KEY),
    "github": header("x-hub-signature-256", "sha256=" + mac(BODY).hex()),
    "gitlab": header("x-gitlab-token", KEY),
    "gohighlevel": lambda: (EDWARDS_KEY, {"x-ghl-signature": b64(EDWARDS.sign(BODY))}),
    "gohighlevel-rsa": rsa,
    "hubspot-v1": lambda: hubspot_hash(BODY),
    "hubspot-v2": lambda: hubspot_hash(b"POST" + URL.encode() + BODY),
    "hubspot-v3": hubspot_3,
    "insightly": basic,
    "insites-hmac": header("x-insites-signature", mac(BODY).hex()),
    "insites-token": header("x-insites-token", KEY),
    "netbox": header("x-hook-signature", mac(BODY, "sha512").hex()),
    "pipedrive": basic,
    "shopify": header("x-shopify-hmac-sha256", b64(mac(BODY))),
    "stripe": stripe,
    "twenty": twenty,
    "woocommerce": header("x-wc-webhook-signature", b64(mac(BODY))),
    "zoho": lambda: ("tok-1", {}),
    "salesforce": lambda: ("00D000000000001AAA", {}),
}
BY_HEADER = [name for name in SENDERS if PRESETS[name].scheme.header]
BY_BODY = [name for name in SENDERS if PRESETS[name].scheme.body_path]
STAMPED = {name: scheme for name in SENDERS if (scheme := PRESETS[name].scheme).tolerance}
SPOILT: dict[str, Callable[[str], str]] = {
    "missing": lambda value: value[:0],
    "wrong": lambda value: value[:-4] + ("BBBB" if value[-4:] != "BBBB" else "CCCC"),
    "truncated": lambda value: value[:-5],
    "not ASCII": lambda value: value[:-1] + "é\udcff€",
    "60 kB": lambda value: value + "a" * 60_000,
    "6,000 entries of it": lambda value: " ".join([value] * 6_000),
    "6,000 with commas": lambda value: ",".join([value] * 6_000),
    "nothing but separators": lambda value: " ,:" * len(value),
}


def sent(name: str) -> tuple[str, Message]:
    """The secret and the request of one sender."""
    secret, headers = SENDERS[name]()
    return secret, Message("POST", URL, headers, XML if name == "salesforce" else BODY)


def reason(name: str, secret: str, message: Message) -> str:
    """Why the request is refused; "" when it passes."""
    try:
        verify(PRESETS[name].scheme, [secret], message, float(NOW))
    except NotVerified as refusal:
        return str(refusal) or "no reason"
    return ""


def refused(name: str, secret: str, message: Message) -> bool:
    """Refused, with a reason that does not tell the secret."""
    why = reason(name, secret, message)
    return why != "" and secret not in why


def test_every_preset_with_a_proof_is_signed_here() -> None:
    assert set(SENDERS) == {name for name, preset in PRESETS.items() if preset.scheme.mode != "none"}


@pytest.mark.parametrize("name", SENDERS)
def test_a_request_as_its_sender_signs_it_passes(name: str) -> None:
    assert reason(name, *sent(name)) == ""


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_lacks_nothing_and_explains_itself(name: str) -> None:
    preset = PRESETS[name]
    assert problems(preset.scheme, [SENDERS[name]()[0]] if name in SENDERS else []) == []
    assert preset.label
    assert preset.help.endswith(".")
    assert len(name) <= 32


@pytest.mark.parametrize("name", SENDERS)
def test_another_secret_does_not_pass(name: str) -> None:
    other = OTHER_SECRETS.get(name, "another-secret")
    assert refused(name, other, sent(name)[1])


@pytest.mark.parametrize("name", [name for name in BY_HEADER if "{body}" in PRESETS[name].scheme.content])
def test_another_body_does_not_pass_where_the_body_is_signed(name: str) -> None:
    secret, message = sent(name)
    signed = PRESETS[name].scheme.mode not in ("basic", "token-equals")
    assert bool(reason(name, secret, replace(message, body=BODY + b" "))) is signed


@pytest.mark.parametrize("name", BY_HEADER)
@pytest.mark.parametrize("spoil", SPOILT)
def test_a_spoilt_proof_does_not_pass(name: str, spoil: str) -> None:
    secret, message = sent(name)
    proof = PRESETS[name].scheme.header
    headers = message.headers | {proof: SPOILT[spoil](message.headers[proof])}
    assert refused(name, secret, replace(message, headers=headers))


@pytest.mark.parametrize("name", BY_BODY)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[" * 100_000,
        b'{"token":null}',
        b'{"token":["tok-1"]}',
        b'{"token":"' + b"a" * 60_000 + b'"}',
        b'{"token":"\\ud800"}',
        b'{"token":"tok-1"',
        b"\xff\xfe",
        b"<OrganizationId>" + b"0" * 60_000 + b"</OrganizationId>",
        b"<OrganizationId>\xc3\xa9</OrganizationId>",
        XML * 6_000,
    ],
)
def test_a_body_without_the_token_does_not_pass(name: str, body: bytes) -> None:
    secret, message = sent(name)
    assert refused(name, secret, replace(message, body=body))


@pytest.mark.parametrize("name", STAMPED)
@pytest.mark.parametrize(
    "stamp", ["", "NaN", "-1", "1e9", "0", "16", "1700000400", "1700000400000", "9" * 20, "9" * 5_000, "１７"]
)
def test_a_timestamp_that_is_none_or_far_off_does_not_pass(name: str, stamp: str) -> None:
    secret, message = sent(name)
    scheme = STAMPED[name]
    where = scheme.timestamp_header or scheme.header
    value = f"{scheme.timestamp_prefix}{stamp}," if scheme.timestamp_prefix else stamp
    spoilt = value + message.headers[where].partition(",")[2] if scheme.timestamp_prefix else value
    assert refused(name, secret, replace(message, headers=message.headers | {where: spoilt}))
