"""How many requests a webhook may make now, so that no second (or minute), whenever it begins, sees more than its rate.

Requests are spread evenly. `free_at` is when the next one would go if each had gone in its turn (the generic cell rate
algorithm of ITU-T I.371); whoever looks a little late may catch up. Times are seconds of the database's clock.
"""

from dataclasses import dataclass

PERIODS = {"second": 1.0, "minute": 60.0}
SLACK = 0.1  # share of a period that is left over, for catching up
BLUR = 0.05  # seconds between the look at the clock and the request, which may differ from one to the next


@dataclass(frozen=True)
class Pace:
    """A webhook's rate as it stands: `interval` seconds for each request, `catch_up` seconds of being late."""

    interval: float
    catch_up: float
    free_at: float
    now: float

    @property
    def start(self) -> float:
        """When the first of what comes next is placed."""
        return max(self.free_at, self.now - self.catch_up)

    @property
    def allowed(self) -> int:
        """Requests that may begin now."""
        late = self.now - self.start
        return int(late / self.interval) + 1 if late >= 0 else 0

    def used(self, requests: int) -> float:
        """When the next one may go once so many have begun."""
        return self.start + requests * self.interval


def pace(rate: int, per: str, free_at: float, now: float) -> Pace:
    """The pace of `rate` requests per "second" or "minute"; the rate is not 0."""
    period = PERIODS[per]
    return Pace((1 + SLACK) * period / rate, SLACK * period - BLUR, free_at, now)
