"""What is wrong with a webhook's definition, in sentences an administrator can act on."""

import re
import ssl
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from webhooks_out import mapping
from webhooks_out.http import check_header
from webhooks_out.mapping import Pair
from webhooks_out.outbox import HOPS_HEADER

LONGEST_WAIT = 86_400  # seconds between two attempts
OURS = frozenset({HOPS_HEADER.lower(), "webhook-id", "webhook-timestamp", "webhook-signature"})
CREDENTIALS = frozenset({"authorization", "cookie", "x-api-key", "api-key", "apikey", "x-auth-token"})
BODILESS = frozenset({"GET"})

_TAG = re.compile(r"\{[^{}]*\}")


def header_problems(text: str, *, secret: bool) -> Iterator[str]:
    """Why these lines of “Name: value” cannot be sent as headers; `secret` says whether they are kept encrypted."""
    names: Counter[str] = Counter()
    for line in filter(None, map(str.strip, text.splitlines())):
        name, colon, value = line.partition(":")
        name = name.strip()
        if not colon:
            yield "A line has no colon: write Name: value." if secret else f"“{name[:60]}” has no colon."
            continue
        names[name.lower()] += 1
        if problem := check_header(name, value.strip()):
            yield problem
        elif name.lower() in OURS:
            yield f"{name} is set by Fieldhook itself."
        elif not secret and name.lower() in CREDENTIALS:
            yield f"{name} carries a credential: write it under secret headers, which are stored encrypted."
    yield from (f"The header {name} stands there twice." for name, times in names.items() if times > 1)


def schedule_problem(text: str) -> str:
    """Why this is no list of waits in seconds, or ""."""
    waits = [part.strip() for part in text.split(",")]
    if not all(re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", wait) for wait in waits):
        return "Write seconds, separated by commas, such as 30, 300."
    if any(float(wait) > LONGEST_WAIT for wait in waits):
        return f"A wait lasts at most {LONGEST_WAIT} seconds, which is a day."
    return ""


def certificate_problem(pem: str) -> str:
    """Why these are no certificates in PEM form, or ""."""
    if not pem.strip():
        return ""
    try:
        ssl.create_default_context(cadata=pem)
    except (ssl.SSLError, ValueError):
        return "This is no certificate: paste the text from -----BEGIN CERTIFICATE----- on, the end line included."
    return ""


def body_problem(method: str, kind: str) -> str:
    """Why this method cannot carry this body, or ""."""
    if method in BODILESS and kind != "query":
        return f"{method} carries no body: choose “Query”, which adds the keys to the URL."
    return ""


def brace_problem(text: str) -> str:
    """Why the braces of a text with {TAGS} cannot be meant like this, or ""; braces around anything are fine."""
    while (fewer := _TAG.sub("", text)) != text:
        text = fewer
    return "A brace has no other half: a tag is written {LIKE_THIS}." if "{" in text or "}" in text else ""


def row_problem(pair: Pair) -> str:
    """Why this row of a mapping cannot be saved, or ""."""
    return mapping.problem(pair) or (brace_problem(pair.value) if pair.kind == "text" else "")


def doubts(pairs: Iterable[Pair], known: Collection[str]) -> Iterator[str]:
    """What is allowed but probably not meant; `known` are the tags and the fields that were heard of."""
    pairs = list(pairs)
    for key, times in Counter(pair.key for pair in pairs).items():
        if times > 1:
            yield f"The key {key} stands there {times} times. Most receivers read only one of them."
    for pair in pairs:
        if pair.key != pair.key.strip():
            yield f"The key “{pair.key}” begins or ends with a blank. It is sent like that."
        if pair.kind == "secret" and not pair.value:
            yield f"{pair.key}: its secret value is not set."
        for name in mapping.unknown_tags(pair.value, known) if pair.kind == "text" else ():
            yield f"{pair.key}: {{{name}}} is not among the tags, so it stands for the field called {name}."
