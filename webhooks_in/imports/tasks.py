"""The door by which the queue's workers come in to import files."""

from webhooks_in.imports import course
from webhooks_in.models import Import
from webhooks_out import drains
from webhooks_out.jobs import claim, due, work


def drain(slot: int = 0) -> None:
    """Works on the imports that are due, a slice of time each in turn, until none is."""
    drains.drain(Import, slot, step, plenty=1 << 30)


def step() -> int:
    """Claims one import and works on it for a while; how many were worked on."""
    if not due(Import):
        return 0
    claimed = claim(Import, 1)
    for load in claimed:
        work(load, course.proceed)
    return len(claimed)
