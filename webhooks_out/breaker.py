"""A webhook's circuit breaker as a pure state machine: its health before and after what came back.

closed ──N failures in a row──► open ──a success, or a person──► closed
                                │  ▲
                                └──┘ a probe after 1, 5, 15 min, then every 30
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

# Seconds before the first, second … probe; the last one goes on for ever.
PROBES = (60.0, 300.0, 900.0, 1800.0)
FEW = 10  # failures that switch a webhook off, however long it takes, if it has no breaker
FRESH = timedelta(seconds=5)  # how exactly a webhook's last success is known
REASON_GONE = "The receiver answered 410 (gone), so this webhook was switched off."


@dataclass(frozen=True)
class Limits:
    """When it opens and when the webhook is switched off: failures in a row, and hours of them; 0 is never."""

    breaker_after: int
    disable_after: int


@dataclass(frozen=True)
class Health:
    """How a webhook is doing. All but `active` and `disabled_reason` is kept by the senders alone."""

    active: bool = True
    disabled_reason: str = ""
    failures_in_row: int = 0
    failing_since: datetime | None = None
    breaker_opened_at: datetime | None = None
    breaker_probes: int = 0
    breaker_probe_at: datetime | None = None
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether deliveries wait."""
        return self.breaker_opened_at is not None


@dataclass(frozen=True)
class Seen:
    """What came back of one webhook: failures since the last success among it, if there was one, and a 410."""

    failures: int
    succeeded: bool
    gone: bool = False


def after(health: Health, seen: Seen, limits: Limits, now: datetime) -> Health:
    """The health once this came back; the same object while there is nothing worth writing down."""
    if seen.succeeded:
        health = _recovered(health, now)
    if seen.failures:
        health = _failed(health, seen, limits, now)
    return health


def closed(health: Health) -> Health:
    """The health once a person closed the breaker: counting starts anew."""
    return replace(
        health,
        failures_in_row=0,
        failing_since=None,
        breaker_opened_at=None,
        breaker_probes=0,
        breaker_probe_at=None,
    )


def wait_after(probes: int) -> float:
    """Seconds until the next probe when so many were sent."""
    return PROBES[min(probes, len(PROBES) - 1)]


def _recovered(health: Health, now: datetime) -> Health:
    """A row that says the same is left alone, so that senders do not wait for each other."""
    known = health.last_success_at is not None and health.last_success_at >= now - FRESH
    if known and not health.failures_in_row and not health.is_open:
        return health
    return replace(closed(health), last_success_at=now)


def _failed(health: Health, seen: Seen, limits: Limits, now: datetime) -> Health:
    failures = health.failures_in_row + seen.failures
    since = health.failing_since or now
    health = replace(health, failures_in_row=failures, failing_since=since, last_failure_at=now)
    if not health.active:
        return health
    if seen.gone:
        return _disabled(health, REASON_GONE)
    if limits.breaker_after and failures >= limits.breaker_after and not health.is_open:
        first = now + timedelta(seconds=wait_after(0))
        health = replace(health, breaker_opened_at=now, breaker_probes=0, breaker_probe_at=first)
    enough = health.is_open or failures >= (limits.breaker_after or FEW)
    if limits.disable_after and enough and now - since >= timedelta(hours=limits.disable_after):
        hours = f"{limits.disable_after} hour{'s' if limits.disable_after > 1 else ''}"
        reason = f"Every request of the last {hours} failed, {failures} in a row, so this webhook was switched off."
        return _disabled(health, reason)
    return health


def _disabled(health: Health, reason: str) -> Health:
    """Switched off; once it is on again, it starts with a closed breaker and all its hours."""
    off = replace(health, active=False, disabled_reason=reason, failing_since=None)
    return replace(off, breaker_opened_at=None, breaker_probes=0, breaker_probe_at=None)
