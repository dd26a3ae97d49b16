"""Sends a webhook once as it stands in a form, saved or not, and tells everything about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from webhooks_out import mapping, outbox
from webhooks_out.bodies import Event
from webhooks_out.http import Answer
from webhooks_out.jobs import Job
from webhooks_out.mapping import Values
from webhooks_out.models import Delivery, KeyValue, Webhook
from webhooks_out.outbox import Definition, Subject
from webhooks_out.sample_rows import EXAMPLE
from webhooks_out.sender import send_now


@dataclass(frozen=True)
class Sample:
    """A record to fill a webhook from: its values, what happened to it, and which one it is."""

    values: Values
    event: Event
    subject: Subject = field(default_factory=Subject)
    made_up: bool = False


class Samples(Protocol):
    """Where records to try a webhook on come from; whoever composes the application provides it."""

    def choices(self) -> list[tuple[str, str]]:
        """(key, words) of records that can be chosen, the most recent first."""

    def find(self, key: str, record_id: str) -> Sample | None:
        """The record of that key, or with that id, or the most recent one; None if there is none."""

    def fields(self) -> Mapping[str, str]:
        """The fields that were heard of lately, each with an example."""

    def tags(self) -> Mapping[str, str]:
        """The {TAGS} and the fields they stand for."""

    def tag_groups(self) -> Mapping[str, Mapping[str, str]]:
        """By the name of each group: tags, braces included, and what each means."""

    def hub_rows(self) -> Mapping[str, str]:
        """The keys another Fieldhook understands, each with the text of {TAGS} that fills it."""


class NoSamples:
    """No records to try on: every value is made up."""

    def choices(self) -> list[tuple[str, str]]:
        """None."""
        return []

    def find(self, key: str, record_id: str) -> Sample | None:
        """None."""

    def fields(self) -> Mapping[str, str]:
        """None."""
        return {}

    def tags(self) -> Mapping[str, str]:
        """None."""
        return {}

    def tag_groups(self) -> Mapping[str, Mapping[str, str]]:
        """None."""
        return {}

    def hub_rows(self) -> Mapping[str, str]:
        """None."""
        return {}


@dataclass(frozen=True)
class Trial:
    """What was sent and what came back. `answer` is None when nothing was sent because data was missing."""

    delivery: Delivery
    answer: Answer | None
    missing: tuple[str, ...]
    made_up: bool


def run(webhook: Webhook, rows: Iterable[KeyValue], sample: Sample, requested_by: str) -> Trial:
    """Sends once, and waits for the answer. It is logged as a test, is not repeated and changes nobody's health."""
    pairs = tuple(row.pair() for row in rows)
    subject = replace(sample.subject, origin=Delivery.Origin.TEST, requested_by=requested_by)
    definition = replace(Definition.of(webhook, pairs), active=True, max_attempts=1)
    delivery = outbox.freeze(definition, sample.values, sample.event, subject)
    missing = mapping.render(pairs, sample.values).missing
    if delivery.state == Job.State.HELD:
        outbox.store([delivery])
        return Trial(delivery, None, missing, sample.made_up)
    return Trial(delivery, send_now(delivery, webhook), missing, sample.made_up)


def made_up(rows: Iterable[KeyValue]) -> Sample:
    """Values for when there is no record: the example noted in a row, or the name of its field."""
    data: dict[str, str] = {}
    for row in rows:
        example = row.note.removeprefix(EXAMPLE) if row.note.startswith(EXAMPLE) else row.value
        if row.kind == KeyValue.Kind.FIELD:
            data[row.value] = example
        data |= {name: name for name in mapping.tags_in(row.value) if row.kind == KeyValue.Kind.TEXT}
    return Sample(Values(data), Event(snapshot=data, event="test"), made_up=True)
