"""Finds records by what a person remembers of them, by index alone, however many there are."""

from django.db import connection
from django.db.models import Q, QuerySet

from automations.models import Record

FOUND = 500  # records at most
LOOKED_THROUGH = 20_000  # newest records whose names are searched for any part


def records(among: QuerySet[Record], term: str, types: list[str]) -> set[int]:
    """The ids of records with this id, whose name starts like this, or, of the newest, has it anywhere.

    `types` are those the id is looked for in; `among` is what is searched, unordered filters included. Four queries.
    """
    term = term.strip()
    if not term or "\x00" in term:
        return set()
    plain = among.order_by()
    found = set(_ids(plain.filter(type__in=types, external_id=term)))
    found.update(_ids(plain.filter(_starts(term))))
    oldest = among.order_by("-id").values_list("pk", flat=True)[LOOKED_THROUGH : LOOKED_THROUGH + 1].first()
    newest = plain.filter(pk__gt=oldest) if oldest else plain
    found.update(_ids(newest.filter(name__icontains=term)))
    return found


def _ids(matching: QuerySet[Record]) -> QuerySet[Record, int]:
    return matching.values_list("pk", flat=True)[:FOUND]


def _starts(term: str) -> Q:
    """Names that start with the term in one of the usual ways to write it; each way is a range of the index."""
    wanted = Q(pk__in=())
    for way in {term, term.lower(), term.upper(), term.title(), term.capitalize()}:
        if connection.vendor == "sqlite":
            # Its LIKE does not use the index.
            wanted |= Q(name__gte=way, name__lt=f"{way}\U0010ffff")
        else:
            wanted |= Q(name__startswith=way)
    return wanted
