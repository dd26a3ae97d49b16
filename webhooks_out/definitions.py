"""The version of everything an administrator defines; what is kept in memory is dropped when it is another one."""

from uuid import UUID

from django.db import connection

from webhooks_out.jobs import new_id
from webhooks_out.models import Definitions

_ROW = 1


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
