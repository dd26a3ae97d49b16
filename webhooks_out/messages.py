"""One request as it is to be sent, and as much of its answer as is worth keeping."""

import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

EXCERPT = 16 * 1024  # bytes kept of an answer's body, after decompression
HEADERS = 100  # kept of an answer
HEADER_BYTES = 16 * 1024  # kept of them together

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
# What belongs to the connection, not to the message (RFC 9110 §7.6.1), and what is worked out from URL and body.
RESERVED = frozenset(
    {"connection", "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer", "upgrade"}
    | {"content-length", "expect", "host", "transfer-encoding"}
)
# Only these are looked up: Python knows "charsets" that are no character sets, and some that raise or warn.
CHARSETS = frozenset(
    {"big5", "euc-jp", "euc-kr", "gb18030", "gb2312", "gbk", "iso-2022-jp", "koi8-r", "koi8-u", "shift_jis"}
    | {"ascii", "us-ascii", "latin1", "utf-16", "utf-16be", "utf-16le", "utf-8", "utf8"}
    | {f"iso-8859-{part}" for part in range(1, 17) if part != 12}
    | {f"windows-125{part}" for part in range(9)}
)

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNSENDABLE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Outgoing:
    """One request, complete: nothing is added to it but what its connection needs."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    timeout: float = 20.0  # seconds for everything, from the name's lookup to the answer's last byte
    verify_tls: bool = True
    ca: str = ""  # PEM; when set, only these authorities are trusted
    into: BinaryIO | None = (
        None  # where the body of a 200 is written, as it comes, instead of being kept here
    )
    most: int = EXCERPT  # bytes of it that are taken; the answer is cut when there are more


@dataclass(frozen=True)
class Answer:
    """What came of one request: a status, or an error; never both, never neither."""

    status: int | None = None
    error: str = ""  # dns, connect, tls, timeout, reset, protocol, refused_address or refused_url
    detail: str = ""  # what happened, in one sentence for an administrator
    headers: Mapping[str, str] = field(default_factory=dict)
    excerpt: str = ""  # the beginning of the body, fit to be stored
    cut: bool = False  # there was more of it
    seconds: float = 0.0  # that it all took
    address: str = ""  # the address connected to, or last tried


def check_header(name: str, value: str) -> str:
    """The sentence why this header cannot be sent, or ""."""
    if not _TOKEN.fullmatch(name):
        return f"{name!r} cannot be the name of a header."
    if name.lower() in RESERVED:
        return f"The header {name} is set by Fieldhook itself."
    if _UNSENDABLE.search(value):
        return f"The header {name} holds a line break or a character that headers cannot carry."
    return ""


def check_request(outgoing: Outgoing) -> str:
    """The sentence why this request cannot be sent whatever its URL, or ""."""
    if outgoing.method not in METHODS:
        return f"{outgoing.method!r} is not one of the methods that can be sent."
    problems = (check_header(name, value) for name, value in outgoing.headers.items())
    return next(filter(None, problems), "")


def keep_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers worth keeping, within the limits. Cookies are not: they may be the key to a session."""
    kept: dict[str, str] = {}
    room = HEADER_BYTES
    for name, value in headers:
        if name.lower() != "set-cookie":
            kept[_storable(name[:room])] = _storable(value[: max(room - len(name), 0)])
            room -= len(name) + len(value)
        if room <= 0 or len(kept) == HEADERS:
            break
    return kept


def read_excerpt(body: bytes, headers: Mapping[str, str]) -> tuple[str, bool]:
    """The beginning of a body as text fit to be stored, and whether more was there.

    `body` is one byte longer than EXCERPT when there was more. Undoes gzip and deflate up to the limit; what cannot
    be decoded is replaced, never an error.
    """
    cut = len(body) > EXCERPT
    if headers.get("content-encoding"):
        body = _decompress(body)
    charset = _CHARSET.search(headers.get("content-type", ""))
    encoding = charset[1].lower() if charset and charset[1].lower() in CHARSETS else "utf-8"
    return _storable(body[:EXCERPT].decode(encoding, "replace")), cut or len(body) > EXCERPT


def _decompress(body: bytes) -> bytes:
    """One byte more than is kept, if there is one; the body itself if it is not gzip or deflate after all."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body, EXCERPT + 1)
    except zlib.error:
        return body


def _storable(text: str) -> str:
    return _UNSTORABLE.sub("\ufffd", text)
