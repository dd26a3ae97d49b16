"""Telephone numbers as receivers want them: bare digits, or international with a plus."""

import re
from typing import Any

from webhooks_out.paths import MISSING
from webhooks_out.scalars import text, whole

E164_DIGITS = (7, 15)  # ITU-T E.164: fifteen at most, country code included
NANP_DIGITS = 11  # North America: the country code 1, area code, number
NATIONAL_DIGITS = 10  # a longer number that starts with the country code is taken to carry it

_EXTENSION = re.compile(r"\s*(?:ext\.?|extension|x|#)\s*[0-9]+\s*$", re.IGNORECASE)
_NOT_DIGIT = re.compile(r"[^0-9]")


def last_digits(value: Any, count: str) -> Any:
    """The digits without an extension, only the last `count` if given; MISSING when there are none."""
    found = _NOT_DIGIT.sub("", _EXTENSION.sub("", text(value)))
    return (found[-int(count) :] if count else found) or MISSING


def international(value: Any, country: str) -> Any:
    """The number as E.164 (+15551234567), MISSING when it has too few or too many digits.

    Without + or 00 in front, the country code (1 if not given) is added and one leading 0 dropped.
    """
    written = _EXTENSION.sub("", text(value)).strip()
    found = _NOT_DIGIT.sub("", written)
    if found.startswith("00"):
        found = found[2:]
    elif not written.startswith(("+", "(+")):
        found = _with_country(found, country.lstrip("+") or "1")
    if not E164_DIGITS[0] <= len(found) <= E164_DIGITS[1] or found.startswith("0"):
        return MISSING
    return MISSING if found.startswith("1") and len(found) != NANP_DIGITS else f"+{found}"


def check_count(count: str) -> str:
    """Why this is not a number of digits to keep, or ""."""
    fine = not count.strip() or whole(count, 1, E164_DIGITS[1])
    return "" if fine else "Write how many digits to keep, 1 to 15, or nothing."


def check_country(country: str) -> str:
    """Why this is not a country's calling code, or ""."""
    code = country.strip().lstrip("+")
    fine = not code or (whole(code, 1, 999) and not code.startswith("0"))
    return "" if fine else "Write the calling code of the country, such as 1 or 44."


def _with_country(found: str, country: str) -> str:
    if found.startswith(country) and len(found) > NATIONAL_DIGITS:
        return found
    return country + found.removeprefix("0")
