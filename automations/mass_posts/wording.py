"""A mass post in words: how many of what, and which list they were chosen from."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from automations import access
from automations.models import Record

YES_NO = {"1": "yes", "0": "no"}


def counted(number: int, record_type: str) -> str:
    """Such as “76 contacts”, “1 company” or “1,200 records”."""
    return f"{number:,} {noun(record_type, number)}"


def noun(record_type: str, number: int = 2) -> str:
    """What records of this type are called, one or several; "" means of any type."""
    meta = access.MODELS.get(record_type, Record)._meta
    return str(meta.verbose_name if number == 1 else meta.verbose_name_plural)


def selection(record_type: str, query: str, filters: Iterable[Any]) -> str:
    """The list as it was filtered; `filters` are those of Django's list."""
    parts = [f"search “{query}”"] if query else []
    for one in filters:
        choices = {str(value): str(label) for value, label in getattr(one, "lookup_choices", ())}
        parts += [f"{one.title} {_told(value, choices)}" for value in one.used_parameters.values() if value]
    name = noun(record_type).capitalize()
    return f"{name} with {', '.join(parts)}" if parts else f"All {name.lower()}"


def lasting(seconds: float) -> str:
    """About how long, in the largest unit that fits."""
    whole = timedelta(seconds=round(seconds))
    minutes = whole.seconds // 60
    if whole < timedelta(minutes=1):
        return f"{max(whole.seconds, 1)} s"
    if whole < timedelta(hours=1):
        return f"{minutes} min {whole.seconds % 60} s"
    return f"{whole.days * 24 + minutes // 60} h {minutes % 60} min"


def _told(value: Any, choices: Mapping[str, str]) -> str:
    values = value if isinstance(value, list | tuple) else [value]
    return " or ".join(choices.get(str(one), YES_NO.get(str(one), str(one))) for one in values)
