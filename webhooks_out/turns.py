"""Whose turn it is among the deliveries of one record: in order, or only the latest.

A delivery takes part when its webhook kept an order as it was made (`in_turn`). One that has to wait for another is
given a later time, and is due at once when the other one is settled.
"""

from collections.abc import Iterable

from django.db import connection
from django.db.models import Q

from webhooks_out.batches import rows, table
from webhooks_out.jobs import Job, clock
from webhooks_out.models import Delivery, Webhook
from webhooks_out.sent import Sent

PARKED = (
    15.0  # seconds until a delivery that waits for another is looked at again, should nobody have woken it
)
CHUNK = 1000  # due deliveries that one statement looks at
RECORD = {"webhook_id": "bigint", "record_id": "text", "record_type": "text"}
UNFINISHED = "NOT (state = 'done')"  # the condition of the index of unfinished jobs, word by word
DIRECTIONS = {Webhook.Order.IN_ORDER: "ASC", Webhook.Order.LATEST: "DESC"}


def condition(webhook: Webhook) -> str:
    """SQL for what may go now; "" when any order will do."""
    return f"AND NOT ({_blocked(webhook)})" if webhook.order in DIRECTIONS else ""


def supersede(webhook: Webhook) -> None:
    """Cancels what is older than another delivery of its record that is not settled, and says which, if so wanted."""
    if webhook.order != Webhook.Order.LATEST:
        return
    same = " AND ".join(f"n.{name} = o.{name}" for name in RECORD)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE webhooks_out_delivery SET state = 'cancelled', due_at = NULL, settled_at = {clock()},
                    reason = 'Superseded by ' || pair.newer || ', a newer delivery of this record.'
                FROM (
                    SELECT o.id AS older, (
                        SELECT CAST(n.id AS text) FROM webhooks_out_delivery n
                        WHERE {same} AND n.in_turn AND n.due_at IS NOT NULL AND n.id > o.id ORDER BY n.id DESC LIMIT 1
                    ) AS newer FROM webhooks_out_delivery o
                    WHERE o.webhook_id = %s AND o.in_turn AND o.due_at IS NOT NULL AND o.state = 'waiting'
                        AND o.requested_by = '' AND (o.record_id, o.record_type) IN (
                            SELECT record_id, record_type FROM ({_due("record_id, record_type")}) AS due
                        ) {_lock("FOR UPDATE OF o SKIP LOCKED")}
                ) AS pair WHERE webhooks_out_delivery.id = pair.older AND pair.newer IS NOT NULL""",
            [webhook.pk, webhook.pk, CHUNK],
        )


def park(webhook: Webhook) -> None:
    """Gives what is due, but has to wait for another delivery of its record, a later time."""
    if webhook.order not in DIRECTIONS:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE webhooks_out_delivery SET due_at = {clock("%s")} WHERE id IN (
                    SELECT id FROM webhooks_out_delivery WHERE id IN (SELECT id FROM ({_due("id")}) AS due)
                        AND state = 'waiting' AND {_blocked(webhook)} {_lock("FOR UPDATE SKIP LOCKED")}
                )""",
            [PARKED, webhook.pk, CHUNK],
        )


def waits(delivery: Delivery) -> bool:
    """Whether an earlier delivery of its record, or one under way, is not settled."""
    others = Delivery.objects.filter(
        webhook=delivery.webhook_id,
        record_id=delivery.record_id,
        record_type=delivery.record_type,
        in_turn=True,
        due_at__isnull=False,
    ).exclude(pk=delivery.pk)
    return delivery.in_turn and others.filter(Q(pk__lt=delivery.pk) | Q(state=Job.State.RUNNING)).exists()


def wake_next(sent: Iterable[Sent]) -> None:
    """Has the next of each of these records be due now; what waits for its own next attempt goes on waiting."""
    kept = [one for one in sent if one.delivery.in_turn]
    for order, direction in DIRECTIONS.items() if kept else ():
        records = {
            (one.webhook.pk, one.delivery.record_id, one.delivery.record_type)
            for one in kept
            if one.webhook.order == order
        }
        if records:
            _wake(sorted(records), direction)


def _wake(records: list[tuple[int, str, str]], direction: str) -> None:
    same = " AND ".join(f"n.{name} = said.{name}" for name in RECORD)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE webhooks_out_delivery SET due_at = {clock()} WHERE id IN (
                    SELECT next.id FROM {table(RECORD)} JOIN webhooks_out_delivery next ON next.id = (
                        SELECT n.id FROM webhooks_out_delivery n
                        WHERE {same} AND n.in_turn AND n.due_at IS NOT NULL ORDER BY n.id {direction} LIMIT 1
                    ) WHERE next.state = 'waiting' AND next.attempts = 0 AND next.due_at > {clock()}
                    ORDER BY next.id {_lock("FOR UPDATE OF next")}
                )""",
            [rows(RECORD, records)],
        )


def _blocked(webhook: Webhook) -> str:
    """SQL for a delivery that has to wait: for one under way, and in order also for every earlier one.

    What a person sends once more waits for none that is not under way: the order is theirs.
    """
    this = "webhooks_out_delivery"
    names = ", ".join(RECORD)
    # What is looked at is due, so it is not among these itself.
    running = f"""({names}) IN (
            SELECT {names} FROM webhooks_out_delivery
            WHERE state = 'running' AND {UNFINISHED} AND in_turn AND due_at > {clock()}
        )"""
    if webhook.order != Webhook.Order.IN_ORDER:
        return f"{this}.in_turn AND {running}"
    same = " AND ".join(f"e.{name} = {this}.{name}" for name in RECORD)
    earlier = f"""EXISTS (
            SELECT 1 FROM webhooks_out_delivery e
            WHERE {same} AND e.in_turn AND e.due_at IS NOT NULL AND e.id < {this}.id
        )"""
    by_hand = f"({this}.requested_by <> '' AND {this}.attempts > 0)"
    return f"{this}.in_turn AND ({running} OR (NOT {by_hand} AND {earlier}))"


def _due(names: str) -> str:
    """SQL for the deliveries of a webhook that are longest due and keep an order."""
    return f"""SELECT {names} FROM webhooks_out_delivery
        WHERE webhook_id = %s AND due_at <= {clock()} AND in_turn ORDER BY due_at LIMIT %s"""


def _lock(clause: str) -> str:
    return "" if connection.vendor == "sqlite" else clause
