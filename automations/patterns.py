"""Regular expressions that administrators write, bounded so that none can hang a worker."""

from functools import lru_cache
from math import prod
from typing import Any

import regex

MAX_PATTERN = 200  # characters
MAX_REPEATS = 10_000  # product of all {n}: beyond it, compiling alone takes seconds
MAX_SUBJECT = 2_000  # characters of the value that are searched
SECONDS = 0.1  # for one search; the library looks at the clock while it searches

_REPEAT = regex.compile(r"\{ *([0-9]+)")


def problem(pattern: str) -> str:
    """Why this pattern cannot be used, or ""."""
    if len(pattern) > MAX_PATTERN:
        return f"the pattern is longer than {MAX_PATTERN} characters"
    if prod(max(1, int(count)) for count in _REPEAT.findall(pattern)) > MAX_REPEATS:
        return "the pattern repeats too much: use smaller numbers in {}"
    try:
        _compile(pattern)
    except (regex.error, ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
        return f"the pattern cannot be read: {error}"
    return ""


def found(pattern: str, text: str) -> bool:
    """Whether a pattern without problem occurs in the text, whatever the case.

    TimeoutError when the search takes too long.
    """
    return _compile(pattern).search(text[:MAX_SUBJECT], timeout=SECONDS) is not None


@lru_cache(maxsize=512)
def _compile(pattern: str) -> Any:
    return regex.compile(pattern, regex.IGNORECASE)
