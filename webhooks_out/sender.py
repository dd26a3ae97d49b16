"""Sends deliveries: claims many at once, writes each attempt before its request, and settles them in bulk.

One thread talks to the database; the others only make requests. A webhook gets no more than its concurrency, so a slow
receiver holds up nobody else's deliveries.
"""

import secrets
import time
from collections import Counter
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NamedTuple, Self

from django.db import connection, transaction
from django.utils import timezone

from webhooks_out import definitions, exchange
from webhooks_out.delivery_log import UNSENT, Sent, open_attempts, record
from webhooks_out.http import Answer
from webhooks_out.jobs import Job, claim, clock, due
from webhooks_out.models import Delivery, Webhook

MARGIN = 15.0  # seconds a lease lasts beyond the request's own deadline
PATIENCE = 0.02  # seconds to wait for more answers before writing down those that came
HANDFUL = 4  # a quarter of what is under way is worth a transaction
AHEAD = 4  # deliveries in hand for each thread allowed, so that no thread waits for the database
FIRST = 2  # threads at first: against a fast receiver more of them only stand in each other's way
RESERVED = 8  # of a webhook's concurrency, the share that mass posts leave free
STALE = 5.0  # seconds after which a delivery that no thread has begun is given back


class Taken(NamedTuple):
    """A delivery that was claimed for this sender, and when on the process's clock."""

    delivery: Delivery
    webhook: Webhook
    at: float


class Sender:
    """One drain's worth of sending; use it as a context manager, which waits for what is under way."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.under_way = 0
        self._taken: SimpleQueue[Taken | None] = SimpleQueue()
        self._finished: SimpleQueue[Sent] = SimpleQueue()
        self._employed: list[Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self.under_way:
            if sent := self._gather():
                self._write(sent, room=0)
        for _thread in self._employed:
            self._taken.put(None)
        for thread in self._employed:
            thread.join()

    def step(self) -> int:
        """Writes down what came back and starts what is due; 0 when nothing moved and nothing is under way."""
        sent = self._gather() if self.under_way else []
        room = self.threads * AHEAD - self.under_way
        if sent or (room > 0 and due(Delivery)):
            self._write(sent, room)
        return len(sent) + self.under_way

    def _gather(self) -> list[Sent]:
        """The answers that have come, after waiting PATIENCE for a good handful of them.

        When they do not come in time although more could be asked for, as many threads again are employed.
        """
        sent: list[Sent] = []
        ends = time.monotonic() + PATIENCE
        while len(sent) < max(1, self.under_way // HANDFUL):
            try:
                sent.append(self._finished.get(timeout=max(0.0, ends - time.monotonic())))
            except Empty:
                if not self._taken.empty():
                    self._employ(len(self._employed) * 2)
                break
        while not self._finished.empty():
            sent.append(self._finished.get())
        self.under_way -= len(sent)
        return sent

    def _write(self, sent: list[Sent], room: int) -> None:
        """One transaction: settle what came back, claim what is due, open its attempts. Then start the requests."""
        with transaction.atomic():
            record(sent)
            claimed = take(room) if room else []
            open_attempts([delivery for delivery, _ in claimed])
        self.under_way += len(claimed)
        for delivery, webhook in claimed:
            self._taken.put(Taken(delivery, webhook, time.monotonic()))
        self._employ(FIRST)

    def _employ(self, threads: int) -> None:
        """Has so many threads at work, as far as they are allowed and there is work for them."""
        while len(self._employed) < min(threads, self.threads, self.under_way):
            self._employed.append(Thread(target=self._send, name="send", daemon=True))
            self._employed[-1].start()

    def _send(self) -> None:
        """What each thread does: one request after the other, until it is told that there are no more."""
        while taken := self._taken.get():
            fresh = time.monotonic() - taken.at < STALE
            answer = exchange.request(taken.delivery, taken.webhook) if fresh else UNSENT
            self._finished.put(Sent(taken.delivery, taken.webhook, answer))


def take(room: int) -> list[tuple[Delivery, Webhook]]:
    """Claims up to `room` due deliveries, shared fairly among their webhooks. Needs an open transaction."""
    webhooks = _due_webhooks()
    running = _running([webhook for webhook, _ in webhooks])
    claimed: list[tuple[Delivery, Webhook]] = []
    for index, (webhook, in_batches) in enumerate(webhooks):
        left = room - len(claimed)
        share = max(1, left // (len(webhooks) - index))
        free = webhook.concurrency - running[webhook.pk]
        if (limit := min(share, left, free)) > 0:
            spare = min(limit, free - _reserved(webhook)) if in_batches else 0
            claimed += [(delivery, webhook) for delivery in _claim(webhook, limit, spare)]
    return claimed


def send_now(delivery: Delivery, webhook: Webhook) -> Answer:
    """Stores a delivery that was just frozen, sends it while the caller waits, and writes down what came back.

    It is stored as claimed already, so that no worker ever sees it due. IntegrityError when its id is there already.
    """
    delivery.state, delivery.attempts, delivery.token = Job.State.RUNNING, 1, secrets.token_hex(16)
    delivery.due_at = timezone.now() + timedelta(seconds=webhook.timeout + MARGIN)
    with transaction.atomic():
        delivery.save(force_insert=True)
        open_attempts([delivery])
    answer = exchange.request(delivery, webhook)
    with transaction.atomic():
        record([Sent(delivery, webhook, answer)])
    return answer


def _due_webhooks() -> list[tuple[Webhook, bool]]:
    """Webhooks with something due, and whether some of it belongs to a mass post.

    They are locked against other drains; those another drain has locked are left to it.
    """
    lock = "" if connection.vendor == "sqlite" else "FOR NO KEY UPDATE SKIP LOCKED"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT w.id, EXISTS (
                    SELECT 1 FROM webhooks_out_delivery b
                    WHERE b.webhook_id = w.id AND b.batch_id IS NOT NULL AND b.due_at <= {clock()}
                ) FROM webhooks_out_webhook w WHERE 1 = (
                    SELECT 1 FROM webhooks_out_delivery d WHERE d.webhook_id = w.id AND d.due_at <= {clock()} LIMIT 1
                ) {lock}""",
            [],
        )
        found = dict(cursor.fetchall())
    webhooks = _webhooks.get(list(found)) if found else {}
    return [(webhook, bool(found[pk])) for pk, webhook in webhooks.items()]


_webhooks = definitions.Kept[int, Webhook](Webhook.objects.in_bulk)


def _running(webhooks: list[Webhook]) -> Counter[int]:
    """How many deliveries of each webhook are under way, in all workers."""
    if not webhooks:
        return Counter()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT webhook_id, count(*) FROM webhooks_out_delivery WHERE state = 'running'
                AND due_at > {clock()} AND webhook_id IN ({", ".join(["%s"] * len(webhooks))}) GROUP BY webhook_id""",
            [webhook.pk for webhook in webhooks],
        )
        return Counter(dict(cursor.fetchall()))


def _reserved(webhook: Webhook) -> int:
    """Requests at once that a mass post leaves free for what rules and people send meanwhile."""
    return max(1, webhook.concurrency // RESERVED) if webhook.concurrency > 1 else 0


def _claim(webhook: Webhook, limit: int, of_batches: int) -> list[Delivery]:
    """Due deliveries of one webhook, `limit` at most; mass posts come last and get no more than `of_batches`."""
    first = _claim_where(webhook, limit, "AND batch_id IS NULL")
    spare = min(limit, of_batches) - len(first)
    return first + (_claim_where(webhook, spare, "AND batch_id IS NOT NULL") if spare > 0 else [])


def _claim_where(webhook: Webhook, limit: int, among: str) -> list[Delivery]:
    """Due deliveries of one webhook; of one that is switched off only those a person asked for."""
    asked_for = "" if webhook.active else "AND requested_by <> ''"
    return claim(
        Delivery,
        limit,
        lease=webhook.timeout + MARGIN,
        where=f"AND webhook_id = %s {among} {asked_for}",
        params=(webhook.pk,),
    )
