"""Weeks that go by in a moment: whatever becomes due in them is done at its time, by the one who is asked."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from automations.models import Run
from tests.clusters import database_url
from tests.world import work

MONDAY = datetime(2035, 3, 19, 10, tzinfo=UTC)  # in the future, so that the database's clock sees nothing due
WORKER = """
import django
django.setup()
import time_machine
from tests.automations.actions import steps
with time_machine.travel({moment!r}, tick=False):
    steps.{do}
"""
Do = Callable[[], Any]


class Weeks:
    """The clock of a story that begins on a Monday."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock

    def pass_until(self, end: datetime, do: Do = work) -> list[str]:
        """Goes on to this moment; the times at which something became due, on the hub's clock in UTC."""
        times = []
        due = Run.objects.filter(planned_at__lte=end, state="waiting").order_by("planned_at", "position")
        while run := due.first():
            self._clock.move_to(max(run.planned_at, timezone.now()))
            Run.objects.filter(pk=run.pk).update(due_at=Now())
            times.append(f"{timezone.now():%a %d %b %H:%M}")
            do()
        self._clock.move_to(end)
        return times


@pytest.fixture
def weeks() -> Iterator[Weeks]:
    """Time stands still but for what the story lets pass."""
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield Weeks(clock)


def worker(do: str, **environment: str) -> int:
    """How a worker process ended that was started at this moment of the story to do this."""
    code = WORKER.format(moment=timezone.now().isoformat(), do=do)
    ours = {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": database_url(), **environment}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, env={**os.environ, **ours}, check=False
    ).returncode
