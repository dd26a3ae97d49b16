"""Splits a pasted posting string into the URL and its keys, as posting instructions hand it out."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl

from webhooks_out import exact_json
from webhooks_out.scalars import text as as_text

MAX_SAMPLE = 100_000  # characters read of what was pasted
DATA_OPTIONS = frozenset(
    {"-d", "--data", "--data-raw", "--data-ascii", "--data-binary", "--data-urlencode", "--json"}
)
FORM_OPTIONS = frozenset({"-F", "--form", "--form-string"})
# Options of curl that are followed by a value and say nothing about keys.
SKIPPED_OPTIONS = frozenset(
    {
        "-X",
        "--request",
        "-H",
        "--header",
        "-u",
        "--user",
        "-A",
        "--user-agent",
        "-e",
        "--referer",
        "-o",
        "--output",
    }
    | {
        "-b",
        "--cookie",
        "-c",
        "--cookie-jar",
        "-m",
        "--max-time",
        "-x",
        "--proxy",
        "--connect-timeout",
        "-w",
        "--retry",
    }
)

_URL = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
_BULLET = re.compile(r"^[-*•]\s+")
_CONTINUED = re.compile(r"[\\^]\s*\r?\n")

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sample:
    """The URL without its query, and (key, example) in the order given; keys are verbatim."""

    url: str
    pairs: Pairs


def split(text: str) -> Sample:
    """What a posting string, a curl command, a JSON object or lines of key=value say; never fails."""
    text = text[:MAX_SAMPLE].strip().replace("&amp;", "&")
    if re.match(r"curl\s", text):
        return _from_curl(text)
    found = _URL.search(text)
    if found is None:
        return Sample("", _body(text) or _lines(text))
    url, pairs = _from_url(found[0])
    rest = text[found.end() :].strip()
    return Sample(url, pairs + (_body(rest) or _lines(rest)))


def _from_url(url: str) -> tuple[str, Pairs]:
    address, _, query = url.partition("#")[0].partition("?")
    return address, _query(query)


def _query(query: str) -> Pairs:
    return tuple(parse_qsl(query, keep_blank_values=True))


def _body(text: str) -> Pairs:
    """The pairs of a JSON object or of a form on one line; () when it is neither."""
    if text.startswith("{"):
        try:
            value = exact_json.loads(text)
        except ValueError:
            return ()
        return tuple((key, as_text(example)) for key, example in value.items())
    one_line = "=" in text and "\n" not in text and not _BULLET.match(text) and " = " not in text
    return _query(text.lstrip("?&")) if one_line else ()


def _lines(text: str) -> Pairs:
    pairs = []
    for line in map(str.strip, text.splitlines()):
        key, equals, example = _BULLET.sub("", line).partition("=")
        if equals or _BULLET.match(line):
            pairs.append((key.strip(), example.strip()))
    return tuple(pair for pair in pairs if pair[0])


def _from_curl(command: str) -> Sample:
    try:
        words = shlex.split(_CONTINUED.sub(" ", command))
    except ValueError:
        words = command.replace("'", "").replace('"', "").split()
    url = ""
    pairs: Pairs = ()
    for option, value in _options(iter(words[1:])):
        if option in DATA_OPTIONS:
            pairs += _body(value)
        elif option in FORM_OPTIONS:
            pairs += _lines(value)
        elif option in ("", "--url") and not url:
            url, query = _from_url(value)
            pairs = query + pairs
    return Sample(url, pairs)


def _options(words: Iterator[str]) -> Iterator[tuple[str, str]]:
    """(option, value) of a command line; "" is the option of a word that stands alone."""
    for word in words:
        name, equals, value = word.partition("=")
        if word in DATA_OPTIONS | FORM_OPTIONS | SKIPPED_OPTIONS | {"--url"}:
            yield word, next(words, "")
        elif word.startswith("--"):
            yield name, value if equals else ""
        elif word.startswith("-") and word[:2] in DATA_OPTIONS | FORM_OPTIONS | SKIPPED_OPTIONS:
            yield word[:2], word[2:]
        elif not word.startswith("-"):
            yield "", word
