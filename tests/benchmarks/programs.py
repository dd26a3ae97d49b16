"""Programs that run beside a benchmark: started in a process group of their own, asked, and ended."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.architecture import ROOT

START_SECONDS = 30  # a program may take to start
END_SECONDS = 30  # a program may take to end by itself


class Broken(Exception):
    """A program of the benchmark ended or answered wrongly; str() holds what it said last."""


@dataclass
class Program:
    """A running Python program, and where it writes its errors."""

    process: subprocess.Popen[str]
    log: Path

    @property
    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-4000:]

    def ask(self, do: str, **arguments: Any) -> None:
        """Sends a question to a program that `launch` serves; the answer is fetched later."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"do": do, "with": arguments}) + "\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        """The answer to the oldest question that has none yet."""
        assert self.process.stdout
        if line := self.process.stdout.readline():
            return json.loads(line)
        raise Broken(self.said)

    def call(self, do: str, **arguments: Any) -> Any:
        """Question and answer at once."""
        self.ask(do, **arguments)
        return self.answer()


@contextmanager
def started(arguments: list[str], environment: Mapping[str, str], log: Path) -> Iterator[Program]:
    """A Python program, ended with everything it started when the block ends."""
    asked = "tests.benchmarks.launch" in arguments
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env=environment,
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE if asked else subprocess.DEVNULL,
            stdout=subprocess.PIPE if asked else errors,
            stderr=errors,
            start_new_session=True,
        )
    try:
        yield Program(process, log)
    finally:
        _end(process)


def wait_for_port(port: int, program: Program) -> None:
    """Comes back when the program listens there."""
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and program.process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise Broken(f"nobody listens on port {port}: {program.said}")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end(process: subprocess.Popen[str]) -> None:
    """Kindly at first: asked to end, then killed with its group."""
    process.terminate()
    try:
        process.communicate(timeout=END_SECONDS)
    except subprocess.TimeoutExpired:
        print(f"pid {process.pid} had to be killed", file=sys.stderr)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
