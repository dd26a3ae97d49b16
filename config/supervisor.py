"""Keeps the web server and the workers running, each in its own process group, and leaves none of them behind."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from django_q.tasks import async_task
from redis.exceptions import RedisError

from webhooks_out import drains
from webhooks_out.models import Heartbeat, Watch

TICK = 0.5  # seconds between two looks at the children
SWEEP_EVERY = 5.0  # seconds
SILENT_AFTER = 20.0  # seconds without a sign of life after which workers are started anew
START_GRACE = 15.0  # seconds a fresh child has before its silence counts
STOP_WITHIN = 25.0  # seconds a child has to end by itself
MARK = "FIELDHOOK_HUB"  # environment variable that names the supervisor a process belongs to
PR_SET_PDEATHSIG = 1

log = structlog.get_logger()


@dataclass
class Child:
    """One supervised command. `beats`: whether its silence is a reason to restart it."""

    name: str
    command: Sequence[str]
    beats: bool = False
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restarts: int = field(default=0)

    def start(self) -> None:
        """Starts it at the head of a process group of its own, to be told when the supervisor dies."""
        environment = os.environ | {MARK: str(os.getpid())}
        self.process = subprocess.Popen(
            self.command,
            start_new_session=True,
            env=environment,
            cwd=settings.BASE_DIR,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - one system call, takes no lock
        )
        self.started = time.monotonic()

    @property
    def alive(self) -> bool:
        """Whether its first process runs."""
        return self.process is not None and self.process.poll() is None

    def ask_to_end(self) -> None:
        """SIGTERM to its first process, which ends the others in order."""
        if self.process and self.alive:
            self.process.terminate()

    def kill(self) -> None:
        """SIGKILL to the whole group, whatever is left of it."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Supervisor:
    """Starts children, restarts those that die or fall silent, sweeps the queues, and ends all on a signal."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = children
        self.stopping = False
        self._next_sweep = 0.0
        self._beat_sent: datetime | None = None

    def run(self) -> None:
        """Returns after SIGINT or SIGTERM, when every child has ended."""
        self.start()
        try:
            while not self.stopping:
                self.tick()
                time.sleep(TICK)
        finally:
            self.end()

    def start(self) -> None:
        """Ends what an earlier supervisor left behind, then starts every child."""
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._stop)
        for pid in orphans():
            log.warning("ending a process whose supervisor is gone", pid=pid)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for child in self.children:
            child.start()

    def tick(self) -> None:
        """One look: restart what died, restart silent workers, sweep and send a heartbeat when it is time."""
        for child in self.children:
            if not child.alive:
                self._restart(child, "ended by itself")
        if time.monotonic() < self._next_sweep:
            return
        self._next_sweep = time.monotonic() + SWEEP_EVERY
        try:
            drains.sweep()
            self._beat()
            for child in self.children:
                if child.beats and self._silent(child):
                    self._restart(child, "was silent")
        except (DatabaseError, RedisError, OSError) as error:
            log.error("could not look after the queues", error=str(error))
            connection.close()

    def end(self) -> None:
        """Asks every child to end, and kills what has not ended in time."""
        for child in self.children:
            child.ask_to_end()
        ends = time.monotonic() + STOP_WITHIN
        while any(child.alive for child in self.children) and time.monotonic() < ends:
            with contextlib.suppress(DatabaseError):
                drains.stop()
            time.sleep(TICK / 2)
        for child in self.children:
            child.kill()

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _restart(self, child: Child, why: str) -> None:
        if child.restarts:
            time.sleep(min(child.restarts, 5))
        log.warning("restarting", child=child.name, why=why)
        child.kill()
        child.restarts = child.restarts + 1 if time.monotonic() - child.started < START_GRACE else 0
        child.start()
        self._beat_sent = None  # the last one may have been lost with the child

    def _beat(self) -> None:
        """Sends a heartbeat through the queue, unless the last one is still on its way."""
        arrived = Heartbeat.objects.filter(name=drains.BEAT).values_list("beat_at", flat=True).first()
        lost = self._beat_sent and timezone.now() - self._beat_sent > timedelta(seconds=SILENT_AFTER * 3)
        if self._beat_sent is None or lost or (arrived and arrived >= self._beat_sent):
            self._beat_sent = timezone.now()
            async_task("webhooks_out.drains.beat")

    def _silent(self, child: Child) -> bool:
        """Whether neither a heartbeat came through nor a drain renewed its hold for too long."""
        if time.monotonic() - child.started < START_GRACE + SILENT_AFTER:
            return False
        since = timezone.now() - timedelta(seconds=SILENT_AFTER)
        beating = Heartbeat.objects.filter(name=drains.BEAT, beat_at__gte=since).exists()
        return not beating and not Watch.objects.exclude(token="").filter(until__gte=timezone.now()).exists()


def orphans() -> Iterator[int]:
    """Processes of this project whose supervisor no longer runs (Linux; elsewhere none are found)."""
    here = str(settings.BASE_DIR)
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            belongs = dict(part.partition("=")[::2] for part in (entry / "environ").read_text().split("\0"))
            at = str((entry / "cwd").readlink())
        except (OSError, UnicodeDecodeError):
            continue
        owner = belongs.get(MARK, "")
        if owner and at == here and int(entry.name) != os.getpid() and not _supervises(owner):
            yield int(entry.name)


def web(bind: str) -> Child:
    """The web server."""
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "config.wsgi",
        "--bind",
        bind,
        "--threads",
        "8",
        "--no-control-socket",
    ]
    return Child("web", [*command, "--workers", str(settings.WEB_WORKERS), "--log-level", "warning"])


def workers() -> Child:
    """The worker cluster."""
    return Child("workers", [sys.executable, "manage.py", "qcluster"], beats=True)


def _supervises(pid: str) -> bool:
    """Whether this process is a supervisor that runs; one that ended, reaped or not, has no command line."""
    try:
        return b"manage.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _end_with_parent() -> None:
    """Has the kernel send SIGTERM to this process when its parent dies (Linux)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
