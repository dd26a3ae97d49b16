"""Finds records by what a person remembers of them, by index alone, however many there are."""

import re

from django.db import connection
from django.db.models import Q, QuerySet

from automations.identifiers import EMAIL, NAME, PHONE, PHONE_DIGITS, normalised
from automations.models import Identifier, Record

FOUND = 500  # records at most, of each way to find them
LOOKED_AT = 2_000  # names, addresses or telephones that fit, before it is asked whose they are
LAST_DIGITS = 9  # of a telephone; what stands before them is written with a country code or a zero or neither
MAX_TERM = 200  # characters

_TELEPHONE = re.compile(r"[+(]?[0-9][-0-9 ()./]*(?:\s*(?:ext\.?|x|#)\s*[0-9]+)?", re.ASCII | re.IGNORECASE)


def records(among: QuerySet[Record], term: str, types: list[str]) -> set[int]:
    """The ids of records with this id, with a name in which a word starts like this, with an e-mail address that does,
    or with this telephone number or the end of it, however it is written.

    `types` are those the id is looked for in; `among` is what is searched, unordered filters included. Up to seven
    queries, each of a range of an index.
    """
    term = " ".join(term.split())
    if not term.isprintable() or not 0 < len(term) <= MAX_TERM:
        return set()
    plain = among.order_by()
    found = set(_ids(plain.filter(type__in=types, external_id=term)))
    for kind, start in _starts(term):
        fitting = Identifier.objects.filter(_range(start), kind=kind).values_list("record_id", flat=True)
        # Asked in two steps, as a database that is asked at once may read all records to be quick.
        if owners := set(fitting[:LOOKED_AT]):
            found.update(_ids(plain.filter(pk__in=owners)))
    return found


def _ids(matching: QuerySet[Record]) -> QuerySet[Record, int]:
    return matching.values_list("pk", flat=True)[:FOUND]


def _starts(term: str) -> list[tuple[str, str]]:
    """What a term may be the beginning of: each kind of identifier with the beginning as it is stored."""
    words = term.casefold()
    folded = words.replace(",", "")
    ways = [(NAME, folded)]
    if " " not in folded:
        ways.append((EMAIL, folded))
    else:  # people are also written “Lopez, Ana”
        last, _, first = words.partition(", " if ", " in words else " ")
        ways.append((NAME, f"{first} {last}"))
    if _TELEPHONE.fullmatch(term) and (ending := _ending(term)):
        ways.append((PHONE, ending))
    return ways


def _ending(term: str) -> str:
    """The end of a telephone number as it is stored, last digit first; "" if there are too few."""
    ending = normalised(PHONE, term)[:LAST_DIGITS]
    without_trunk = ending.rstrip("0")  # the zero in front, which nobody writes behind a country code
    return without_trunk if len(without_trunk) >= PHONE_DIGITS else ending


def _range(start: str) -> Q:
    """Values that start like this, as a range of the index."""
    if connection.vendor == "sqlite":
        # Its LIKE does not use the index.
        return Q(value__gte=start, value__lt=f"{start}\U0010ffff")
    return Q(value__startswith=start)
