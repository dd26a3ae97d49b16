"""The version of everything an administrator defines; what is kept in memory is dropped when it is another one."""

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar
from uuid import UUID

from django.db import connection

from webhooks_out.jobs import new_id
from webhooks_out.models import Definitions

_ROW = 1

K = TypeVar("K")
V = TypeVar("V")


def version() -> UUID | None:
    """The present version, None before the first change. One primary-key look-up."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT version FROM webhooks_out_definitions WHERE id = %s", [_ROW])
        found = cursor.fetchone()
    return UUID(str(found[0])) if found else None


def touch() -> None:
    """Says that a rule, webhook, tag or source changed; call it in the transaction of the change."""
    if not Definitions.objects.filter(pk=_ROW).update(version=new_id()):
        Definitions.objects.bulk_create([Definitions(pk=_ROW)], ignore_conflicts=True)


class Kept(Generic[K, V]):
    """Definitions of one kind that this process has met, kept in memory until any definition changes."""

    def __init__(self, load: Callable[[list[K]], Mapping[K, V]]) -> None:
        self._load = load
        self._version: UUID | None = None
        self._known: dict[K, V] = {}

    def get(self, keys: Iterable[K]) -> dict[K, V]:
        """These of them as they are defined now, in the order of the keys; what does not exist is left out."""
        present = version()
        if present is None or present != self._version:
            self._version, self._known = present, {}
        wanted = list(keys)
        if missing := [key for key in wanted if key not in self._known]:
            self._known.update(self._load(missing))
        return {key: self._known[key] for key in wanted if key in self._known}
