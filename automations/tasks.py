"""The door by which the queue's workers come in to do runs."""

from automations import engine
from automations.models import Run
from webhooks_out import drains
from webhooks_out.jobs import claim, work


def drain(slot: int = 0) -> None:
    """Does the runs that are due, one at a time, until none is."""
    drains.drain(Run, slot, step, plenty=1 << 30)


def step() -> int:
    """Claims one run and does it; how many were done."""
    claimed = claim(Run, 1)
    for run in claimed:
        work(run, engine.perform)
    return len(claimed)
