"""How queues are woken, emptied and swept: one drain sees to a slot of a queue until nothing is due there.

A drain may be lost at any moment. Its slot then frees itself after KEEP seconds, and the sweep finds what it left.
"""

import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now
from django_q.tasks import async_task
from redis.exceptions import RedisError

from webhooks_out.jobs import Job, bury, clock, due
from webhooks_out.models import Heartbeat, Watch

SLOTS = 2  # drains that may see to one queue at once
SLICE = 30.0  # seconds after which a drain hands over to a successor
LINGER = 1.0  # seconds a drain keeps looking after it found nothing
LOOK = 0.02  # seconds between two looks
KEEP = 3.0  # seconds a working drain reserves its slot for, renewed twice a second
PENDING = 60  # seconds a wake-up may wait in the queue before another one is sent
BEAT = "workers"

log = structlog.get_logger()


def queues() -> dict[str, type[Job]]:
    """Every kind of job by the name of its queue."""
    return {model.queue: model for model in apps.get_models() if issubclass(model, Job)}


def wake(queue: str, slot: int = 0) -> bool:
    """Sends for a drain unless one is already waiting or at work there; True when one was sent for.

    Call it after the commit that made the job visible.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE webhooks_out_watch SET until = {clock('%s')}, token = '' "
            f"WHERE queue = %s AND slot = %s AND until <= {clock()}",
            [PENDING, queue, slot],
        )
        if not cursor.rowcount:
            return False
    try:
        async_task(queues()[queue].drain_task, slot)
    except (RedisError, DatabaseError, OSError) as error:
        # What is due is stored: the sweep sends again.
        log.error("wake-up not sent", queue=queue, error=str(error))
        Watch.objects.filter(queue=queue, slot=slot).update(until=Now())
        return False
    return True


def wake_after_commit(queue: str) -> None:
    """Wakes the queue once the open transaction is committed, or now when there is none."""
    transaction.on_commit(partial(wake, queue))


def drain(model: type[Job], slot: int, step: Callable[[], int], *, plenty: int) -> None:
    """Calls `step`, which returns how much is in hand, until nothing is left to do or the time slice is over.

    A step that returns `plenty` sends for a second worker, which leaves as soon as it finds nothing.
    """
    bury(model)
    watch = _Keeper(model.queue, slot)
    ends, idle_since = time.monotonic() + SLICE, time.monotonic()
    while watch.keep() and time.monotonic() < ends:
        in_hand = step()
        if in_hand >= plenty and slot + 1 < SLOTS:
            wake(model.queue, slot + 1)
        if in_hand:
            idle_since = time.monotonic()
        elif slot or time.monotonic() - idle_since > LINGER:
            break
        else:
            time.sleep(LOOK)
    watch.leave()
    if not slot and due(model):
        wake(model.queue)


def sweep() -> dict[str, bool]:
    """Wakes every queue in which something is due; says which were woken. Cheap enough for every few seconds."""
    ensure_watches()
    return {name: wake(name) for name, model in queues().items() if due(model)}


def stop() -> None:
    """Asks every drain at work to end; each notices within half a second. The next wake-up starts a new one."""
    Watch.objects.exclude(token="").update(token="stop", until=Now())


def ensure_watches() -> None:
    """Makes the rows that wake-ups are sent by, where they are missing."""
    if Watch.objects.count() < len(queues()) * SLOTS:
        rows = [Watch(queue=name, slot=slot) for name in queues() for slot in range(SLOTS)]
        Watch.objects.bulk_create(rows, ignore_conflicts=True)


def beat() -> None:
    """Run by a worker: proof that a wake-up travels from the queue to a worker."""
    Heartbeat.objects.update_or_create(name=BEAT, defaults={"beat_at": Now()})


class _Keeper:
    """A drain's hold on its slot."""

    def __init__(self, queue: str, slot: int) -> None:
        self._mine = Watch.objects.filter(queue=queue, slot=slot)
        self._token = secrets.token_hex(16)
        self._renewed = float("-inf")

    def keep(self) -> bool:
        """Renews the hold when half a second has gone; False when somebody asked this drain to end."""
        now = time.monotonic()
        if now - self._renewed < KEEP / 6:
            return True
        held = self._mine if self._renewed < 0 else self._mine.filter(token=self._token)
        self._renewed = now
        return bool(held.update(until=Now() + timedelta(seconds=KEEP), token=self._token))

    def leave(self) -> None:
        """Frees the slot, if it is still ours."""
        self._mine.filter(token=self._token).update(until=Now(), token="")
