"""Sends deliveries: claims many at once, writes each attempt before its request, and settles them in bulk.

One thread talks to the database; the others only make requests. A webhook gets no more than its concurrency, so a slow
receiver holds up nobody else's deliveries.
"""

import time
from collections import Counter
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Self
from uuid import UUID

from django.db import connection, transaction

from webhooks_out import definitions, exchange
from webhooks_out.delivery_log import Sent, open_attempts, record
from webhooks_out.jobs import claim, clock, due
from webhooks_out.models import Delivery, Webhook

MARGIN = 15.0  # seconds a lease lasts beyond the request's own deadline
PATIENCE = 0.02  # seconds to wait for more answers before writing down those that came


class Sender:
    """One drain's worth of sending; use it as a context manager, which waits for what is under way."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.under_way = 0
        self._taken: SimpleQueue[tuple[Delivery, Webhook] | None] = SimpleQueue()
        self._finished: SimpleQueue[Sent] = SimpleQueue()
        self._started: list[Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self.under_way:
            self._write(self._gather(patience=1.0), room=0)
        for _ in self._started:
            self._taken.put(None)
        for thread in self._started:
            thread.join()

    def step(self) -> int:
        """Writes down what came back and starts what is due; 0 when nothing moved and nothing is under way."""
        sent = self._gather(PATIENCE) if self.under_way else []
        room = self.threads - self.under_way
        if sent or (room and due(Delivery)):
            self._write(sent, room)
        return len(sent) + self.under_way

    @property
    def full(self) -> bool:
        """Whether every thread is at work, so that another worker should help."""
        return self.under_way >= self.threads

    def _gather(self, patience: float) -> list[Sent]:
        """The answers that have come, after waiting up to `patience` seconds for a good handful of them."""
        sent: list[Sent] = []
        ends = time.monotonic() + patience
        while len(sent) < max(1, self.under_way // 4):
            try:
                sent.append(self._finished.get(timeout=max(0.0, ends - time.monotonic())))
            except Empty:
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
        for one in claimed:
            self._taken.put(one)
        while len(self._started) < min(self.under_way, self.threads):
            self._started.append(Thread(target=self._send, name="send", daemon=True))
            self._started[-1].start()

    def _send(self) -> None:
        """What each thread does: one request after the other, until it is told that there are no more."""
        while taken := self._taken.get():
            self._finished.put(Sent(*taken, exchange.request(*taken)))


def take(room: int) -> list[tuple[Delivery, Webhook]]:
    """Claims up to `room` due deliveries, shared fairly among their webhooks. Needs an open transaction."""
    webhooks = _due_webhooks()
    running = _running(webhooks)
    claimed: list[tuple[Delivery, Webhook]] = []
    for index, webhook in enumerate(webhooks):
        left = room - len(claimed)
        share = max(1, left // (len(webhooks) - index))
        limit = min(share, left, webhook.concurrency - running[webhook.pk])
        if limit > 0:
            claimed += [(delivery, webhook) for delivery in _claim(webhook, limit)]
    return claimed


def send_now(delivery: Delivery, webhook: Webhook) -> Delivery:
    """Sends one stored delivery while the caller waits; the delivery as it stands afterwards."""
    lease = webhook.timeout + MARGIN
    with transaction.atomic():
        mine = claim(Delivery, 1, lease=lease, where="AND id = %s", params=(_key(delivery),))
        open_attempts(mine)
    sent = [Sent(taken, webhook, exchange.request(taken, webhook)) for taken in mine]
    with transaction.atomic():
        record(sent)
    return Delivery.objects.get(pk=delivery.pk)


def _due_webhooks() -> list[Webhook]:
    """Webhooks with something due, locked against other drains; those another drain has locked are left to it."""
    lock = "" if connection.vendor == "sqlite" else "FOR NO KEY UPDATE SKIP LOCKED"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT w.id FROM webhooks_out_webhook w WHERE 1 = (
                    SELECT 1 FROM webhooks_out_delivery d WHERE d.webhook_id = w.id AND d.due_at <= {clock()} LIMIT 1
                ) {lock}""",
            [],
        )
        ids = [row[0] for row in cursor.fetchall()]
    return _present(ids) if ids else []


_known: dict[UUID, dict[int, Webhook]] = {}


def _present(ids: list[int]) -> list[Webhook]:
    """These webhooks as they are defined now; kept in memory for as long as no definition changes."""
    version = definitions.version()
    if version is None:
        return list(Webhook.objects.filter(pk__in=ids))
    if version not in _known:
        _known.clear()
    known = _known.setdefault(version, {})
    if missing := [pk for pk in ids if pk not in known]:
        known.update(Webhook.objects.in_bulk(missing))
    return [known[pk] for pk in ids]


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


def _claim(webhook: Webhook, limit: int) -> list[Delivery]:
    """Due deliveries of one webhook; of one that is switched off only those a person asked for."""
    asked_for = "" if webhook.active else "AND requested_by <> ''"
    return claim(
        Delivery,
        limit,
        lease=webhook.timeout + MARGIN,
        where=f"AND webhook_id = %s {asked_for}",
        params=(webhook.pk,),
    )


def _key(delivery: Delivery) -> object:
    return Delivery._meta.pk.get_db_prep_value(delivery.pk, connection)
