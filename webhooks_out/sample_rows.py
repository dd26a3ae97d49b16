"""Puts a pasted sample string into the form: its URL where there is none yet, and one row for each of its keys."""

import re
from collections.abc import Iterable, Iterator, Mapping

from django.http import QueryDict

from webhooks_out import samples
from webhooks_out.models import KeyValue

FIELD = "sample"  # the name of the input the sample is pasted into
EXAMPLE = "Example: "  # how the note of such a row begins
MAX_ROWS = 1_000
MAX_EXAMPLE = 100  # characters of an example that are noted

_CREDENTIAL = re.compile(r"passw|secret|token|api[-_ ]?key|apikey|hash", re.IGNORECASE)
_NOT_WORD = re.compile(r"[\W_]")


def fill(posted: QueryDict, prefix: str, fields: Iterable[str]) -> tuple[QueryDict, int]:
    """The form's data with the sample in it, and how many keys are new. Keys are taken verbatim.

    A key that is called like a known field is mapped to it; one that looks like a credential becomes a secret custom
    value, and its example is not noted.
    """
    data = posted.copy()
    sample = samples.split(data.get(FIELD, ""))
    if sample.url and not data.get("url", "").strip():
        data["url"] = sample.url
    known = {_plain(name): name for name in fields}
    return data, _put(data, prefix, {key: _row(key, said, known) for key, said in dict(sample.pairs).items()})


def fill_texts(posted: QueryDict, prefix: str, texts: Mapping[str, str]) -> tuple[QueryDict, int]:
    """The form's data with a row for each of these keys, a text with {TAGS}, and how many keys are new."""
    data = posted.copy()
    rows = {key: {"key": key, "kind": KeyValue.Kind.TEXT, "value": text} for key, text in texts.items()}
    empty = {"missing": KeyValue.Missing.EMPTY}
    return data, _put(data, prefix, {key: row | empty for key, row in rows.items()})


def _put(data: QueryDict, prefix: str, rows: Mapping[str, Mapping[str, str]]) -> int:
    """Writes the rows whose keys are not there yet into the form's data; how many."""
    there = {data.get(f"{prefix}-{index}-key") for index in range(_total(data, prefix))}
    new = [row for key, row in rows.items() if key not in there]
    for row, index in zip(new, _free(data, prefix), strict=False):
        for name, value in row.items():
            data[f"{prefix}-{index}-{name}"] = value
        data[f"{prefix}-TOTAL_FORMS"] = str(max(index + 1, _total(data, prefix)))
    return len(new)


def _total(data: QueryDict, prefix: str) -> int:
    written = data.get(f"{prefix}-TOTAL_FORMS", "0")
    return (
        min(int(written), MAX_ROWS) if written.isascii() and written.isdecimal() and len(written) < 6 else 0
    )


def _free(data: QueryDict, prefix: str) -> Iterator[int]:
    """Where rows can go: first into those that are empty, then behind the last."""
    total = _total(data, prefix)
    for index in range(total):
        if not data.get(f"{prefix}-{index}-key") and not data.get(f"{prefix}-{index}-id"):
            yield index
    yield from range(total, MAX_ROWS)


def _row(key: str, example: str, known: Mapping[str, str]) -> dict[str, str]:
    if _CREDENTIAL.search(key):
        return {"key": key, "kind": KeyValue.Kind.SECRET, "missing": KeyValue.Missing.HOLD}
    return {
        "key": key,
        "kind": KeyValue.Kind.FIELD,
        "value": known.get(_plain(key), ""),
        "missing": KeyValue.Missing.EMPTY,
        "note": f"{EXAMPLE}{example[:MAX_EXAMPLE]}" if example else "",
    }


def _plain(name: str) -> str:
    return _NOT_WORD.sub("", name).casefold()
