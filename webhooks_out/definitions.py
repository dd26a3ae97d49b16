"""The version of everything an administrator defines; workers keep it in memory and reload when it is another one."""

from uuid import UUID

from webhooks_out.jobs import new_id
from webhooks_out.models import Definitions

_ROW = 1


def version() -> UUID | None:
    """The present version, None before the first change. One primary-key look-up."""
    return Definitions.objects.filter(pk=_ROW).values_list("version", flat=True).first()


def touch() -> None:
    """Says that a rule, webhook, tag or system changed; call it in the transaction of the change."""
    if not Definitions.objects.filter(pk=_ROW).update(version=new_id()):
        Definitions.objects.bulk_create([Definitions(pk=_ROW)], ignore_conflicts=True)
