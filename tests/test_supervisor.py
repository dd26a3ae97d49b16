"""The supervisor on real processes: it restarts what dies, notices what freezes, and leaves nobody behind."""

import os
import signal
from collections.abc import Callable

import psutil
import pytest
import requests

from tests.clusters import Running, until
from webhooks_out.drains import BEAT
from webhooks_out.models import Heartbeat

Start = Callable[..., Running]


def beating() -> bool:
    """Whether a heartbeat has come through."""
    return Heartbeat.objects.filter(name=BEAT).exists()


def main_worker(hub: Running) -> psutil.Process:
    """The first process of the worker cluster."""
    return next(one for one in hub.workers() if "qcluster" in one.cmdline() and one.ppid() == hub.process.pid)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_everything_in_time(start: Start, number: int) -> None:
    hub = start("hub", "--bind", "127.0.0.1:8391")
    until(beating)
    assert hub.stop(number, seconds=30) == 0
    assert hub.family() == []


def test_the_web_answers(start: Start) -> None:
    start("hub", "--bind", "127.0.0.1:8392")
    until(beating)
    assert requests.get("http://127.0.0.1:8392/health/", timeout=5).json() == {"status": "ok"}


def test_a_killed_cluster_is_started_again_without_orphans(start: Start) -> None:
    hub = start("hub", "--only", "workers")
    until(beating)
    first = main_worker(hub)
    old = [first, *first.children(recursive=True)]
    first.kill()
    until(lambda: not any(one.is_running() and one.status() != "zombie" for one in old), 15)
    Heartbeat.objects.all().delete()
    until(beating)


def test_a_frozen_cluster_is_noticed(start: Start) -> None:
    hub = start("hub", "--only", "workers")
    until(beating)
    first = main_worker(hub)
    for one in (first, *first.children(recursive=True)):
        os.kill(one.pid, signal.SIGSTOP)
    until(lambda: not first.is_running() or first.status() == "zombie", 60)
    Heartbeat.objects.all().delete()
    until(beating)


def test_what_a_killed_supervisor_left_is_ended_by_the_next(start: Start) -> None:
    hub = start("hub", "--only", "workers")
    until(beating)
    family = hub.workers()
    for one in (hub.process.pid, main_worker(hub).pid):
        os.kill(one, signal.SIGKILL)
    start("hub", "--only", "workers")
    until(lambda: not any(one.is_running() and one.status() != "zombie" for one in family), 30)
