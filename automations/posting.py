"""Posting a record by hand: the delivery that a person, not a rule, asks for."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from enum import Enum
from threading import BoundedSemaphore

from django.db import IntegrityError, transaction

from automations.actions import post_webhook
from automations.models import Change, Record
from automations.sensitive import Sensitive
from webhooks_out import mapping, outbox, sender
from webhooks_out.jobs import Job
from webhooks_out.mapping import Rendered
from webhooks_out.models import Delivery, Webhook
from webhooks_out.outbox import Definition, Subject

USUAL = Sensitive()  # what is sensitive by its name alone
EVENT = "executed"  # what {EVENT} and the bodies that name an event say
# People who wait for an answer at once in one web process: of its eight threads most stay free for everybody else.
PLACES = 3

_places = BoundedSemaphore(PLACES)


class Way(Enum):
    """How an executed webhook went out."""

    SENT = "sent while the person waited"
    QUEUED = "handed to the workers"
    CROWDED = "handed to the workers, as too many people were waiting for an answer already"
    REPEATED = "not again: this very delivery had been made before"


@dataclass(frozen=True)
class Preview:
    """What would be sent: the delivery, frozen and not stored, and what data it lacks, in sentences.

    `shown` is for people's eyes: the same delivery with dots for the values of sensitive fields.
    """

    delivery: Delivery
    missing: tuple[str, ...]
    shown: Delivery

    @property
    def held(self) -> bool:
        """Whether it would be held instead of sent, because data is missing."""
        return self.delivery.state == Job.State.HELD


def freeze(
    definition: Definition,
    record: Record,
    tags: Mapping[str, str],
    requested_by: str,
    origin: str = Delivery.Origin.MANUAL,
) -> Delivery:
    """The delivery of this webhook for the record as it is now, not yet stored."""
    now = _as_it_is(record)
    subject = Subject(
        record_type=record.type,
        record_id=record.external_id,
        record_name=record.name,
        origin=origin,
        requested_by=requested_by,
    )
    return outbox.freeze(definition, post_webhook.values(now, tags), post_webhook.event(now), subject)


def preview(
    definition: Definition,
    record: Record,
    tags: Mapping[str, str],
    requested_by: str,
    hidden: Sensitive = USUAL,
) -> Preview:
    """What freezing gives, and what is missing for it. `hidden`: the fields whose values are shown as dots."""
    delivery = freeze(definition, record, tags, requested_by)
    shown, masked = delivery, hidden.mask("", record.fields)
    if masked != record.fields:
        veiled = copy(record)
        veiled.fields = masked
        shown = freeze(definition, veiled, tags, requested_by)
        shown.pk = delivery.pk
    return Preview(delivery, render(definition, record, tags).missing, shown)


def render(definition: Definition, record: Record, tags: Mapping[str, str]) -> Rendered:
    """What the mapping makes of the record as it is now: a fraction of freezing, enough to know what is missing."""
    return mapping.render(definition.pairs, post_webhook.values(_as_it_is(record), tags))


def execute(delivery: Delivery, webhook: Webhook) -> Way:
    """Stores a frozen delivery and has it sent, and says how; IntegrityError when its webhook was deleted meanwhile.

    An inline webhook is sent while the caller waits, if one of the PLACES is free; else a worker sends it. A delivery
    whose id is there already is left alone, so that a second press of a button does nothing.
    """
    inline = webhook.mode == Webhook.Mode.INLINE and delivery.state == Job.State.WAITING
    place = inline and _places.acquire(blocking=False)
    try:
        if place:
            sender.send_now(delivery, webhook)
        else:
            with transaction.atomic():
                outbox.store([delivery])
    except IntegrityError:
        if not Delivery.objects.filter(pk=delivery.pk).exists():
            raise
        return Way.REPEATED
    finally:
        if place:
            _places.release()
    return Way.SENT if place else Way.CROWDED if inline else Way.QUEUED


def _as_it_is(record: Record) -> Change:
    """A change that is none: it stands for the record as it is now."""
    return Change(record=record, event=EVENT, fields=record.fields)
