"""From a raw request to a payload (JSON, form or query, within limits), and to what identifies it."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from webhooks_out import exact_json
from webhooks_out.paths import look_up
from webhooks_out.scalars import text

MAX_FIELDS = 1_000  # of a form or query
MAX_DEDUP_KEY = 200  # characters; a longer one is stored as its SHA-256
CHARSETS = {
    "": "utf-8",
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "windows-1252": "cp1252",
}
READ_NAMES = frozenset({"type", "id", "event", "event_id", "occurred_at"})  # what only a dialect can tell

_FORM = "application/x-www-form-urlencoded"
_TAG = re.compile(r"\{([^{}]{1,200})\}")
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{1,70}")
_PARAMETER = re.compile(r';\s*([\w*-]{1,40})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))')
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class NotReadable(Exception):
    """The request holds no payload we read; `status` is the HTTP answer, str() a short fixed sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def read(method: str, content_type: str, query: str, body: bytes, *, encoding: str = "") -> Any:
    """The payload of a request, or NotReadable (400 malformed, 415 of a kind we do not read).

    GET reads the query string. A POST is JSON when its content type says so or says nothing, or says form while
    the body starts like JSON; else a form, and an empty one falls back to the query string. Of a JSON key that
    stands twice the last one counts; a form key that stands twice becomes a list. `%00` is a NUL, `%zz` stays as
    it is. `encoding` is the Content-Encoding header: compressed bodies are refused.
    """
    if encoding.strip().lower() not in ("", "identity"):
        raise NotReadable(415, "compressed bodies are not read")
    kind, _, _ = content_type.partition(";")
    kind = kind.strip().lower()
    if method == "GET" or (not body and query and kind in ("", _FORM)):
        return _form(_unmangled(query))
    charset = CHARSETS.get(_parameters(content_type).get("charset", "").lower())
    if charset is None:
        raise NotReadable(415, "the charset is not one we read")
    if "json" in kind or not kind or (kind == _FORM and body.lstrip()[:1] in (b"{", b"[")):
        return _json(body, charset)
    if kind == _FORM:
        return _form(_decoded(body, charset), charset)
    if kind == "multipart/form-data":
        return _collect(_multipart(body, content_type, charset))
    raise NotReadable(415, "only JSON and forms are read")


def dedup_key(
    template: str, headers: Mapping[str, str], payload: Any, extra: Mapping[str, str]
) -> str | None:
    """The identity a template such as `{webhook-id}` or `{id}:{data.updated_at}` gives a request.

    A name is looked for in `extra` (what the dialect found), then as a dotted path in the payload. Only a name
    with a hyphen or written `header:Name` is a header too: a payload that lacks `host` is not known by its Host.
    None when the template is empty or any part is missing, null, empty or a container.
    """
    parts = _TAG.split(template)
    parts[1::2] = [_part(name.strip(), headers, payload, extra) for name in parts[1::2]]
    if len(parts) == 1 or not all(parts[1::2]):
        return None
    key = "".join(parts)
    if len(key) > MAX_DEDUP_KEY or _UNSTORABLE.search(key):
        return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return key


def needs_reading(template: str) -> bool:
    """Whether the template has names only a dialect can fill in, such as {type}."""
    return any(name.strip() in READ_NAMES for name in _TAG.findall(template))


def _json(body: bytes, charset: str) -> Any:
    try:
        return exact_json.loads(body if charset == "utf-8" else body.decode(charset))
    except (ValueError, RecursionError):
        raise NotReadable(400, "the body is not JSON we read") from None


def _unmangled(query: str) -> str:
    """The query string as sent: servers hand raw UTF-8 bytes over as Latin-1."""
    try:
        return query if query.isascii() else query.encode("latin-1").decode()
    except UnicodeEncodeError:
        return query
    except UnicodeDecodeError:
        raise NotReadable(400, "the query string is not UTF-8") from None


def _form(encoded: str, charset: str = "utf-8") -> dict[str, str | list[str]]:
    try:
        pairs = parse_qsl(
            encoded, keep_blank_values=True, encoding=charset, errors="strict", max_num_fields=MAX_FIELDS
        )
    except ValueError:
        raise NotReadable(400, f"the form is not UTF-8 or has more than {MAX_FIELDS} fields") from None
    return _collect(pairs)


def _collect(pairs: Iterable[tuple[str, str]]) -> dict[str, str | list[str]]:
    """The fields of a form, keys verbatim; a repeated key becomes the list of its values."""
    fields: dict[str, str | list[str]] = {}
    for key, value in pairs:
        present = fields.get(key)
        if present is None:
            fields[key] = value
        elif isinstance(present, list):
            present.append(value)
        else:
            fields[key] = [present, value]
    if not fields:
        raise NotReadable(400, "the request has no fields")
    return fields


def _decoded(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset)
    except ValueError:
        raise NotReadable(400, "the body is not in its charset") from None


def _multipart(body: bytes, content_type: str, charset: str) -> list[tuple[str, str]]:
    """The fields of multipart/form-data (RFC 7578), as PHP and curl send them; files are refused."""
    boundary = _parameters(content_type).get("boundary", "")
    if _BOUNDARY.fullmatch(boundary) is None:
        raise NotReadable(400, "the multipart boundary is missing or malformed")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode(), MAX_FIELDS + 2)
    if not 2 < len(pieces) < MAX_FIELDS + 3 or not pieces[-1].startswith(b"--"):
        raise NotReadable(400, f"the form is empty, cut off or has more than {MAX_FIELDS} fields")
    return [_field(piece, charset) for piece in pieces[1:-1]]


def _field(piece: bytes, charset: str) -> tuple[str, str]:
    head, found, content = piece.partition(b"\r\n\r\n")
    lines = _decoded(head, charset).split("\r\n")
    disposition = next((line for line in lines if line.lower().startswith("content-disposition:")), "")
    parameters = _parameters(disposition)
    if "filename" in parameters or "filename*" in parameters:
        raise NotReadable(415, "uploaded files are not read")
    if not found or "name" not in parameters:
        raise NotReadable(400, "a part of the form has no name")
    return parameters["name"].replace("%22", '"'), _decoded(content, charset)


def _parameters(header: str) -> dict[str, str]:
    """The parameters of a header, names in lower case."""
    if ";" not in header:
        return {}
    return {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(header)}


def _part(name: str, headers: Mapping[str, str], payload: Any, extra: Mapping[str, str]) -> str:
    if name.lower().startswith("header:"):
        return headers.get(name[len("header:") :].strip().lower(), "")
    value = extra.get(name) or look_up(payload, name)
    if isinstance(value, (dict, list)):
        return ""
    return text(value).strip() or (headers.get(name.lower(), "") if "-" in name else "")
