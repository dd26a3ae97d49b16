"""How many requests may go now."""

from random import Random

import pytest

from webhooks_out.pacing import PERIODS, pace

START = 1_800_000_000.0


def begun(rate: int, per: str, looks: list[float]) -> list[float]:
    """When requests begin if so many wait that whoever looks takes all that may go."""
    free_at, times = 0.0, []
    for now in looks:
        at = pace(rate, per, free_at, now)
        times += [now] * at.allowed
        free_at = at.used(at.allowed)
    return times


@pytest.mark.parametrize("per", ["second", "minute"])
@pytest.mark.parametrize("rate", [1, 2, 7, 50, 600])
def test_no_period_whenever_it_begins_sees_more_than_the_rate(rate: int, per: str) -> None:
    period, chance = PERIODS[per], Random(rate)
    looks = [START]
    while looks[-1] < START + 5 * period:
        looks.append(looks[-1] + chance.uniform(0, period / 20))
    times = begun(rate, per, looks)
    assert max(sum(time <= one < time + period for one in times) for time in times) <= rate


@pytest.mark.parametrize(
    ("rate", "per", "every"), [(10, "second", 0.02), (100, "second", 0.02), (20, "minute", 5.0)]
)
def test_nearly_all_of_the_rate_is_used(rate: int, per: str, every: float) -> None:
    period = PERIODS[per]
    looks = [START + every * number for number in range(int(10 * period / every))]
    assert len(begun(rate, per, looks)) >= 0.85 * 10 * rate


def test_nothing_may_go_before_its_time() -> None:
    assert pace(10, "second", START + 1, START).allowed == 0
