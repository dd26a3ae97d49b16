"""The log of what was sent: attempts opened before their requests, closed with their answers, in bulk."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from webhooks_out import health, turns
from webhooks_out.batches import rows, table
from webhooks_out.jobs import LOST, Job, clock
from webhooks_out.judging import judge
from webhooks_out.models import Attempt, Delivery
from webhooks_out.sent import UNSENT, Sent

OPENED = {"delivery_id": "uuid", "number": "integer", "requested_by": "text"}
CLOSED = {
    "status": "integer",
    "error": "text",
    "detail": "text",
    "seconds": "double precision",
    "address": "text",
    "response_headers": "text",
    "response": "text",
    "cut": "boolean",
    "delivery_id": "uuid",
    "number": "integer",
}
SETTLED = {
    "state": "text",
    "reason": "text",
    "after": "double precision",
    "status": "integer",
    "error": "text",
    "id": "uuid",
    "token": "text",
}


def open_attempts(deliveries: list[Delivery]) -> None:
    """Writes a row for each attempt about to be made; attempts a lost worker left open are closed first."""
    if not deliveries:
        return
    if again := [delivery.pk for delivery in deliveries if delivery.attempts > 1]:
        close_lost(again)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO webhooks_out_attempt (delivery_id, number, requested_by, started_at,
                    error, detail, address, response_headers, response, cut)
                SELECT delivery_id, number, requested_by, {clock()}, '', '', '', '', '', false
                FROM {table(OPENED)}""",
            [rows(OPENED, ((one.pk, one.attempts, one.requested_by) for one in deliveries))],
        )


def close_lost(deliveries: Iterable[Any]) -> int:
    """Closes the open attempts of these deliveries as “worker lost”."""
    return Attempt.objects.filter(delivery__in=deliveries, ended_at__isnull=True).update(
        ended_at=Now(), error="lost", detail=LOST
    )


def record(sent: list[Sent]) -> None:
    """Settles deliveries and closes their attempts, each only if it is still ours. Needs an open transaction."""
    _give_back([one for one in sent if one.answer is UNSENT])
    sent = [one for one in sent if one.answer is not UNSENT]
    if not sent:
        return
    with connection.cursor() as cursor:
        cursor.execute(_close_statement(), [rows(CLOSED, map(_closing, sent))])
        cursor.execute(_settle_statement(), [rows(SETTLED, map(_settling, sent))])
    turns.wake_next(sent)
    health.note(sent)


def _give_back(unsent: list[Sent]) -> None:
    """Takes back the claims of requests that were never begun: they cost no attempt and are due at once."""
    for one in unsent:
        mine = Delivery.objects.filter(pk=one.delivery.pk, token=one.delivery.token, state=Job.State.RUNNING)
        if mine.update(state=Job.State.WAITING, due_at=Now(), attempts=F("attempts") - 1, token=""):
            Attempt.objects.filter(delivery=one.delivery, number=one.delivery.attempts).delete()


def _close_statement() -> str:
    return f"""UPDATE webhooks_out_attempt SET ended_at = {clock()}, status = said.status, error = said.error,
            detail = said.detail, seconds = said.seconds, address = said.address,
            response_headers = said.response_headers, response = said.response, cut = said.cut
        FROM {table(CLOSED)}
        WHERE webhooks_out_attempt.delivery_id = said.delivery_id AND webhooks_out_attempt.number = said.number
            AND ended_at IS NULL"""


def _closing(sent: Sent) -> tuple[Any, ...]:
    answer = sent.answer
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    said = (answer.status, answer.error, answer.detail[:500], answer.seconds, answer.address[:60])
    return (*said, headers, answer.excerpt, answer.cut, sent.delivery.pk, sent.delivery.attempts)


def _settle_statement() -> str:
    return f"""UPDATE webhooks_out_delivery SET state = said.state, reason = said.reason,
            due_at = {clock("said.after")}, token = '', status = said.status, error = said.error,
            settled_at = CASE WHEN said.state = 'waiting' THEN NULL ELSE {clock()} END
        FROM {table(SETTLED)}
        WHERE webhooks_out_delivery.id = said.id AND webhooks_out_delivery.token = said.token
            AND webhooks_out_delivery.state = 'running'"""


def _settling(sent: Sent) -> tuple[Any, ...]:
    answer, delivery = sent.answer, sent.delivery
    outcome = judge(answer, delivery, sent.webhook, sent.at)
    said = (outcome.state, outcome.reason[:500], outcome.after, answer.status, answer.error)
    return (*said, delivery.pk, delivery.token)
