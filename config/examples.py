"""Records to try a webhook on: the ones that changed last, as the rules would see them."""

from collections.abc import Mapping

from django.contrib.auth.models import AbstractUser, AnonymousUser

from automations import suggestions, tags
from automations.actions import post_webhook
from automations.models import Change, Record, Tag
from config import hub_rows
from webhooks_out.outbox import Subject
from webhooks_out.trials import NoSamples, Sample, Samples

RECENT = 60  # changes looked through
OFFERED = 15  # records offered
TYPES = 5  # record types whose fields are offered


class Records:
    """Our mirror's records, read once per page."""

    def __init__(self) -> None:
        self._recent: list[Record] | None = None

    def choices(self) -> list[tuple[str, str]]:
        """The records that changed last, each once. One query."""
        return [
            (str(record.pk), f"{record.type} {record.external_id} · {record.name}")
            for record in self._newest()
        ]

    def find(self, key: str, record_id: str) -> Sample | None:
        """The record with that id, of that key, or the one that changed last; as its newest change left it."""
        record = self._by_id(record_id.strip()) if record_id.strip() else self._by_key(key)
        if record is None:
            return None
        change = Change.objects.filter(record=record).order_by("-id").first()
        change = change or Change(record=record, event="updated", fields=record.fields)
        change.record, change.fields = record, record.fields
        subject = Subject(record_type=record.type, record_id=record.external_id, record_name=record.name)
        return Sample(post_webhook.values(change, self.tags()), post_webhook.event(change), subject)

    def fields(self) -> Mapping[str, str]:
        """The fields of the types that changed last, each with an example; a few queries."""
        found: dict[str, str] = {}
        for record_type in dict.fromkeys([record.type for record in self._newest()][:TYPES]):
            found = suggestions.fields(record_type) | found
        return found

    def tags(self) -> Mapping[str, str]:
        """Every tag. One query."""
        return dict(Tag.objects.values_list("name", "path"))

    def tag_groups(self) -> Mapping[str, Mapping[str, str]]:
        """Every tag with its meaning. One query."""
        return tags.by_group()

    def hub_rows(self) -> Mapping[str, str]:
        """What is sent to another Fieldhook. One query."""
        return hub_rows.rows(self.tags())

    def _newest(self) -> list[Record]:
        if self._recent is None:
            recent = Change.objects.order_by("-id").values_list("record", flat=True)[:RECENT]
            keys = list(dict.fromkeys(recent))[:OFFERED]
            found = Record.objects.defer("fields").in_bulk(keys)
            self._recent = [found[key] for key in keys if key in found]
        return self._recent

    def _by_key(self, key: str) -> Record | None:
        if key.isascii() and key.isdecimal() and len(key) < 19:
            return Record.objects.filter(pk=int(key)).first()
        newest = self._newest()
        return Record.objects.get(pk=newest[0].pk) if newest else None

    def _by_id(self, record_id: str) -> Record | None:
        types = suggestions.types(suggestions.heard()[0])
        return Record.objects.filter(type__in=types, external_id=record_id).first()


def for_person(user: AbstractUser | AnonymousUser) -> Samples:
    """Records for who may look at them, made-up values for everybody else."""
    allowed = user.has_perm("automations.view_record") or user.has_perm("automations.view_contact")
    return Records() if allowed else NoSamples()
