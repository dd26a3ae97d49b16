"""The ingest view: find the source, verify, store, answer. Nothing else happens while the sender waits."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.views import APIView

from webhooks_in import intake, quarantine, refusals, replies, verification
from webhooks_in.directory import directory
from webhooks_in.intake import Arrival, Stored
from webhooks_in.models import DEFAULT_MAX_BODY, Source
from webhooks_in.payloads import NotReadable
from webhooks_in.schemes import Message, NotVerified

RETRY_AFTER = 5  # seconds a sender is asked to wait while nothing can be stored
SECRET_NAMES = re.compile(r"authorization|cookie|token|secret|password|api-?key", re.IGNORECASE)
LENGTH_DIGITS = 12  # of a Content-Length that are looked at; more is too large anyway
BODY_PATIENCE = 5.0  # seconds a sender may pause in the middle of a body
MAX_HEADER = 2_048  # characters kept of one header
CONCEALED = "(not kept)"

T = TypeVar("T")


class Refused(Exception):
    """The request is not accepted and its body not kept; `status` is the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Ingest(APIView):
    """Takes what a CRM posts. 202 stored, 200 known repeat, 4xx refused, 503 nothing stored: try again."""

    http_method_names = ("post", "get")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """No login, negotiation or throttle: the source's own verification is the only gate."""

    def post(self, request: Request, token: str) -> HttpResponse:
        """The answer to a webhook or a posted form."""
        return answer(request._request, token)

    get = post


ingest = Ingest.as_view()


def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Accepts one request and says what became of it."""
    now = timezone.now()
    source: Source | None = None
    try:
        source = _steady(lambda: directory.find(token))
        stored = _accept(request, source, now)
    except (Refused, NotReadable) as refused:
        status, message = refused.status, str(refused)
        _steady(lambda: refusals.count(source, status, now))
        return _told(status, {"error": message})
    except (OperationalError, InterfaceError):
        return _told(503, {"error": "nothing was stored, try again"}, **{"Retry-After": str(RETRY_AFTER)})
    if source and source.reply != Source.Reply.RECEIPT:
        return _replied(source, stored)
    status = 200 if stored.duplicate else 202
    return _told(status, {"receipt": str(stored.receipt_id), "duplicate": stored.duplicate})


def _told(status: int, what: dict[str, Any], **headers: str) -> HttpResponse:
    """The answer in JSON."""
    return _written(status, "application/json", json.dumps(what), **headers)


def _replied(source: Source, stored: Stored) -> HttpResponse:
    """The answer to a lead: what became of it. What is stored is never lost, so trouble here is no error."""
    try:
        said = replies.settled(stored.receipt_id)
    except (OperationalError, InterfaceError):
        said = [replies.accepted()]
    content_type, text = replies.written(said, stored.receipt_id, source.reply)
    return _written(202 if said[0].status == replies.ACCEPTED else 200, content_type, text)


def _written(status: int, content_type: str, text: str, **headers: str) -> HttpResponse:
    """The answer. Its length is said, so that no server has to cut it into chunks."""
    content = text.encode()
    headers = {"Content-Type": content_type, "Content-Length": str(len(content)), **headers}
    return HttpResponse(content, status=status, headers=headers)


def _accept(request: HttpRequest, source: Source | None, now: datetime) -> Stored:
    if request.method == "GET" and not (source and source.allow_get):
        raise Refused(405, "use POST")
    arrival = _arrival(request, source)
    try:
        _verify(request, source, arrival, now)
    except NotVerified as reason:
        why = str(reason)
        _steady(lambda: quarantine.keep(source, arrival, why))
        raise Refused(401, "not verified") from None
    known = source or Source()  # `_verify` lets no unknown source pass
    return _steady(lambda: intake.receive(known, arrival, now))


def _arrival(request: HttpRequest, source: Source | None) -> Arrival:
    try:
        request.get_host()
    except DisallowedHost:
        raise Refused(400, "unknown host") from None
    headers = {name: value for key, value in request.META.items() if (name := _header_name(key))}
    token_header = source.scheme().header.lower() if source and source.scheme().mode == "token-equals" else ""
    kept = {
        name: CONCEALED if name == token_header or _is_secret(name) else value[:MAX_HEADER]
        for name, value in headers.items()
    }
    return Arrival(
        method=request.method or "",
        content_type=request.META.get("CONTENT_TYPE", ""),
        query=request.META.get("QUERY_STRING", ""),
        headers=headers,
        kept=kept,
        body=_body(request, source.max_body if source else DEFAULT_MAX_BODY),
    )


@lru_cache(maxsize=1024)
def _header_name(key: str) -> str:
    """The header that a key of the WSGI environment stands for, in lower case; "" for other keys."""
    if key in ("CONTENT_TYPE", "CONTENT_LENGTH") or key.startswith("HTTP_"):
        return key.removeprefix("HTTP_").replace("_", "-").lower()
    return ""


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return SECRET_NAMES.search(name) is not None


def _body(request: HttpRequest, limit: int) -> bytes:
    """The raw body, never more than `limit` bytes of it; a body whose length is not announced is not read."""
    if request.META.get("HTTP_TRANSFER_ENCODING"):
        raise Refused(411, "send a Content-Length")
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if not (announced.isascii() and announced.isdecimal()):
        raise Refused(400, "the Content-Length is no number")
    length = int(announced[:LENGTH_DIGITS])
    if length > limit:
        raise Refused(413, "the request is too large")
    if wire := request.META.get("gunicorn.socket"):
        wire.settimeout(BODY_PATIENCE)
    try:
        body = request.read(length) if length else b""
    except (UnreadablePostError, OSError):
        raise Refused(400, "the request ended early") from None
    if len(body) < length:
        raise Refused(400, "the request ended early")
    return body


def _verify(request: HttpRequest, source: Source | None, arrival: Arrival, now: datetime) -> None:
    """Raises NotVerified; an unknown source goes the same way as a bad signature."""
    if source is None:
        raise NotVerified("unknown URL")
    message = Message(
        method=arrival.method,
        url=settings.PUBLIC_URL + request.get_full_path(),
        headers=arrival.headers,
        body=arrival.body,
    )
    verification.verify(source.scheme(), list(source.secrets_at(now)), message, now.timestamp())


def _steady(do: Callable[[], T]) -> T:
    """Does it, and once more on a new connection when the old one turns out to be broken."""
    try:
        return do()
    except (OperationalError, InterfaceError):
        connection.close_if_unusable_or_obsolete()
        if connection.connection is not None:
            raise
        return do()
