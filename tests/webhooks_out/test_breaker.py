"""The breaker by itself: when it opens, when it closes, and when the webhook is switched off."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from webhooks_out.breaker import Health, Limits, Seen, after, closed, wait_after

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LIMITS = Limits(breaker_after=3, disable_after=24)
FAILED, FINE = Seen(failures=1, succeeded=False), Seen(failures=0, succeeded=True)
OPEN = Health(failures_in_row=3, failing_since=NOON, breaker_opened_at=NOON, breaker_probe_at=NOON)


def failing(times: int, limits: Limits = LIMITS) -> Health:
    """The health after so many failures, one each second."""
    health = Health()
    for second in range(times):
        health = after(health, FAILED, limits, NOON + timedelta(seconds=second))
    return health


@pytest.mark.parametrize(("failures", "is_open"), [(2, False), (3, True), (4, True)])
def test_it_opens_after_so_many_failures_in_a_row(failures: int, is_open: bool) -> None:
    assert failing(failures).is_open == is_open


def test_it_tries_again_a_minute_after_it_opened() -> None:
    health = failing(4)
    assert health.breaker_opened_at == NOON + timedelta(seconds=2)
    assert health.breaker_probe_at == NOON + timedelta(seconds=62)


def test_failures_count_from_the_last_success_on() -> None:
    health = after(failing(2), Seen(failures=2, succeeded=True), LIMITS, NOON)
    assert (health.failures_in_row, health.is_open, health.failing_since) == (2, False, NOON)


def test_it_never_opens_when_told_so() -> None:
    assert not failing(50, replace(LIMITS, breaker_after=0)).is_open


def test_a_success_closes_it() -> None:
    health = after(OPEN, FINE, LIMITS, NOON)
    assert health == Health(last_success_at=NOON)


def test_a_person_closes_it_and_counting_starts_anew() -> None:
    assert closed(OPEN) == Health()


def test_probes_come_after_1_5_15_and_then_every_30_minutes() -> None:
    assert [wait_after(probes) / 60 for probes in range(6)] == [1, 5, 15, 30, 30, 30]


@pytest.mark.parametrize(("hours", "active"), [(23, True), (24, False)])
def test_hours_of_nothing_but_failures_switch_the_webhook_off(hours: int, active: bool) -> None:
    health = after(OPEN, FAILED, LIMITS, NOON + timedelta(hours=hours))
    assert (health.active, health.is_open) == (active, active)


def test_the_reason_says_for_how_long_and_how_often() -> None:
    health = after(OPEN, FAILED, LIMITS, NOON + timedelta(hours=25))
    assert health.disabled_reason.startswith("Every request of the last 24 hours failed, 4 in a row")


def test_hours_never_switch_it_off_when_told_so() -> None:
    assert after(OPEN, FAILED, replace(LIMITS, disable_after=0), NOON + timedelta(days=9)).active


@pytest.mark.parametrize(("failures", "active"), [(8, True), (9, False)])
def test_hours_of_failures_switch_it_off_without_a_breaker_too(failures: int, active: bool) -> None:
    limits = replace(LIMITS, breaker_after=0)
    assert after(failing(failures, limits), FAILED, limits, NOON + timedelta(days=1)).active == active


def test_two_failures_a_day_apart_do_not_switch_it_off() -> None:
    assert after(failing(1), FAILED, LIMITS, NOON + timedelta(days=1)).active


def test_410_switches_the_webhook_off_at_once() -> None:
    health = after(Health(), Seen(failures=1, succeeded=False, gone=True), LIMITS, NOON)
    assert (health.active, "410" in health.disabled_reason) == (False, True)


def test_what_is_off_stays_off_for_its_first_reason() -> None:
    off = Health(active=False, disabled_reason="Switched off by mia.")
    assert after(off, Seen(failures=9, succeeded=False, gone=True), LIMITS, NOON).disabled_reason == (
        "Switched off by mia."
    )


def test_a_success_that_says_nothing_new_changes_nothing() -> None:
    fine = Health(last_success_at=NOON)
    assert after(fine, FINE, LIMITS, NOON + timedelta(seconds=4)) is fine
    assert after(fine, FINE, LIMITS, NOON + timedelta(seconds=6)) is not fine
