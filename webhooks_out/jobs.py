"""The life of a job: waiting, running under a lease, and one of done, dead, cancelled or held.

    wake ─► drain ─► claim ─► (work) ─► settle ─► done
              ▲                           ├─► waiting again, due later
              └────────── sweep ◄─────────┴─► dead, held, cancelled

Our tables are the truth. The queue library only carries the name of the queue to look at, so losing it loses nothing.
`due_at` is when somebody must look again: the job's time while it waits, the end of the lease while it runs, null when
it is settled. Times come from the database's clock.
"""

import os
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from operator import attrgetter
from random import uniform
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import structlog
from django.db import connection, models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

LEASE = 40.0  # seconds a worker may take for one claim before another may start the job again
BACKOFF = (5.0, 60.0)  # seconds before the second and third start of a job that failed
JITTER = 0.2  # share by which a wait varies, so that what failed together does not return together
LOST = "The worker was lost in the middle of this job."

log = structlog.get_logger()


class Permanent(Exception):
    """This job cannot succeed however often it is tried; str() says why, for an administrator."""


@dataclass(frozen=True)
class Outcome:
    """What becomes of a claimed job. `after`: seconds until it is due again, while it stays waiting."""

    state: str
    reason: str = ""
    after: float | None = None
    also: Mapping[str, Any] = field(default_factory=dict)  # further columns to write with it


def new_id() -> UUID:
    """A time-ordered UUID (RFC 9562, version 7, with a fraction of 1/4096 ms): newest first is the key backwards."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    random = int.from_bytes(os.urandom(8), "big") >> 2
    return UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | random)


class Job(models.Model):
    """Something that must end in a state a person can see."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        DEAD = "dead", "Failed"
        CANCELLED = "cancelled", "Cancelled"
        HELD = "held", "Held"

    queue: ClassVar[str]
    drain_task: ClassVar[str]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    due_at = models.DateTimeField(null=True, default=timezone.now)
    token = models.CharField(max_length=32, blank=True, default="", editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    reason = models.CharField(max_length=500, blank=True)
    correlation_id = models.UUIDField(default=new_id)
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], name="%(class)s_due", condition=Q(due_at__isnull=False))
        ]

    @property
    def settled(self) -> bool:
        """Whether nothing will happen to it by itself any more."""
        return self.due_at is None


T = TypeVar("T", bound=Job)
A = TypeVar("A")
R = TypeVar("R")


def done() -> Outcome:
    """It is done."""
    return Outcome(Job.State.DONE)


def dead(reason: str) -> Outcome:
    """It failed for good."""
    return Outcome(Job.State.DEAD, reason)


def held(reason: str) -> Outcome:
    """It waits for a person."""
    return Outcome(Job.State.HELD, reason)


def cancelled(reason: str) -> Outcome:
    """It will not be done, and need not be."""
    return Outcome(Job.State.CANCELLED, reason)


def retry(job: Job, reason: str, *, delays: tuple[float, ...] = BACKOFF, at_least: float = 0.0) -> Outcome:
    """Waiting again, or dead when its starts are used up. `delays` and `at_least` are seconds."""
    if job.attempts >= job.max_attempts:
        return dead(reason)
    wait = delays[min(job.attempts, len(delays)) - 1] if delays else 0.0
    return Outcome(Job.State.WAITING, reason, max(wait * uniform(1 - JITTER, 1 + JITTER), at_least))


def clock(seconds: str = "") -> str:
    """SQL for the database's time; `seconds` is a placeholder for a number to add. NULL seconds give NULL."""
    seconds = seconds and f"CAST({seconds} AS double precision)"
    if connection.vendor == "sqlite":
        modifier = f", {seconds} || ' seconds'" if seconds else ""
        # It counts milliseconds: to the end of this one, as times of ours within it have come.
        return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f999', 'now'{modifier})"
    return f"statement_timestamp() + {seconds} * interval '1 second'" if seconds else "statement_timestamp()"


def due(model: type[Job]) -> bool:
    """Whether any job of this kind wants a worker now. One index look-up, no lock."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {model._meta.db_table} WHERE due_at <= {clock()})", [])
        return bool(cursor.fetchone()[0])


def claim(
    model: type[T], limit: int, *, lease: float = LEASE, where: str = "", params: tuple[Any, ...] = ()
) -> list[T]:
    """Takes up to `limit` due jobs in one statement and counts each start before the work. `lease`: seconds."""
    table, token = model._meta.db_table, secrets.token_hex(16)
    lock = "" if connection.vendor == "sqlite" else "FOR UPDATE SKIP LOCKED"
    # MATERIALIZED: a plan that ran it once for each row would find other jobs each time, and take more than the limit.
    statement = f"""
        WITH chosen AS MATERIALIZED (
            SELECT id FROM {table} WHERE due_at <= {clock()} AND attempts < max_attempts {where}
            ORDER BY due_at LIMIT %s {lock}
        )
        UPDATE {table} SET state = 'running', token = %s, attempts = attempts + 1, due_at = {clock("%s")}
        WHERE id IN (SELECT id FROM chosen) RETURNING *"""
    # RETURNING knows no order; ids have one: that of arrival.
    return sorted(model._default_manager.raw(statement, [*params, limit, token, lease]), key=attrgetter("pk"))


def bury(model: type[Job], reason: str = LOST) -> int:
    """Ends jobs whose every start was cut short, so that a job that kills its worker cannot do so for ever."""
    return model._default_manager.filter(due_at__lte=Now(), attempts__gte=F("max_attempts")).update(
        state=Job.State.DEAD, reason=reason, due_at=None, token="", settled_at=Now()
    )


def settle(job: Job, outcome: Outcome) -> bool:
    """Writes the outcome if the job is still ours; False when another worker has taken it over since."""
    mine = type(job)._default_manager.filter(pk=job.pk, token=job.token, state=Job.State.RUNNING)
    again = outcome.after is not None
    due_at = Now() + timedelta(seconds=outcome.after or 0) if again else None
    return bool(
        mine.update(
            state=outcome.state,
            reason=outcome.reason[:500],
            due_at=due_at,
            settled_at=None if again else Now(),
            token="",
            **outcome.also,
        )
    )


def work(job: T, do: Callable[[T], Outcome]) -> Outcome:
    """Does a claimed job and settles it. Whatever goes wrong costs one attempt and leaves its reason in the log."""
    outcome, error = _tried(do, job)
    if outcome is None:
        log.error("job failed", queue=job.queue, job=str(job.pk), attempt=job.attempts, exc_info=error)
        outcome = (
            dead(str(error))
            if isinstance(error, Permanent)
            else retry(job, f"{type(error).__name__}: {error}")
        )
    if not settle(job, outcome):
        log.warning("job was taken over", queue=job.queue, job=str(job.pk))
    log.debug("job settled", queue=job.queue, job=str(job.pk), state=outcome.state, reason=outcome.reason)
    return outcome


def work_together(jobs: list[T], do_all: Callable[[list[T]], bool], do_one: Callable[[T], Outcome]) -> None:
    """Does claimed jobs in one go, which settles them; when that fails, each by itself.

    So one bad job costs the others nothing but time.
    """
    finished, error = _tried(do_all, jobs)
    if error:
        log.info("jobs are done one by one", queue=jobs[0].queue, error=str(error))
    if not finished:
        for job in jobs:
            work(job, do_one)


def _tried(do: Callable[[A], R], argument: A) -> tuple[R | None, Exception | None]:
    try:
        return do(argument), None
    except Exception as error:
        return None, error
