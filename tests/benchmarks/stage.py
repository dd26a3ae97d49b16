"""Where the benchmarks take place: one database server, a database for each design, and the programs of both."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg

from tests.architecture import ROOT
from tests.benchmarks.programs import Broken, Program, free_port, started, wait_for_port
from tests.environment import ENVIRONMENT

HUB = "config.settings"
NAIVE = "tests.benchmarks.naive.settings"
DATABASES = {HUB: "fieldhook", NAIVE: "naive"}
CONNECTIONS = 16  # of the sender
PATIENCE = 120  # seconds anything may take to come about
WEB = ("--workers", "2", "--threads", "8", "--no-control-socket", "--log-level", "warning")


@dataclass
class Stage:
    """What all benchmarks share. `quick`: fewer and shorter rounds, for trying the benchmarks themselves."""

    folder: Path
    server: str  # DATABASE_URL up to the database's name
    quick: bool = False
    _numbers: Iterator[int] = field(default_factory=count)

    def environment(self, settings: str, **more: str) -> dict[str, str]:
        """The environment of a program with these Django settings; capitals add to it."""
        url = f"{self.server}/{DATABASES[settings]}"
        ours = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": settings, "LOG_LEVEL": "WARNING"}
        return {**os.environ, **ENVIRONMENT, "PYTHONPATH": str(ROOT), **ours, **more}

    def connect(self, settings: str) -> psycopg.Connection[Any]:
        """A connection to the database of these settings; each statement is committed at once."""
        folder = self.server.removeprefix("postgres://fieldhook@/")
        return psycopg.connect(host=folder, user="fieldhook", dbname=DATABASES[settings], autocommit=True)

    def create_tables(self) -> None:
        """Both schemas, each by its own project."""
        with self.connect(HUB) as connection:
            connection.execute(f"CREATE DATABASE {DATABASES[NAIVE]}")
        for settings in DATABASES:
            command = [sys.executable, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"]
            subprocess.run(command, env=self.environment(settings), cwd=ROOT, check=True)

    @contextmanager
    def program(self, *arguments: str, settings: str = HUB, **more: str) -> Iterator[Program]:
        """A Python program with these settings; capitals are its environment."""
        log = self.folder / f"{next(self._numbers)}.log"
        with started(list(arguments), self.environment(settings, **more), log) as program:
            yield program

    @contextmanager
    def role(self, module: str, settings: str = HUB, **more: str) -> Iterator[Program]:
        """A program to ask; see `launch`."""
        name = f"tests.benchmarks.{module}"
        with self.program("-m", "tests.benchmarks.launch", name, settings=settings, **more) as program:
            if program.answer() != "ready":
                raise Broken(program.said)
            yield program

    @contextmanager
    def web(self, application: str, settings: str = HUB) -> Iterator[int]:
        """The port of an application under gunicorn; every contestant has the same settings."""
        port = free_port()
        command = ["-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", *WEB]
        with self.program(*command, settings=settings) as program:
            wait_for_port(port, program)
            yield port

    @contextmanager
    def cluster(self, settings: str = HUB, **more: str) -> Iterator[Program]:
        """A real qcluster."""
        with self.program("-m", "django", "qcluster", settings=settings, **more) as program:
            yield program

    @contextmanager
    def hub(self, **more: str) -> Iterator[int]:
        """The port of a whole hub, web and workers, as `manage.py hub` runs it."""
        port = free_port()
        with self.program("manage.py", "hub", "--bind", f"127.0.0.1:{port}", **more) as program:
            wait_for_port(port, program)
            yield port

    @contextmanager
    def receiver(self) -> Iterator["Receiver"]:
        """The other end of the webhooks."""
        port = free_port()
        with self.program("-m", "tests.benchmarks.receiver", str(port)) as program:
            wait_for_port(port, program)
            yield Receiver(port)


@dataclass(frozen=True)
class Receiver:
    """What the benchmark asks the receiver itself."""

    port: int

    def url(self, wait: int = 0) -> str:
        """Where to post to; an answer takes so many milliseconds."""
        return f"http://127.0.0.1:{self.port}/wait/{wait}" if wait else f"http://127.0.0.1:{self.port}/"

    def seen(self, path: str = "seen") -> dict[str, Any]:
        """How many requests came, and the times of the latest."""
        with urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=10) as answer:
            said: dict[str, Any] = json.load(answer)
        return said

    def forget(self) -> None:
        """Begins anew."""
        self.seen("forget")


def until(condition: Callable[[], Any], what: str, *, seconds: float = PATIENCE, look: float = 0.05) -> Any:
    """The first true value of the condition."""
    ends = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > ends:
            raise Broken(f"{what} did not come within {seconds:.0f} s")
        time.sleep(look)
    return value
