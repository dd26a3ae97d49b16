"""One record of a mass post at a time, before it is posted: where it stands, and who stands beside it."""

from dataclasses import dataclass

from automations.models import Batch, BatchItem, Record


@dataclass(frozen=True)
class Shown:
    """A record that will be posted, its number among them, and the items before and after it."""

    record: Record
    number: int
    previous: int | None
    following: int | None


def show(batch: Batch, at: str = "") -> Shown | None:
    """The item with this id, or the first one; None when nothing will be posted."""
    ready = BatchItem.objects.filter(batch=batch, state=BatchItem.State.READY, record__isnull=False)
    found = ready.select_related("record").order_by("pk")
    wanted = found.filter(pk=int(at[:18])) if at.isascii() and at.isdecimal() else found.none()
    item = wanted.first() or found.first()
    if item is None or item.record is None:
        return None
    before, after = ready.filter(pk__lt=item.pk), ready.filter(pk__gt=item.pk)
    return Shown(
        record=item.record,
        number=before.count() + 1,
        previous=before.order_by("-pk").values_list("pk", flat=True).first(),
        following=after.order_by("pk").values_list("pk", flat=True).first(),
    )
