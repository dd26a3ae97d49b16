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
from django.db.models import QuerySet
from django.db.models.functions import Now
from django_q.tasks import async_task
from redis.exceptions import RedisError

from webhooks_out.jobs import Job, bury, clock, due
from webhooks_out.models import Heartbeat, Watch

SLOTS = 2  # drains that may see to one queue at once
SLICE = 30.0  # seconds after which a drain hands over to a successor
KEEP = 2.0  # seconds a drain promises to go on looking, renewed while it finds something
LOOK = 0.02  # seconds between two looks
MARGIN = 0.5  # seconds before the end of a promise in which it is not relied on
PENDING = 60  # seconds a wake-up may wait in the queue before another one is sent
BEAT = "workers"

log = structlog.get_logger()


def queues() -> dict[str, type[Job]]:
    """Every kind of job by the name of its queue."""
    jobs = (model for model in apps.get_models() if issubclass(model, Job) and not model._meta.proxy)
    return {model.queue: model for model in jobs}


def wake(queue: str, slot: int = 0) -> bool:
    """Sends for a drain unless one is already waiting or at work there; True when one was sent for.

    Call it after the commit that made the job visible. While a drain has promised to look, nothing is asked at all.
    """
    if time.monotonic() < _promised.get((queue, slot), 0.0):
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE webhooks_out_watch SET until = {clock('%s')}, token = '' "
            f"WHERE queue = %s AND slot = %s AND until <= {clock()}",
            [PENDING, queue, slot],
        )
        if cursor.rowcount:
            return _send_for(queue, slot)
        cursor.execute(
            f"SELECT token <> '', {_seconds_left()} FROM webhooks_out_watch WHERE queue = %s AND slot = %s",
            [queue, slot],
        )
        at_work, left = cursor.fetchone() or (False, 0.0)
        # One that has yet to start looks for KEEP seconds from then on.
        _promised[queue, slot] = time.monotonic() + (left if at_work else min(left, KEEP)) - MARGIN
        return False


_promised: dict[tuple[str, int], float] = {}  # until when, on this process's clock, a slot is looked after


def _seconds_left() -> str:
    if connection.vendor == "sqlite":
        return "(julianday(until) - julianday('now')) * 86400.0"
    return "EXTRACT(EPOCH FROM until - statement_timestamp())::float"


def _send_for(queue: str, slot: int) -> bool:
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

    A step that returns `plenty` sends for a second worker, which leaves as soon as it finds nothing. The first one
    leaves only when its promise to look has run out, or with a successor sent for.
    """
    bury(model)
    watch = _Keeper(model.queue, slot)
    ends = time.monotonic() + SLICE
    while watch.held:
        in_hand = step()
        if in_hand >= plenty and slot + 1 < SLOTS:
            wake(model.queue, slot + 1)
        if in_hand and time.monotonic() < ends:
            watch.renew()
        elif slot or (time.monotonic() >= ends and due(model)):
            break
        elif not in_hand:
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
    """A drain's hold on its slot, and its promise to look there until the hold runs out."""

    def __init__(self, queue: str, slot: int) -> None:
        self._slot = (queue, slot)
        self._mine = Watch.objects.filter(queue=queue, slot=slot)
        self._token = secrets.token_hex(16)
        self._renewed = self._until = 0.0
        self._hold(self._mine)

    @property
    def held(self) -> bool:
        """Whether the promise still stands; not so when it ran out or somebody asked this drain to end."""
        return time.monotonic() < self._until

    def renew(self) -> None:
        """Promises KEEP seconds from now, when a quarter of that has gone since the last time."""
        if time.monotonic() - self._renewed > KEEP / 4:
            self._hold(self._mine.filter(token=self._token))

    def leave(self) -> None:
        """Frees the slot, if it is still ours."""
        _promised.pop(self._slot, None)
        self._mine.filter(token=self._token).update(until=Now(), token="")

    def _hold(self, watch: QuerySet[Watch]) -> None:
        held = watch.update(until=Now() + timedelta(seconds=KEEP), token=self._token)
        self._renewed = time.monotonic()
        self._until = self._renewed + KEEP if held else 0.0
