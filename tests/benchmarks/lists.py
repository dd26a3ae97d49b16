"""The list of contacts: a page of a million must cost what a page of a thousand costs."""

from contextlib import ExitStack
from statistics import median

from tests.benchmarks.figures import Figure, ratios
from tests.benchmarks.programs import Program
from tests.benchmarks.stage import DATABASES, HUB, NAIVE, Stage

FEW = 1_000
MANY, QUICK_MANY = 1_000_000, 100_000
ROUNDS, QUICK_ROUNDS = 7, 3
TURNS = 3  # looks of a round, the fastest of which counts, as others use the machine, too
LOOKS = {
    "contact list": "",
    "contact list of one stage": "?stage=Stage+3",
    "contacts by a name everybody has": "?q=maria",
    "contacts by an address": "?q=maria777%40",
    "contacts by a telephone": "?q=1-555-777",
}


def measure(stage: Stage) -> list[Figure]:
    """The figures of lists; both hubs are looked at in turn."""
    many = QUICK_MANY if stage.quick else MANY
    with stage.connect(NAIVE) as connection:
        connection.execute(f"CREATE DATABASE few TEMPLATE {DATABASES[HUB]}")
    with ExitStack() as stack:
        small = stack.enter_context(stage.role("lists_desk", DATABASE_URL=f"{stage.server}/few"))
        large = stack.enter_context(stage.role("lists_desk"))
        small.call("fill", count=FEW)
        took = large.call("fill", count=many)
        note = f"{many:,} to {FEW:,} contacts; filling in took {took:.0f} s"
        rounds = QUICK_ROUNDS if stage.quick else ROUNDS
        return [compared(name, query, (large, small), rounds, note) for name, query in LOOKS.items()]


def compared(name: str, query: str, desks: tuple[Program, Program], rounds: int, note: str) -> Figure:
    """A look at a large list beside one at a small; `desks`: those of both, which have a `look`."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for desk, taken in zip(desks, times, strict=True):
            taken.append(min(desk.call("look", query=query, turns=TURNS)))
    many, few = (median(taken) * 1_000 for taken in times)
    return Figure(name, ratios(*times), "≤ 2", note=f"{many:.0f} ms to {few:.0f} ms; {note}")
