"""The doors by which the queue's workers come in to do runs, mass posts and copies."""

from automations import copies, mail_line, performing
from automations.mass_posts import steps
from automations.models import Batch, DocumentCopy, Run
from webhooks_out import drains
from webhooks_out.jobs import claim, work


def drain(slot: int = 0) -> None:
    """Does the runs that are due, one at a time, until none is."""
    with mail_line.kept():
        drains.drain(Run, slot, step, plenty=1 << 30)


def step() -> int:
    """Claims one run and does it; how many were done."""
    claimed = claim(Run, 1)
    for run in claimed:
        work(run, performing.perform)
    return len(claimed)


def drain_batches(slot: int = 0) -> None:
    """Moves mass posts on, taking turns, until none is due."""
    drains.drain(Batch, slot, steps.step, plenty=1 << 30)


def drain_copies(slot: int = 0) -> None:
    """Makes the copies of documents that are due; a second worker helps while there are any."""
    drains.drain(DocumentCopy, slot, copy_step, plenty=1)


def copy_step() -> int:
    """Claims one copy and makes it; how many were made."""
    claimed = claim(DocumentCopy, 1, lease=copies.LEASE)
    for copy in claimed:
        work(copy, copies.perform)
    return len(claimed)
