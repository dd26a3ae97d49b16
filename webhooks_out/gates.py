"""What holds up a webhook's due deliveries, and the later time they are given so that nobody looks at them in vain.

Whoever calls these holds the lock of the webhook's row.
"""

from typing import NamedTuple

from django.db import connection

from webhooks_out import breaker
from webhooks_out.jobs import clock
from webhooks_out.models import Webhook
from webhooks_out.pacing import Pace, pace

CHUNK = 1000  # deliveries given a later time by one statement
HORIZON = 60.0  # seconds a mass post is laid out ahead
ASKED_FOR = "AND requested_by <> ''"
BY_ITSELF = "AND requested_by = ''"
NUMBER = "CAST(%s AS double precision)"


class Gate(NamedTuple):
    """A webhook's breaker and its pace as its locked row has them now; times are seconds of the database's clock."""

    is_open: bool
    probe_due: bool
    probes: int
    free_at: float
    now: float


def columns() -> str:
    """SQL for what a Gate is made of, of the webhook called `w`."""
    return (
        f"w.breaker_opened_at IS NOT NULL, COALESCE(w.breaker_probe_at <= {clock()}, FALSE), w.breaker_probes, "
        f"w.paced_until, {_now()}"
    )


def keep(webhook: Webhook, gate: Gate, *, probed: bool) -> None:
    """Has what is due wait for the next probe, whose time is set when the last one was sent; no attempt is counted."""
    with connection.cursor() as cursor:
        if probed:
            cursor.execute(
                f"""UPDATE webhooks_out_webhook SET breaker_probes = breaker_probes + 1,
                    breaker_probe_at = {clock("%s")} WHERE id = %s""",
                [breaker.wait_after(gate.probes + 1), webhook.pk],
            )
        if probed or not gate.probe_due:
            cursor.execute(
                f"""WITH rest AS MATERIALIZED ({_rest(BY_ITSELF)})
                    UPDATE webhooks_out_delivery SET state = 'waiting', token = '',
                        due_at = (SELECT breaker_probe_at FROM webhooks_out_webhook WHERE id = %s)
                    WHERE id IN (SELECT id FROM rest)""",
                [webhook.pk, CHUNK, webhook.pk],
            )


def pace_of(webhook: Webhook, gate: Gate) -> Pace | None:
    """How fast requests may go there; None without a limit."""
    return pace(webhook.rate, webhook.rate_per, gate.free_at, gate.now) if webhook.rate else None


def spread(webhook: Webhook, of: Pace, begun: int, *, in_batches: bool) -> None:
    """Notes that so many requests begin now, and gives each of the rest that are due a time of its own.

    What rules and people send comes first; a mass post is laid out behind what was laid out of it before.
    """
    free_at = of.used(begun)
    with connection.cursor() as cursor:
        if begun:
            cursor.execute(
                "UPDATE webhooks_out_webhook SET paced_until = %s WHERE id = %s", [free_at, webhook.pk]
            )
        if begun < of.allowed:
            return
        among = "" if webhook.active else ASKED_FOR
        statement = _layout(f"AND batch_id IS NULL {among}")
        cursor.execute(statement, [webhook.pk, CHUNK, free_at - of.now, of.interval])
        if in_batches:
            laid_out = _laid_out.get(webhook.pk, 0.0)
            start = laid_out if free_at <= laid_out <= of.now + HORIZON else free_at
            statement = _layout(f"AND batch_id IS NOT NULL {among}")
            cursor.execute(statement, [webhook.pk, CHUNK, start - of.now, of.interval])
            _laid_out[webhook.pk] = start + cursor.rowcount * of.interval


# Until when this process has laid out a webhook's mass posts: no more than a hint.
_laid_out: dict[int, float] = {}


def charge(webhook: Webhook) -> None:
    """Counts a request that somebody waits for and that therefore goes at once; what follows waits longer."""
    if webhook.rate:
        interval = pace(webhook.rate, webhook.rate_per, 0.0, 0.0).interval
        with connection.cursor() as cursor:
            cursor.execute(
                f"""UPDATE webhooks_out_webhook SET paced_until = {NUMBER} +
                    CASE WHEN paced_until > {_now()} THEN paced_until ELSE {_now()} END WHERE id = %s""",
                [interval, webhook.pk],
            )


def _now() -> str:
    if connection.vendor == "sqlite":
        return "(julianday('now') - 2440587.5) * 86400.0"
    return "CAST(EXTRACT(EPOCH FROM statement_timestamp()) AS double precision)"


def _rest(among: str) -> str:
    """SQL for the ids of due deliveries of a webhook, those longest due first; read it once (MATERIALIZED)."""
    lock = "" if connection.vendor == "sqlite" else "FOR UPDATE SKIP LOCKED"
    return f"""SELECT id FROM webhooks_out_delivery WHERE webhook_id = %s AND due_at <= {clock()} {among}
        AND attempts < max_attempts ORDER BY due_at LIMIT %s {lock}"""


def _layout(among: str) -> str:
    """The statement that gives due deliveries times of their own: a start and an interval, in seconds from now.

    It begins with UPDATE, as SQLite counts the rows of no other.
    """
    return f"""UPDATE webhooks_out_delivery SET state = 'waiting', token = '', due_at = {clock("later.wait")}
        FROM (
            WITH rest AS MATERIALIZED ({_rest(among)})
            SELECT id AS rest_id, {NUMBER} + {NUMBER} * (row_number() OVER (ORDER BY id) - 1) AS wait FROM rest
        ) AS later WHERE webhooks_out_delivery.id = later.rest_id"""
