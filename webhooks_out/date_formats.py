"""Dates as receivers want them: named forms, Unix times, or a format of the administrator's."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from webhooks_out.paths import MISSING
from webhooks_out.scalars import moment

MAX_FORMAT = 60  # characters
DIRECTIVES = "YymdHIMSpBbAajzZ%"  # the letters after % that may be used, as in strftime
FORMATS = {
    "us": "%m/%d/%Y",
    "us datetime": "%m/%d/%Y %I:%M %p",
    "eu": "%d.%m.%Y",
    "uk": "%d/%m/%Y",
    "long": "%B %d, %Y",
}
COMPUTED: dict[str, Callable[[date | datetime], str | int]] = {
    "": lambda found: found.isoformat()[:10],
    "iso": lambda found: found.isoformat()[:10],
    "iso datetime": lambda found: _start(found).isoformat(timespec="seconds"),
    "unix": lambda found: _since_epoch(found, timedelta(seconds=1)),
    "unix ms": lambda found: _since_epoch(found, timedelta(milliseconds=1)),
}

_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rewrite(value: Any, form: str) -> Any:
    """The date in the given form, in the zone it was written in; MISSING when the value is no date."""
    found = moment(value, epoch=True)
    if found is None:
        return MISSING
    if computed := COMPUTED.get(form.lower()):
        return computed(found)
    try:
        return found.strftime(FORMATS.get(form.lower(), form))
    except ValueError:
        return MISSING


def check(form: str) -> str:
    """Why a date cannot be written in this form, or ""."""
    form = form.strip()
    if form.lower() in FORMATS or form.lower() in COMPUTED:
        return ""
    letters = _DIRECTIVE.findall(form)
    if len(form) > MAX_FORMAT or not letters or not form.isprintable():
        return f"Write one of {', '.join([*list(COMPUTED)[1:], *FORMATS])}, or a format such as %m/%d/%Y."
    wrong = [letter for letter in letters if not letter or letter not in DIRECTIVES]
    return f"%{wrong[0]} is not a part of a date." if wrong else ""


def _start(found: date | datetime) -> datetime:
    return found if isinstance(found, datetime) else datetime.combine(found, time())


def _since_epoch(found: date | datetime, unit: timedelta) -> int:
    start = _start(found)
    return ((start if start.tzinfo else start.replace(tzinfo=UTC)) - _EPOCH) // unit
