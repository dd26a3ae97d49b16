"""Whether a request comes from who it claims: one verifier, driven by data, for every signature scheme."""

import hmac
import re
from collections.abc import Sequence
from functools import lru_cache

from webhooks_in import schemes
from webhooks_in.schemes import SIGNED_MODES, TIMESTAMP_UNITS, Message, NotVerified, Scheme, unbase64
from webhooks_in.signatures import fits, keys, unusable
from webhooks_out import exact_json
from webhooks_out.paths import look_up

__all__ = ["Message", "NotVerified", "Scheme", "problems", "verify"]

MAX_HEADER = 8_192  # characters of one signature, token or timestamp header
MAX_ID = 255  # characters of a message id
MAX_SIGNATURES = 10  # entries of a signature header; more are refused
MAX_STAMP = 20  # digits of a timestamp

_TAG = re.compile(r"\{(id|timestamp|body|method|url|secret)\}")
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_DIFFERS = "the signature does not fit: the secret is not the sender's, or the request was changed on its way"


def verify(scheme: Scheme, secrets: Sequence[str], message: Message, now: float) -> None:
    """Returns when one of the secrets proves the message at `now` (seconds since 1970); else NotVerified."""
    if scheme.mode in SIGNED_MODES:
        _check_signature(scheme, secrets, message, now)
    elif scheme.mode == "token-equals":
        _check_token(scheme, secrets, message)
    elif scheme.mode == "basic":
        _check_basic(scheme, secrets, message)
    elif scheme.mode != "none":
        raise NotVerified("the source's verification mode does not exist")


def problems(scheme: Scheme, secrets: Sequence[str] = ()) -> list[str]:
    """What an administrator must correct in scheme and secrets, one sentence each; empty when all is well."""
    return schemes.problems(scheme) + unusable(scheme, secrets)


def _check_signature(scheme: Scheme, secrets: Sequence[str], message: Message, now: float) -> None:
    entries = _entries(scheme, _header(message, scheme.header))
    stamp = _timestamp(scheme, message, entries, now)
    signatures = [_raw(entry[len(scheme.prefix) :]) for entry in entries if entry.startswith(scheme.prefix)]
    if not signatures:
        raise NotVerified(f"the header {scheme.header} has no signature that starts with {scheme.prefix!r}")
    for key in keys(scheme, secrets):
        if fits(scheme, key, _content(scheme, message, stamp, key), signatures):
            return
    raise NotVerified(_DIFFERS)


def _check_token(scheme: Scheme, secrets: Sequence[str], message: Message) -> None:
    if scheme.body_path:
        claimed = _body_token(scheme.body_path, message.body)
    else:
        value = _header(message, scheme.header)
        if not value.startswith(scheme.prefix):
            raise NotVerified(f"the header {scheme.header} does not start with {scheme.prefix!r}")
        claimed = _raw(value[len(scheme.prefix) :])
    _match(scheme, secrets, claimed, "the token is not the one set on the source")


def _check_basic(scheme: Scheme, secrets: Sequence[str], message: Message) -> None:
    kind, _, encoded = _header(message, scheme.header or "authorization").partition(" ")
    if kind.lower() != "basic":
        raise NotVerified("the request carries no Basic authentication")
    try:
        claimed = unbase64(encoded)
    except ValueError:
        raise NotVerified("the Basic authentication is not base64") from None
    _match(scheme, secrets, claimed, "user or password are not those set on the source")


def _match(scheme: Scheme, secrets: Sequence[str], claimed: bytes, refusal: str) -> None:
    if not any(hmac.compare_digest(claimed, key) for key in keys(scheme, secrets)):
        raise NotVerified(refusal)


def _header(message: Message, name: str) -> str:
    value = message.headers.get(name.lower(), "")
    if not value:
        raise NotVerified(
            f"the header {name} is missing" if name else "the source names no header to look at"
        )
    if len(value) > MAX_HEADER:
        raise NotVerified(f"the header {name} is longer than {MAX_HEADER} characters")
    return value


def _entries(scheme: Scheme, value: str) -> list[str]:
    """The parts of a signature header: signatures, perhaps a timestamp, perhaps others nobody asked for."""
    if scheme.wrapping == "base64":
        try:
            value = unbase64(value).decode("latin-1")
        except ValueError:
            raise NotVerified(f"the header {scheme.header} is not base64") from None
    if not scheme.separator:
        return [value]
    if scheme.encoding == "raw":
        return value.split(scheme.separator, 1)  # raw bytes may contain the separator
    if value.count(scheme.separator) >= MAX_SIGNATURES:
        raise NotVerified(f"the header {scheme.header} has more than {MAX_SIGNATURES} entries")
    return [entry.strip() for entry in value.split(scheme.separator)]


def _timestamp(scheme: Scheme, message: Message, entries: list[str], now: float) -> str:
    """The digits of the timestamp, checked against the tolerance; "" when the scheme has none."""
    if scheme.timestamp_prefix:
        stamps = [entry for entry in entries if entry.startswith(scheme.timestamp_prefix)]
        text = stamps[0][len(scheme.timestamp_prefix) :] if len(stamps) == 1 else ""
    elif scheme.timestamp_header:
        text = _header(message, scheme.timestamp_header)
    elif scheme.tolerance:
        raise NotVerified("the source sets a tolerance but names no timestamp")
    else:
        return ""
    if len(text) > MAX_STAMP or not (text.isascii() and text.isdigit()):
        raise NotVerified("the timestamp is missing or is not a whole number")
    late = now - int(text) / TIMESTAMP_UNITS.get(scheme.timestamp_unit, 1)
    if scheme.tolerance and not abs(late) <= scheme.tolerance:
        side = "in the past" if late > 0 else "in the future"
        raise NotVerified(f"the timestamp is {abs(late):.0f} s {side}; {scheme.tolerance} s are allowed")
    return text


def _content(scheme: Scheme, message: Message, stamp: str, key: bytes) -> bytes:
    """The bytes that were signed, after the scheme's template."""
    if scheme.content == "{body}":
        return message.body
    values = {
        "body": message.body,
        "timestamp": stamp.encode(),
        "method": _raw(message.method),
        "url": _raw(_decode_url(message.url, scheme.url_decode)),
        "secret": key,
    }
    literals, names = _template(scheme.content)
    if "id" in names:
        values["id"] = _identity(scheme, message, literals[names.index("id") + 1])
    parts = [literals[0]]
    for name, literal in zip(names, literals[1:], strict=True):
        parts += (values[name], literal)
    return b"".join(parts)


@lru_cache(maxsize=256)
def _template(content: str) -> tuple[tuple[bytes, ...], tuple[str, ...]]:
    """The literal text around the tags (one more than tags), and the names of the tags."""
    parts = _TAG.split(content)
    return tuple(_raw(part) for part in parts[::2]), tuple(parts[1::2])


def _identity(scheme: Scheme, message: Message, following: bytes) -> bytes:
    """The message id; one that contains the text behind it could move the border to timestamp and body."""
    value = _raw(_header(message, scheme.id_header))
    if len(value) > MAX_ID or (following and following in value):
        raise NotVerified(f"the header {scheme.id_header} is not a message id")
    return value


def _decode_url(url: str, characters: str) -> str:
    if not characters or "%" not in url:
        return url
    return _ESCAPE.sub(
        lambda match: text if (text := chr(int(match[0][1:], 16))) in characters else match[0], url
    )


def _body_token(path: str, body: bytes) -> bytes:
    """What stands at a dotted path of a JSON body, or in the only `<Element>` of an XML body."""
    if path.startswith("<"):
        name = re.escape(_raw(path.strip("<>")))
        found = re.findall(
            rb"<(?:[\w.-]{1,100}:)?" + name + rb"(?:\s[^<>]{0,1000})?>\s*([^<>\s]{1,255})\s*</", body
        )
        token: object = found[0].decode("latin-1") if len(found) == 1 else None
    else:
        try:
            token = look_up(exact_json.loads(body), path)
        except ValueError:
            raise NotVerified("the body is not JSON") from None
    if not isinstance(token, str) or not token or len(token) > MAX_HEADER:
        raise NotVerified(f"the body has no token at {path}")
    return token.encode("utf-8", "surrogatepass") if not path.startswith("<") else token.encode("latin-1")


def _raw(text: str) -> bytes:
    """The bytes of header text: servers hand headers over as Latin-1, whatever they were."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
