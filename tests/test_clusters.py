"""The runner of real processes sees every child, and leaves none behind."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from django.contrib.auth.models import User
from django.db import connection
from django_q.models import Task
from django_q.tasks import async_task

from tests.clusters import Running, needed, until

pytestmark = pytest.mark.alone
# A child in a session of its own, whose parent ends first: nothing but the mark connects it with us.
ORPHAN = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"], start_new_session=True)
print("started")
"""


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[Running]:
    running = Running([sys.executable, "-c", ORPHAN], tmp_path / "parent.log")
    yield running
    running.end()


def test_a_child_is_known_after_its_parent_ended(parent: Running) -> None:
    parent.wait_for("started")
    assert parent.process.wait(20) == 0
    assert len(parent.workers()) == 1


def test_the_end_takes_everyone_along(parent: Running) -> None:
    parent.wait_for("started")
    parent.end()
    assert not parent.family()


def test_waiting_for_words_that_never_come_shows_what_was_said(parent: Running) -> None:
    with pytest.raises(AssertionError, match="started"):
        parent.wait_for("finished")


def test_waiting_has_an_end() -> None:
    with pytest.raises(AssertionError, match="a miracle did not come"):
        until(lambda: False, 0.1, "a miracle")


def test_a_missing_program_is_a_failure_on_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception):
        needed("a program nobody wrote")


def test_a_cluster_works_on_the_test_database_and_stops_when_told(start: Callable[..., Running]) -> None:
    cluster = start("qcluster")
    async_task("os.getpid", save=True)
    task = until(Task.objects.first)
    assert (task.success, task.result != os.getpid()) == (True, True)
    assert cluster.stop(signal.SIGTERM) == 0
    until(lambda: not cluster.family())


def test_another_process_sees_our_rows(start: Callable[..., Running]) -> None:
    User.objects.create_user("ann")
    command = start(
        "shell", "-c", "from django.contrib.auth.models import User; print('saw', User.objects.get())"
    )
    command.wait_for("saw ann")
    assert connection.settings_dict["NAME"] != os.environ["DATABASE_URL"]


def test_redis_answers_on_its_private_socket(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()
