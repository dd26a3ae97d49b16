"""The bodies a webhook can send: from rendered pairs and the event to URL, bytes and content type."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

from webhooks_out import exact_json
from webhooks_out.mapping import Rendered
from webhooks_out.scalars import text

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@dataclass(frozen=True)
class Event:
    """What happened, for the bodies that tell of the whole record."""

    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)  # {field: (old, new)}
    snapshot: Mapping[str, Any] = field(default_factory=dict)
    record_type: str = ""
    record_id: str = ""
    event: str = ""


@dataclass(frozen=True)
class Built:
    """The request's URL, body and content type ("" when there is no body)."""

    url: str
    body: bytes
    content_type: str


@dataclass(frozen=True)
class BodyKind:
    """One row of the list: words for the administrator and how the body is built."""

    label: str
    help: str
    content_type: str
    build: Callable[[str, Rendered, Event], tuple[str, bytes]]


def build(kind: str, url: str, rendered: Rendered, event: Event) -> Built:
    """The request to freeze; nothing in the data can change the URL's scheme, host, port or path."""
    chosen = BODY_KINDS[kind]
    built, body = chosen.build(url, rendered, event)
    return Built(built, body, chosen.content_type)


def encode(pairs: Iterable[tuple[str, Any, bool]]) -> str:
    """The pairs as a browser submits a form (WHATWG URL: UTF-8, + for a blank, CR LF for a new line)."""
    return "&".join(f"{_quoted(key)}={_quoted(text(value))}" for key, value, _ in pairs)


def _quoted(written: str) -> str:
    if "\n" in written or "\r" in written:
        written = "\r\n".join(written.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    try:
        quoted = quote_plus(written, safe="*")
    except UnicodeEncodeError:
        quoted = quote_plus(exact_json.clean(written)[0], safe="*")
    return quoted.replace("~", "%7E")


def _json(value: Any) -> bytes:
    try:
        return exact_json.dumps(value).encode()
    except UnicodeEncodeError:
        return exact_json.dumps(exact_json.clean(value)[0]).encode()


def _object(rendered: Rendered) -> dict[str, Any]:
    return {key: value for key, value, _ in rendered.pairs}


def _form(url: str, rendered: Rendered, _event: Event) -> tuple[str, bytes]:
    return url, encode(rendered.pairs).encode()


def _flat(url: str, rendered: Rendered, _event: Event) -> tuple[str, bytes]:
    return url, _json(_object(rendered))


def _query(url: str, rendered: Rendered, _event: Event) -> tuple[str, bytes]:
    target = url.partition("#")[0]
    if not rendered.pairs:
        return target, b""
    joint = "" if target.endswith(("?", "&")) else "&" if "?" in target else "?"
    return f"{target}{joint}{encode(rendered.pairs)}", b""


def _insightly(url: str, rendered: Rendered, event: Event) -> tuple[str, bytes]:
    return url, _json({"entity": _object(rendered) or dict(event.snapshot)})


def _changes(url: str, rendered: Rendered, event: Event) -> tuple[str, bytes]:
    return url, _json({"changes": _new_values(event), **_object(rendered)})


def _changes_snapshot(url: str, rendered: Rendered, event: Event) -> tuple[str, bytes]:
    return url, _json({"changes": _new_values(event), "snapshot": _identified(event), **_object(rendered)})


def _full(url: str, rendered: Rendered, event: Event) -> tuple[str, bytes]:
    return url, _json({**_identified(event), **_object(rendered)})


def _new_values(event: Event) -> dict[str, Any]:
    return {name: new for name, (_, new) in event.changes.items()}


def _identified(event: Event) -> dict[str, Any]:
    """The snapshot, with the record's id where the sender's own fields do not carry one."""
    return {"id": event.record_id, **event.snapshot} if event.record_id else dict(event.snapshot)


BODY_KINDS = {
    "form": BodyKind("Form", "The pairs as a web form posts them.", FORM, _form),
    "json": BodyKind("JSON", "One flat object of the pairs; a key with dots stays one key.", JSON, _flat),
    "query": BodyKind("Query", "The pairs are added to the URL; there is no body.", "", _query),
    "insightly": BodyKind(
        "Insightly", 'The pairs, or the whole record if there are none, under "entity".', JSON, _insightly
    ),
    "insites_changes": BodyKind(
        "Insites: changes only",
        'The new values of the fields that changed under "changes"; pairs stand beside it.',
        JSON,
        _changes,
    ),
    "insites_changes_snapshot": BodyKind(
        "Insites: changes with snapshot",
        'The new values under "changes" and the whole record under "snapshot"; pairs stand beside them.',
        JSON,
        _changes_snapshot,
    ),
    "insites_full": BodyKind(
        "Insites: full object",
        "The whole record; pairs are added to it and win over its fields.",
        JSON,
        _full,
    ),
}
