"""The log of what was sent: attempts opened before their requests, closed with their answers, in bulk."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from webhooks_out import definitions, outbox
from webhooks_out.http import Answer
from webhooks_out.jobs import LOST, Outcome, clock
from webhooks_out.judging import GONE, judge
from webhooks_out.models import Attempt, Delivery, Webhook


@dataclass(frozen=True)
class Sent:
    """One request that has come back, with or without an answer."""

    delivery: Delivery
    webhook: Webhook
    answer: Answer
    at: datetime = field(default_factory=timezone.now)

    @property
    def succeeded(self) -> bool:
        """Whether the receiver took it."""
        return self.answer.status is not None and 200 <= self.answer.status < 300


def open_attempts(deliveries: list[Delivery]) -> None:
    """Writes a row for each attempt about to be made; attempts a lost worker left open are closed first."""
    if again := [delivery.pk for delivery in deliveries if delivery.attempts > 1]:
        close_lost(again)
    Attempt.objects.bulk_create(
        [
            Attempt(delivery=delivery, number=delivery.attempts, requested_by=delivery.requested_by)
            for delivery in deliveries
        ]
    )


def close_lost(deliveries: Iterable[Any]) -> int:
    """Closes the open attempts of these deliveries as “worker lost”."""
    return Attempt.objects.filter(delivery__in=deliveries, ended_at__isnull=True).update(
        ended_at=Now(), error="lost", detail=LOST
    )


def record(sent: list[Sent]) -> None:
    """Settles deliveries and closes their attempts, each only if it is still ours. Needs an open transaction."""
    if not sent:
        return
    judged = [(one, judge(one.answer, one.delivery, one.webhook, one.at)) for one in sent]
    with connection.cursor() as cursor:
        cursor.executemany(_close_statement(), [_closing(one) for one in sent])
        cursor.executemany(_settle_statement(), [_settling(one, outcome) for one, outcome in judged])
    for _, group in groupby(sorted(sent, key=attrgetter("webhook.pk")), attrgetter("webhook.pk")):
        _note_health([one for one in group if not one.delivery.requested_by])


def _close_statement() -> str:
    return (
        f"UPDATE webhooks_out_attempt SET ended_at = {clock()}, status = %s, error = %s, detail = %s, seconds = %s, "
        "address = %s, response_headers = %s, response = %s, cut = %s "
        "WHERE delivery_id = %s AND number = %s AND ended_at IS NULL"
    )


def _closing(sent: Sent) -> tuple[Any, ...]:
    answer = sent.answer
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    said = (answer.status, answer.error, answer.detail[:500], answer.seconds, answer.address[:60])
    return (*said, headers, answer.excerpt, answer.cut, _key(sent.delivery), sent.delivery.attempts)


def _settle_statement() -> str:
    return (
        f"UPDATE webhooks_out_delivery SET state = %s, reason = %s, due_at = {clock('%s')}, "
        f"settled_at = CASE WHEN %s = 'waiting' THEN NULL ELSE {clock()} END, token = '', status = %s, error = %s "
        "WHERE id = %s AND token = %s AND state = 'running'"
    )


def _settling(sent: Sent, outcome: Outcome) -> tuple[Any, ...]:
    answer, delivery = sent.answer, sent.delivery
    said = (outcome.state, outcome.reason[:500], outcome.after, outcome.state, answer.status, answer.error)
    return (*said, _key(delivery), delivery.token)


def _note_health(sent: list[Sent]) -> None:
    """Counts failures in a row, and switches the webhook off when its receiver answered 410."""
    if not sent:
        return
    webhook = Webhook.objects.filter(pk=sent[0].webhook.pk)
    if sent[-1].succeeded:
        webhook.update(failures_in_row=0, last_success_at=Now())
    else:
        webhook.update(failures_in_row=F("failures_in_row") + len(sent), last_failure_at=Now())
    if any(one.answer.status == GONE for one in sent):
        reason = "The receiver answered 410 (gone), so this webhook was switched off."
        webhook.update(active=False, disabled_reason=reason)
        outbox.cancel_waiting(sent[0].webhook, reason)
        definitions.touch()


def _key(delivery: Delivery) -> object:
    return Delivery._meta.pk.get_db_prep_value(delivery.pk, connection)
