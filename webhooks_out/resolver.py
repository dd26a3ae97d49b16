"""Finds the addresses of names, and never keeps anyone waiting longer than they can."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock, Thread
from time import monotonic

KEPT = 10.0  # seconds an answer is used again
NAMES = 1024  # answers remembered at most
RUNNING = 64  # lookups at once; one that hangs keeps its thread until the system gives up


@dataclass(frozen=True)
class Found:
    """The addresses of a name in the system's order of preference, or the reason why there are none."""

    addresses: tuple[str, ...] = ()
    problem: str = ""


class Resolver:
    """One lookup per name at a time, however many ask for it; a name that hangs delays no other."""

    def __init__(self, look_up: Callable[[str], tuple[str, ...]]) -> None:
        """`look_up` may take its time, and may raise OSError or ValueError."""
        self._look_up = look_up
        self._lookups: dict[str, _Lookup] = {}
        self._running = 0
        self._lock = Lock()

    def find(self, name: str, seconds: float) -> Found:
        """What is known about the name, after at most so many seconds."""
        try:
            return self._lookup(name).found.result(max(seconds, 0.0))
        except TimeoutError:
            return Found(problem="no answer in time")

    def _lookup(self, name: str) -> "_Lookup":
        """The lookup to wait for; the names used longest ago are forgotten first."""
        with self._lock:
            lookup = self._lookups.pop(name, None)
            if lookup is None or not lookup.usable:
                lookup = self._start(name)
            self._lookups[name] = lookup
            if len(self._lookups) > NAMES:
                del self._lookups[next(iter(self._lookups))]
        return lookup

    def _start(self, name: str) -> "_Lookup":
        lookup = _Lookup(Future(), monotonic())
        if self._running >= RUNNING:
            lookup.found.set_result(Found(problem="too many other lookups are hanging"))
        else:
            self._running += 1
            Thread(target=self._run, args=(name, lookup.found), name="dns", daemon=True).start()
        return lookup

    def _run(self, name: str, found: "Future[Found]") -> None:
        result = Found(problem="it has no address")
        try:
            if addresses := self._look_up(name):
                result = Found(addresses)
        except (OSError, ValueError) as error:
            result = Found(problem=getattr(error, "strerror", None) or str(error))
        finally:
            with self._lock:
                self._running -= 1
            found.set_result(result)


@dataclass(frozen=True)
class _Lookup:
    found: "Future[Found]"
    started: float

    @property
    def usable(self) -> bool:
        """A lookup under way is shared and an answer kept for a while; a failure is looked up anew."""
        if not self.found.done():
            return True
        return not self.found.result().problem and monotonic() - self.started < KEPT
