"""Sends deliveries: claims many at once, writes each attempt before its request, and settles them in bulk.

One thread talks to the database; the others only make requests. A webhook gets no more than its concurrency, so a slow
receiver holds up nobody else's deliveries.
"""

import secrets
import time
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NamedTuple, Self

from django.db import transaction
from django.utils import timezone

from webhooks_out import exchange, gates
from webhooks_out.delivery_log import open_attempts, record
from webhooks_out.http import Answer
from webhooks_out.jobs import Job, due
from webhooks_out.models import Delivery, Webhook
from webhooks_out.sent import UNSENT, Sent
from webhooks_out.shares import MARGIN, take

PATIENCE = 0.02  # seconds to wait for more answers before writing down those that came
HANDFUL = 4  # a quarter of what is under way is worth a transaction
AHEAD = 4  # deliveries in hand for each thread allowed, so that no thread waits for the database
FIRST = 2  # threads at first: against a fast receiver more of them only stand in each other's way
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


def send_now(delivery: Delivery, webhook: Webhook) -> Answer:
    """Stores a delivery that was just frozen, sends it while the caller waits, and writes down what came back.

    It is stored as claimed already, so that no worker ever sees it due. IntegrityError when its id is there already.
    """
    delivery.state, delivery.attempts, delivery.token = Job.State.RUNNING, 1, secrets.token_hex(16)
    delivery.due_at = timezone.now() + timedelta(seconds=webhook.timeout + MARGIN)
    with transaction.atomic():
        delivery.save(force_insert=True)
        open_attempts([delivery])
        gates.charge(webhook)
    answer = exchange.request(delivery, webhook)
    with transaction.atomic():
        record([Sent(delivery, webhook, answer)])
    return answer
