"""The closed list of what can be done to a value on its way into a webhook."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Any

from webhooks_out import date_formats, telephones
from webhooks_out.paths import MISSING
from webhooks_out.scalars import is_empty, number, text, truth, whole

MAX_TABLE = 10_000  # characters, enough for a look-up table of some hundred rows
MAX_DECIMALS = 10
MAX_LENGTH = 100_000  # characters a text can be cut to

_ROUNDING = Context(prec=1_100, rounding=ROUND_HALF_UP)
_NOT_DIGIT = re.compile(r"[^0-9]")
_WORD = re.compile(r"(\w+)(?:(['’])(\w+))?")


def refuse(argument: str) -> str:
    """The check of a transform that takes no argument."""
    return "This transform takes no argument." if argument.strip() else ""


@dataclass(frozen=True)
class Transform:
    """One row of the list: words for the administrator, the change of a value, the check of its argument."""

    label: str
    help: str
    change: Callable[[Any, str], Any]
    argument_help: str = ""
    check: Callable[[str], str] = refuse

    def apply(self, value: Any, argument: str = "") -> Any:
        """The new value; MISSING for an empty value and for one the transform cannot read.

        A list is transformed item by item. Everything is MISSING to a transform whose argument cannot work.
        """
        if isinstance(value, list):
            return [new for item in value if (new := self.apply(item, argument)) is not MISSING] or MISSING
        if is_empty(value) or _refusal(self.check, argument):
            return MISSING
        return self.change(value, argument.strip())


def find(name: str, argument: str) -> Transform | None:
    """The transform of that name, None if there is none or it does not take this argument."""
    found = TRANSFORMS.get(name)
    return found if found and not _refusal(found.check, argument) else None


@lru_cache(maxsize=1_024)
def _refusal(check: Callable[[str], str], argument: str) -> str:
    return check(argument)


def _on_text(change: Callable[[str], Any]) -> Callable[[Any, str], Any]:
    return lambda value, _argument: change(text(value))


def _title_word(found: re.Match[str]) -> str:
    first, mark, rest = found.groups()
    if not mark:
        return _capital(first)
    return _capital(first) + mark + (_capital(rest) if len(first) == 1 else rest.lower())


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:].lower() if word.isupper() or word.islower() else word


def _look_up(value: Any, argument: str) -> Any:
    table = _table(argument)
    key = text(value).strip().casefold()
    if key in table:
        return table[key]
    other = table.get("*", MISSING)
    return value if other == "*" else other


@lru_cache(maxsize=512)
def _table(argument: str) -> dict[str, str]:
    rows = (row.partition("=") for row in _rows(argument))
    return {key.strip().casefold(): new.strip() for key, _, new in rows}


def _rows(argument: str) -> list[str]:
    rows = argument.splitlines() if "\n" in argument.strip() else argument.split(",")
    return [row for row in rows if row.strip()]


def _check_table(argument: str) -> str:
    rows = _rows(argument)
    if len(argument) > MAX_TABLE:
        return f"The table is longer than {MAX_TABLE} characters."
    wrong = [row.strip() for row in rows if "=" not in row]
    if wrong or not rows:
        return f"{wrong[0] if wrong else 'The table'} needs the form old=new."
    return "" if len(_table(argument)) == len(rows) else "A value stands in the table twice."


def _number(value: Any, argument: str) -> Any:
    exact = number(value)
    if exact is None:
        return MISSING
    places = argument.removeprefix(",")
    if places:
        exact = _ROUNDING.quantize(exact, Decimal(1).scaleb(-int(places)))
    return format(abs(exact) if exact.is_zero() else exact, ",f" if argument.startswith(",") else "f")


def _check_decimals(argument: str) -> str:
    places = argument.strip().removeprefix(",")
    fine = not places or whole(places, 0, MAX_DECIMALS)
    return "" if fine else f"Write the number of decimals, 0 to {MAX_DECIMALS}, or ,2 for 1,234.50."


def _check_length(argument: str) -> str:
    return "" if whole(argument, 1, MAX_LENGTH) else f"Write how many characters to keep, 1 to {MAX_LENGTH}."


def _yes_no(value: Any, argument: str) -> Any:
    yes = truth(value)
    if yes is None:
        return MISSING
    first, _, second = (argument or "Yes/No").partition("/")
    return first.strip() if yes else second.strip()


def _check_pair(argument: str) -> str:
    words = argument.split("/")
    fine = not argument.strip() or (len(words) == 2 and all(word.strip() for word in words))
    return "" if fine else "Write two words with a slash between them, such as Y/N."


TRANSFORMS = {
    "date": Transform(
        "Date format",
        "Reads ISO, US (month/day/year), Unix and .NET dates; the day is that of the zone it was written in.",
        date_formats.rewrite,
        "us = 03/10/2026, us datetime, uk = 10/03/2026, eu = 10.03.2026, long, iso = 2026-03-10, "
        "iso datetime, unix, unix ms, or a format such as %m/%d/%Y; nothing = iso.",
        date_formats.check,
    ),
    "phone_digits": Transform(
        "Telephone: digits",
        "Keeps the digits and drops an extension: (555) 123-4567 x9 becomes 5551234567.",
        telephones.last_digits,
        "How many digits to keep from the end, such as 10 to drop a leading 1; nothing = all.",
        telephones.check_count,
    ),
    "phone_e164": Transform(
        "Telephone: international",
        "Writes +15551234567. Without + or 00 the country code is put before it and one leading 0 dropped; "
        "a number of more than ten digits that starts with the code is taken to carry it.",
        telephones.international,
        "Calling code of the country, such as 44; nothing = 1.",
        telephones.check_country,
    ),
    "upper": Transform("UPPER CASE", "All letters as capitals.", _on_text(str.upper)),
    "lower": Transform("lower case", "All letters small.", _on_text(str.lower)),
    "title": Transform(
        "Title Case",
        "Each word starts with a capital: o'brien-SMITH becomes O'Brien-Smith, McDonald stays.",
        _on_text(lambda written: _WORD.sub(_title_word, written)),
    ),
    "trim": Transform("Trim", "No blanks at either end.", _on_text(str.strip)),
    "lookup": Transform(
        "Look-up table",
        "Replaces known values by others, whatever their case. A value not in the table is missing.",
        _look_up,
        "Active=1, Closed=0 or one row a line; *=9 is for every other value, *=* leaves it as it is.",
        _check_table,
    ),
    "number": Transform(
        "Number format",
        "Rounds half up and always shows the same decimals; $ and thousands commas are read.",
        _number,
        "Decimals: 2 gives 1234.50 and ,2 gives 1,234.50; nothing keeps the decimals.",
        _check_decimals,
    ),
    "truncate": Transform(
        "Cut off",
        "The first characters only.",
        lambda value, argument: text(value)[: int(argument)],
        "How many characters to keep.",
        _check_length,
    ),
    "yes_no": Transform(
        "Yes or no",
        "Reads true/false, yes/no, y/n, on/off and 1/0.",
        _yes_no,
        "The two words to send, such as Y/N; nothing = Yes/No.",
        _check_pair,
    ),
    "first_word": Transform("First word", "Of a full name.", _on_text(lambda written: written.split()[0])),
    "last_word": Transform("Last word", "Of a full name.", _on_text(lambda written: written.split()[-1])),
    "digits": Transform(
        "Digits only",
        "Drops all but 0 to 9.",
        _on_text(lambda written: _NOT_DIGIT.sub("", written) or MISSING),
    ),
}
