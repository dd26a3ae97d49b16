"""How a sender proves itself, as plain data: the fields of a verification scheme and what they still lack."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass


def unbase64(text: str) -> bytes:
    """The bytes of strict base64, padding optional; ValueError."""
    text = text.strip()
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


MODES = {
    "hmac": "HMAC over the request",
    "plain-hash": "Hash of secret and request",
    "token-equals": "A fixed token",
    "basic": "User and password (Basic)",
    "rsa-sha256": "RSA-SHA256 public key",
    "ed25519": "Ed25519 public key",
    "none": "None: the secret URL is the only proof",
}
SIGNED_MODES = ("hmac", "plain-hash", "rsa-sha256", "ed25519")
DIGESTS = ("sha256", "sha512", "sha1")
ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "hex": lambda raw: raw.hex().encode(),
    "base64": base64.b64encode,
    "raw": lambda raw: raw,
}
SECRET_DECODINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda secret: secret.encode("utf-8", "surrogatepass"),
    "hex": bytes.fromhex,
    "base64": unbase64,
    "whsec": lambda secret: unbase64(secret.removeprefix("whsec_")),
}
TIMESTAMP_UNITS = {"s": 1, "ms": 1000}  # parts of a second


class NotVerified(Exception):
    """The request is not from who it claims; str() is the reason and never holds a secret."""


@dataclass(frozen=True)
class Scheme:
    """How one sender proves itself; every field is plain data, so that an administrator can set it."""

    mode: str = "none"  # a key of MODES
    digest: str = "sha256"  # one of DIGESTS
    encoding: str = "hex"  # a key of ENCODINGS
    header: str = ""  # the header with the signature or token
    prefix: str = ""  # what stands before a signature or token: "sha256=", "v1,", "Bearer "
    separator: str = ""  # what stands between several signatures
    wrapping: str = ""  # "base64": the whole header is base64 of text that holds the signature
    secret_decoding: str = "utf-8"  # a key of SECRET_DECODINGS
    content: str = (
        "{body}"  # what is signed: {id} {timestamp} {body} {method} {url}, and {secret} in plain hashes
    )
    timestamp_header: str = ""
    timestamp_prefix: str = ""  # "t=": the timestamp is an entry of the signature header
    timestamp_unit: str = "s"  # a key of TIMESTAMP_UNITS
    tolerance: int = 0  # seconds, both ways; 0 = not checked
    id_header: str = ""
    body_path: str = ""  # where in the body a token stands: a dotted path in JSON, or "<Element>" in XML
    url_decode: str = ""  # characters whose %-escapes are decoded in {url}


@dataclass(frozen=True, slots=True)
class Message:
    """A request as it arrived: header names in lower case, the URL as the sender wrote it, the raw body."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


def problems(scheme: Scheme) -> list[str]:
    """What an administrator must correct before the scheme can verify anything; empty when it is complete."""
    return [sentence for wrong, sentence in _choices(scheme) + _gaps(scheme) if wrong]


def _choices(scheme: Scheme) -> list[tuple[bool, str]]:
    return [
        (scheme.mode not in MODES, "Choose one of the verification modes."),
        (scheme.digest not in DIGESTS, f"The digest is one of {', '.join(DIGESTS)}."),
        (scheme.encoding not in ENCODINGS, f"The encoding is one of {', '.join(ENCODINGS)}."),
        (scheme.secret_decoding not in SECRET_DECODINGS, "Choose how the secret is written."),
        (scheme.timestamp_unit not in TIMESTAMP_UNITS, "The timestamp is in s or ms."),
        (scheme.wrapping not in ("", "base64"), "The wrapping is base64 or nothing."),
        (scheme.tolerance < 0, "The tolerance cannot be negative."),
    ]


def _gaps(scheme: Scheme) -> list[tuple[bool, str]]:
    signed = scheme.mode in SIGNED_MODES
    timed = bool(scheme.timestamp_header or scheme.timestamp_prefix)
    located = bool(scheme.header or scheme.body_path)
    return [
        (signed and not scheme.header, "Name the header that carries the signature."),
        (
            scheme.mode == "token-equals" and not located,
            "Name the header, or the place in the body, of the token.",
        ),
        (signed and "{body}" not in scheme.content, "What is signed must contain {body}."),
        (
            scheme.mode == "plain-hash" and "{secret}" not in scheme.content,
            "A plain hash must contain {secret}.",
        ),
        (
            scheme.mode != "plain-hash" and "{secret}" in scheme.content,
            "Only a plain hash may contain {secret}.",
        ),
        (
            signed and "{timestamp}" in scheme.content and not timed,
            "{timestamp} needs the header it stands in.",
        ),
        (signed and "{id}" in scheme.content and not scheme.id_header, "{id} needs the header it stands in."),
        (scheme.tolerance > 0 and not timed, "A tolerance needs the header of the timestamp."),
    ]
