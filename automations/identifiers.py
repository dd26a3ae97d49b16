"""What a record is found by beside its id: its name, e-mail addresses, telephones and chosen fields, normalised."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from django.db import connection

from automations.models import Record, System
from webhooks_out import telephones
from webhooks_out.batches import rows, table
from webhooks_out.paths import MISSING, look_up
from webhooks_out.scalars import text

EMAIL, PHONE = "email", "phone"
NAME = "(name)"  # no field's path: what stands there is every word of the name with all that follow it
MAX_VALUE = 200  # characters
MAX_WORDS = 6  # of a name
MAX_VALUES = 10  # of one field that is a list
PHONE_DIGITS = 7  # at least; fewer are an extension
CHUNK = 1_000  # identifiers a statement fills in
FILLED = 50_000  # newest records whose identifiers are filled in at once when a field is chosen

_WORDS = {
    EMAIL: "email, email address, email1, email2, email 1, email 2, work email, home email, primary email, "
    "secondary email, personal email, business email, other email",
    PHONE: "phone, phone number, telephone, telephone number, mobile, mobile number, mobile phone, cell, cell phone, "
    "home phone, work phone, office phone, business phone, day phone, other phone, primary phone, secondary phone, "
    "phone home, phone mobile, phone work, phone other, phone1, phone2, phone 1, phone 2, contact number",
}
_COLUMNS = {"record_id": "bigint", "kind": "text", "value": "text"}
_NAMES = ", ".join(_COLUMNS)

Known = set[tuple[str, str]]  # of a record: kind and normalised value


class Before(NamedTuple):
    """A record, and what was known of it before it was brought up to date."""

    record: Record
    fields: Mapping[str, Any]
    name: str


def spelled(*names: str) -> list[str]:
    """Names of several words as systems write them: home_phone, HOMEPHONE, homePhone, “Home phone” …"""
    ways: dict[str, None] = {}
    for words in (name.split() for name in names):
        capital = [word.capitalize() for word in words]
        for link in ("_", "", " ", "-"):
            spellings = (link.join(words), link.join(words).upper(), link.join(capital))
            ways |= dict.fromkeys((*spellings, link.join([capital[0], *words[1:]])))
        ways["".join([words[0], *capital[1:]])] = None
    return list(ways)


# The fields that hold an e-mail address or a telephone number, and which of both.
FIELDS = {name: kind for kind, words in _WORDS.items() for name in spelled(*words.split(", "))}


def normalised(kind: str, value: Any) -> str:
    """How a value of a kind is looked up; "" when it cannot serve as an identifier.

    Telephones are the digits with the country code, the last one first, so that an index finds them by their end.
    """
    form = FIELDS.get(kind.rpartition(".")[2])
    if form == PHONE:
        return _telephone(value)
    plain = " ".join(text(value).replace("\x00", "").split()).casefold()
    if len(plain) > MAX_VALUE or (form == EMAIL and not _is_address(plain)):
        return ""
    return plain


def known_by(fields: Mapping[str, Any], name: str = "", kinds: Iterable[str] = ()) -> Known:
    """Everything a record with these fields and this name is known by; `kinds`: further paths that count."""
    found = {
        (FIELDS[field], value) for field in FIELDS.keys() & fields.keys() for value in _values(fields, field)
    }
    found |= {(kind, value) for kind in kinds for value in _values(fields, kind)}
    found |= {(NAME, ending) for ending in _endings(name)}
    return found


def look(records: Iterable[Record]) -> list[Before]:
    """What is known of records before they are brought up to date: hand it to `keep` afterwards."""
    return [Before(record, record.fields, record.name) for record in records]


def keep(looked: Iterable[Before], kinds: Mapping[int, Sequence[str]]) -> None:
    """Brings the identifiers of records up to date: two statements at most, none when none changed.

    `kinds`: by system, the paths its data sources recognise duplicates by. Needs the records locked.
    """
    gone: list[tuple[int, str, str]] = []
    new: list[tuple[int, str, str]] = []
    for before in looked:
        record, more = before.record, kinds.get(before.record.system_id, ())
        if not _moved(before, more):
            continue
        was = known_by(before.fields, before.name, more)
        now = known_by(record.fields, record.name, more)
        gone += [(record.pk, *one) for one in was - now]
        new += [(record.pk, *one) for one in now]
    _forget(gone)
    _store(new)


def kinds() -> dict[int, tuple[str, ...]]:
    """By system, the paths of fields its records are recognised by. One query."""
    systems = System.objects.exclude(identified_by=[]).values_list("pk", "identified_by")
    return {system: tuple(paths) for system, paths in systems}


def register(system: System, kind: str) -> None:
    """From now on the system's records are known by this field, too; the newest FILLED of them at once.

    E-mail addresses and telephones need no registering. Call `definitions.touch()` in the same transaction.
    """
    if kind in (EMAIL, PHONE) or kind in system.identified_by:
        return
    system.identified_by = [*system.identified_by, kind]
    system.save(update_fields=["identified_by"])
    newest = Record.objects.filter(system=system).order_by("-id").values_list("pk", "fields")
    known = (
        (pk, kind, value) for pk, fields in newest[:FILLED].iterator() for value in _values(fields, kind)
    )
    while chunk := list(islice(known, CHUNK)):
        _store(chunk)


def _moved(before: Before, more: Sequence[str]) -> bool:
    """Whether anything that identifies the record may have changed; asked for every update, so it is quick."""
    record, old = before.record, before.fields
    new = record.fields
    if new is old:
        return False
    return (
        record.name != before.name
        or any(new[name] != old.get(name) for name in FIELDS.keys() & new.keys())
        or any(name not in new for name in FIELDS.keys() & old.keys())
        or any(look_up(new, path) != look_up(old, path) for path in more)
    )


def _values(fields: Mapping[str, Any], path: str) -> Iterator[str]:
    found = look_up(fields, path)
    for value in found[:MAX_VALUES] if isinstance(found, list) else (found,):
        if not isinstance(value, Mapping | list) and (usable := normalised(path, value)):
            yield usable


def _endings(name: str) -> Iterator[str]:
    """“Ana de la Cruz”, “de la Cruz”, “la Cruz”, “Cruz”: whatever word one begins with, the index finds the rest."""
    words = name.casefold().split()[:MAX_WORDS]
    return (" ".join(words[start:])[:MAX_VALUE] for start in range(len(words)))


def _is_address(plain: str) -> bool:
    name, at, host = plain.rpartition("@")
    return bool(name and at and host) and " " not in plain


def _telephone(value: Any) -> str:
    digits = telephones.last_digits(value, "")
    if digits is MISSING or len(digits) < PHONE_DIGITS or len(digits) > telephones.E164_DIGITS[1]:
        return ""
    whole = telephones.international(value, "")
    return str(digits if whole is MISSING else whole.removeprefix("+"))[::-1]


def _store(known: list[tuple[int, str, str]]) -> None:
    if known:
        there = "WHERE true ON CONFLICT DO NOTHING"
        _run(
            f"INSERT INTO automations_identifier ({_NAMES}) SELECT {_NAMES} FROM {table(_COLUMNS)} {there}",
            known,
        )


def _forget(known: list[tuple[int, str, str]]) -> None:
    if known:
        said = f"SELECT {_NAMES} FROM {table(_COLUMNS)}"
        _run(f"DELETE FROM automations_identifier WHERE ({_NAMES}) IN ({said})", known)


def _run(statement: str, known: list[tuple[int, str, str]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [rows(_COLUMNS, known)])
