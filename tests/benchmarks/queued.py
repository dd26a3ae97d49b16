"""The workflow queue: a page of a million pending actions must cost what a page of a thousand costs."""

from contextlib import ExitStack

from tests.benchmarks.figures import Figure
from tests.benchmarks.lists import compared
from tests.benchmarks.stage import NAIVE, Stage

FEW = 1_000
MANY, QUICK_MANY = 1_000_000, 50_000
ROUNDS, QUICK_ROUNDS = 5, 2
LOOKS = {
    "queue": "",
    "queue, last page": "?p={far}",
    "queue of one rule": "?rule={rule}",
    "queue of one kind": "?kind=issue_certificate",
    "queue of what is held": "?state=held",
    "queue of what waits": "?state=waiting",
    "queue due within 7 days": "?due=7d",
    "queue of one rule, held": "?rule={rule}&state=held",
    "queue of one rule, kind and state": "?rule={rule}&kind=post_webhook&state=held",
}


def measure(stage: Stage) -> list[Figure]:
    """The figures of the queue on both databases; a hub with many and one with few are looked at in turn."""
    many, rounds = (QUICK_MANY, QUICK_ROUNDS) if stage.quick else (MANY, ROUNDS)
    with stage.connect(NAIVE) as connection:
        for name in ("queue_few", "queue_many"):
            connection.execute(f"CREATE DATABASE {name}")
    figures = []
    for database, server in (("PostgreSQL", stage.server), ("SQLite", f"sqlite:///{stage.folder}")):
        with ExitStack() as stack:
            small = stack.enter_context(stage.role("queue_desk", DATABASE_URL=f"{server}/queue_few"))
            large = stack.enter_context(stage.role("queue_desk", DATABASE_URL=f"{server}/queue_many"))
            small.call("fill", count=FEW)
            took = large.call("fill", count=many)
            note = f"{many:,} to {FEW:,} pending; filling in took {took:.0f} s"
            desks = (large, small)
            figures += [
                compared(f"{name}, {database}", query, desks, rounds, note) for name, query in LOOKS.items()
            ]
    return figures
