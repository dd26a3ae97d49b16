"""An example request for a source, as a command to paste into a shell: signed where a shell can sign."""

import re
import shlex
from dataclasses import dataclass
from typing import Any

from webhooks_in.models import Source
from webhooks_in.schemes import Scheme
from webhooks_out import exact_json

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
SECRET = "the secret"
PERSON = {"first_name": "Ana", "last_name": "Lopez", "email": "ana@example.com", "stage": "Enrolled"}
BODIES: dict[str, tuple[str, Any]] = {
    "insites": (
        JSON,
        {"changes": {"stage": ["Lead", "Enrolled"]}, "snapshot": {"id": 7, **PERSON}},
    ),
    "insightly": (
        JSON,
        {
            "entity": {
                "CONTACT_ID": 7,
                "FIRST_NAME": "Ana",
                "LAST_NAME": "Lopez",
                "DATE_CREATED_UTC": "/Date(1773100800000-0800)/",
                "DATE_UPDATED_UTC": "/Date(1773100800000-0800)/",
            }
        },
    ),
    "key_values": (FORM, "firstname=Ana&lastname=Lopez&email=ana%40example.com&phone=5555555555&state=CA"),
    "standard_webhooks": (
        JSON,
        {"type": "contact.updated", "timestamp": "2026-03-10T00:00:00Z", "data": {"id": 7, **PERSON}},
    ),
}
# What a source's paths point to in an example of any JSON.
POINTED = {
    "record_type": "Contact",
    "event": "updated",
    "event_id": "event-1",
    "changes": {"stage": ["Lead", "Enrolled"]},
    "occurred_at": "2026-03-10T00:00:00Z",
    "record_id": 7,
}
# What a scheme's tags are called in the script.
VARIABLES = {
    "body": "${BODY}",
    "timestamp": "${NOW}",
    "id": "${ID}",
    "secret": "${SECRET}",
    "signature": "${SIGNATURE}",
}

_TAG = re.compile(r"\{(id|timestamp|body|method|url|secret)\}")


@dataclass(frozen=True)
class Example:
    """A command, and what must be known about it; `hint` is "" when it passes as it is."""

    command: str
    hint: str = ""


def example(source: Source, url: str, sent: tuple[str, str] | None = None) -> Example:
    """How to post an example to the source by hand. Contains no stored secret; the URL is one.

    `sent`: content type and body, if they are not to be made up.
    """
    content_type, body = sent or _body(source)
    scheme = source.scheme()
    if scheme.mode in ("hmac", "plain-hash") and scheme.encoding != "raw":
        hint = f"Put the source's secret in place of “{SECRET}”; the command then signs the request."
        return Example(_signed(scheme, url, content_type, body), hint)
    command = _curl(url, content_type, [shlex.quote(body)], _credentials(scheme))
    return Example(command, _hint(scheme))


def by_get(source: Source, url: str) -> Example | None:
    """How to call this URL by GET; None where the verification looks at a body."""
    scheme = source.scheme()
    if scheme.mode not in ("none", "basic", "token-equals") or scheme.body_path:
        return None
    return Example(" \\\n  ".join([f"curl {shlex.quote(url)}", *_credentials(scheme)]), _hint(scheme))


def _body(source: Source) -> tuple[str, str]:
    content_type, body = BODIES.get(source.dialect, (JSON, None))
    if body is None:
        body = _pointed(source)
    return content_type, body if isinstance(body, str) else exact_json.dumps(body)


def _pointed(source: Source) -> dict[str, Any]:
    """An object in which each of the source's paths leads to something."""
    made: dict[str, Any] = {}
    item: dict[str, Any] = {}
    if source.path_items:
        _put(made, source.path_items, [item])
    else:
        item = made
    if source.path_snapshot:
        _put(item, source.path_snapshot, dict(PERSON))
    else:
        item |= PERSON
    for name, value in POINTED.items():
        _put(item, getattr(source, f"path_{name}"), value)
    return made


def _put(data: Any, path: str, value: Any) -> None:
    """Sets what stands at a dotted path; a path through something that is no object is left out."""
    *parents, last = path.split(".")
    for part in parents:
        data = data.setdefault(part, {})
        if not isinstance(data, dict):
            return
    if last:
        data[last] = value


def _credentials(scheme: Scheme) -> list[str]:
    if scheme.mode == "basic":
        return ["-u 'user:password'"]
    if scheme.mode == "token-equals" and scheme.header:
        return [f"-H {shlex.quote(f'{scheme.header}: {scheme.prefix}{SECRET}')}"]
    return []


def _hint(scheme: Scheme) -> str:
    if scheme.mode == "none":
        return ""
    if scheme.mode == "basic":
        return "Put the source's user and password in place of “user:password”."
    if scheme.mode == "token-equals":
        where = (
            f"must stand in the body at {scheme.body_path}" if scheme.body_path else f"replaces “{SECRET}”"
        )
        return f"The source's token {where}."
    return (
        "Only the sender can sign this. The request will be answered 401 and kept as quarantined, to look at."
    )


def _curl(url: str, content_type: str, data: list[str], options: list[str]) -> str:
    """The command, one option a line."""
    headers = [f"-H {shlex.quote(f'Content-Type: {content_type}')}", *options]
    lines = [f"curl -X POST {shlex.quote(url)}", *headers, *(f"--data-binary {one}" for one in data)]
    return " \\\n  ".join(lines)


def _signed(scheme: Scheme, url: str, content_type: str, body: str) -> str:
    """A small script: the body, what is signed, the signature, and the request that carries it."""
    named = {**VARIABLES, "method": "POST", "url": _quoted(url)}
    parts = _TAG.split(scheme.content)
    content = "".join(named[part] if at % 2 else _quoted(part) for at, part in enumerate(parts))
    signature, prefix, separator = VARIABLES["signature"], _quoted(scheme.prefix), _quoted(scheme.separator)
    value = prefix + signature
    if scheme.timestamp_prefix:
        value = _quoted(scheme.timestamp_prefix) + VARIABLES["timestamp"] + separator + value
    headers = {
        scheme.header: value,
        scheme.timestamp_header: VARIABLES["timestamp"],
        scheme.id_header: VARIABLES["id"],
    }
    lines = [
        f"SECRET={shlex.quote(SECRET)}",
        f"BODY={shlex.quote(body)}",
        f"NOW=$(date +%s){'000' if scheme.timestamp_unit == 'ms' else ''}",
        "ID=example-${NOW}",
        f'SIGNATURE=$(printf %s "{content}" | openssl dgst -{scheme.digest} {_key(scheme)}{_encoding(scheme)})',
    ]
    if scheme.wrapping:
        lines.append(f'SIGNATURE=$(printf %s "example{separator}{signature}" | openssl base64 -A)')
    options = [f'-H "{_quoted(name)}: {value}"' for name, value in headers.items() if name]
    return "\n".join([*_needed(lines, options), _curl(url, content_type, ['"${BODY}"'], options)])


def _needed(lines: list[str], options: list[str]) -> list[str]:
    """The lines without the variables nothing uses."""
    for name in ("ID", "NOW"):
        if f"${{{name}}}" not in "\n".join([*lines, *options]):
            lines = [line for line in lines if not line.startswith(f"{name}=")]
    return lines


def _key(scheme: Scheme) -> str:
    """The options that give the key to openssl, read as the scheme says."""
    if scheme.mode == "plain-hash":
        return ""
    if scheme.secret_decoding == "utf-8":
        return '-hmac "$SECRET" '
    if scheme.secret_decoding == "hex":
        return '-mac HMAC -macopt hexkey:"$SECRET" '
    decoded = '$(printf %s "${SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d " \\n")'
    return f"-mac HMAC -macopt hexkey:{decoded} "


def _encoding(scheme: Scheme) -> str:
    return "-r | cut -d ' ' -f 1" if scheme.encoding == "hex" else "-binary | openssl base64 -A"


def _quoted(text: str) -> str:
    """Text as it stands between double quotes of a shell."""
    return re.sub(r'(["$`\\])', r"\\\1", text)
