"""Real processes on the test database for the flow tests, all of them gone when the test ends."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import TypeVar

import psutil
import pytest
from django.conf import settings
from django.db import connection

MARK = "FIELDHOOK_TEST_PROCESS"  # an environment variable: what we started is found by it, orphans too
LOOK_SECONDS = 0.02
STOP_SECONDS = 30
T = TypeVar("T")


class Running:
    """A program under test, with everything it started."""

    def __init__(self, command: list[str], log: Path, environment: Mapping[str, str] | None = None) -> None:
        self.log = log
        self.mark = uuid.uuid4().hex
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=settings.BASE_DIR,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {}), MARK: self.mark},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """All it has printed so far, both streams."""
        return self.log.read_text(errors="replace")

    def family(self) -> list[psutil.Process]:
        """The living processes it started and itself, in whatever group and whoever their parent is by now."""
        return [process for process in psutil.process_iter() if self._started(process)]

    def workers(self) -> list[psutil.Process]:
        """Everyone but itself."""
        return [process for process in self.family() if process.pid != self.process.pid]

    def wait_for(self, text: str, seconds: float = STOP_SECONDS) -> None:
        """Come back once it has printed `text`; fail when it ended or was silent too long."""
        until(
            lambda: text in self.output or self.process.poll() is not None, seconds, f"{text!r} in {self.log}"
        )
        assert text in self.output, (
            f"ended with {self.process.returncode} before saying {text!r}:\n{self.output}"
        )

    def stop(self, number: int = signal.SIGTERM, seconds: float = STOP_SECONDS) -> int:
        """Its exit code after a signal to itself alone, as a supervisor or Ctrl-C would send."""
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def end(self) -> None:
        """Kill the whole family, whatever state it is in."""
        while family := self.family():
            for process in family:
                _kill(process)
            self.process.poll()
            psutil.wait_procs(family, timeout=1)
        self.process.wait(STOP_SECONDS)

    def _started(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            # Redis writes its title over its environment, so the session counts as well.
            return os.getsid(process.pid) == self.process.pid or process.environ().get(MARK) == self.mark
        except (psutil.Error, OSError):
            return False


@pytest.fixture
def start(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """`start("qcluster", WORKERS="1")` runs manage.py on the test database; capitals are its environment."""
    started: list[Running] = []
    numbers = count(1)

    def start_one(*arguments: str, **environment: str) -> Running:
        log = tmp_path / f"{next(numbers)}-{arguments[0]}.log"
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
        started.append(Running(command, log, {"DATABASE_URL": database_url(), **environment}))
        return started[-1]

    yield start_one
    for running in started:
        running.end()
        print(f"--- {running.log.name}\n{running.output}")  # pytest shows it when the test failed


@pytest.fixture
def redis_url() -> Iterator[str]:
    """REDIS_URL of a throw-away server on a private socket."""
    with tempfile.TemporaryDirectory(prefix="fieldhook-redis-") as folder:
        socket = Path(folder, "socket")
        options = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", folder]
        running = Running([needed("redis-server"), *options], Path(folder, "log"))
        try:
            running.wait_for("eady to accept connections")
            yield f"unix://{socket}"
        finally:
            running.end()


def database_url() -> str:
    """The test database as a DATABASE_URL for another process."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    return f"postgres://{database['USER']}@/{database['HOST']}/{database['NAME']}"


def until(condition: Callable[[], T], seconds: float = STOP_SECONDS, what: str = "it") -> T:
    """The first true value of `condition`, looked at often; fails the test after `seconds`."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"{what} did not come within {seconds} s"
        time.sleep(LOOK_SECONDS)
    return value


def needed(*names: str) -> str:
    """The path of a program a test cannot do without; on CI it must be there, elsewhere the test is skipped."""
    found = next(filter(None, map(shutil.which, names)), "")
    if not found and os.environ.get("CI"):
        pytest.fail(f"{names[0]} is not installed")
    if not found:
        pytest.skip(reason=f"{names[0]} is not installed; on CI that is a failure")
    return found


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return
