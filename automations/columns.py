"""The columns of a list of records: which fields it shows, read out of the database without the rest of the record."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils.html import format_html
from django.utils.safestring import SafeString

from automations import sensitive
from automations.models import Column, Record
from automations.outlines import shown
from automations.sensitive import DOTS, Sensitive
from webhooks_out import exact_json
from webhooks_out.scalars import is_empty

MAX_COLUMNS = 12  # of one list
MAX_READ = 2_000  # characters of a value that leave the database
MAX_CELL = 60  # characters of a value that a cell shows
MAX_LEVELS = 8  # of a path

UNREADABLE = re.compile(r'["\\\x00-\x1f\x7f\ud800-\udfff]')  # what no path may hold

_NOBODY = Sensitive()
_EMAIL = ("email", "EMAIL_ADDRESS", "Email", "email_address", "EMAIL")
_PHONE = (
    "phone",
    "cellphone",
    "cell_phone",
    "mobile",
    "homephone",
    "home_phone",
    "PHONE_MOBILE",
    "PHONE",
    "Phone",
)
_CITY = ("city", "address.city", "ADDRESS_BILLING_CITY", "City")
_DUE = ("due_date", "DUE_DATE", "due")


@dataclass(frozen=True)
class Shown:
    """One column of a list: the first of these fields that holds anything. Called with a record, it gives the cell."""

    short_description: str
    paths: Sequence[str]
    place: int = 0
    hidden: Sensitive = _NOBODY

    @property
    def __name__(self) -> str:
        """What the admin calls the column in its styles."""
        return f"shown_{self.place}"

    def __call__(self, record: Record) -> SafeString | str:
        """The value, escaped and cut; the record comes from `annotated`."""
        for number, path in enumerate(self.paths):
            if written := _written(getattr(record, self._name(number))):
                return cell(DOTS if path in self.hidden else written)
        return ""

    def annotations(self) -> dict[str, RawSQL]:
        """What the list must ask for."""
        return {self._name(number): _value_at(path) for number, path in enumerate(self.paths)}

    def _name(self, number: int) -> str:
        return f"{self.__name__}_{number}"


# What a list shows before anybody chose: fields by their usual names, or a column that every record has.
USUAL: dict[str, tuple[Shown | str, ...]] = {
    "Contact": (Shown("Email", _EMAIL, 1), Shown("Phone", _PHONE, 2), "stage"),
    "Company": (Shown("Phone", _PHONE, 1), Shown("City", _CITY, 2), "status"),
    "Task": (Shown("Due", _DUE, 1), "status"),
}


def of_list(record_type: str) -> tuple[Shown | str, ...]:
    """The columns of the list of records of this type: those chosen, else the usual ones."""
    chosen = list(Column.objects.filter(record_type=record_type)[:MAX_COLUMNS])
    if not chosen:
        return USUAL.get(record_type, ())
    hidden = sensitive.known()
    return tuple(
        Shown(column.label or column.path, (column.path,), place, hidden)
        for place, column in enumerate(chosen, 1)
    )


def cell(whole: str) -> SafeString | str:
    """A text for a cell, cut; the whole stands in its title. "" stays empty."""
    cut = whole if len(whole) <= MAX_CELL else f"{whole[: MAX_CELL - 1]}…"
    return format_html('<span class="record-cell" title="{}">{}</span>', whole, cut) if whole else ""


def annotated(records: QuerySet[Any], columns: Iterable[Any]) -> QuerySet[Any]:
    """A page of records with the values of their columns; in the same query."""
    wanted: dict[str, RawSQL] = {}
    for column in columns:
        if isinstance(column, Shown):
            wanted |= column.annotations()
    return records.annotate(**wanted) if wanted else records


def _value_at(path: str) -> RawSQL:
    """The JSON text of the value at a path, cut; like `paths.look_up`, it prefers a key with dots to a walk."""
    parts = path.split(".")
    levels = range(len(parts)) if len(parts) <= MAX_LEVELS else (0,)
    walks = [[*parts[:level], ".".join(parts[level:])] for level in levels]
    step, places = "(automations_record.fields #> %s::text[])::text", list[Any](walks)
    if connection.vendor == "sqlite":
        step, places = "automations_record.fields -> %s", [_sqlite_path(walk) for walk in walks]
    found = ", ".join([step] * len(walks))
    statement = f"substr(coalesce({found}, NULL), 1, {MAX_READ})"
    return RawSQL(statement, places)  # noqa: S611 - what people wrote is among the parameters


def _sqlite_path(walk: list[str]) -> str:
    first, *rest = (UNREADABLE.sub("", key) for key in walk)
    steps = (f"[{key}]" if key.isascii() and key.isdecimal() else f'."{key}"' for key in rest)
    return "".join([f'$."{first}"', *steps])


def _written(raw: str | None) -> str:
    """A value's JSON text for the eye; "" for none."""
    if raw is None:
        return ""
    try:
        value = exact_json.loads(raw)
    except ValueError:  # cut
        return raw.lstrip('"')
    return "" if is_empty(value) else shown(value)
