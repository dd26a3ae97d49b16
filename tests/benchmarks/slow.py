"""A receiver that takes its time: the only limit may be how many requests it takes at once."""

from tests.benchmarks.drain import drain_rate
from tests.benchmarks.figures import Figure, told
from tests.benchmarks.stage import Stage

ROUNDS, QUICK_ROUNDS = 3, 1
CONCURRENCIES = (32, 64, 256)  # requests at once
WAIT = 200  # milliseconds until the receiver answers
TURNS, QUICK_TURNS = 40, 15  # answers each of the requests at once waits for, one after the other


def measure(stage: Stage) -> list[Figure]:
    """The figures of slow receivers."""
    figures = []
    with stage.receiver() as receiver, stage.role("hub_desk") as desk:
        for concurrency in CONCURRENCIES:
            stock = concurrency * (QUICK_TURNS if stage.quick else TURNS)
            possible = concurrency / (WAIT / 1000)
            with stage.role("hub_desk", SEND_THREADS=str(concurrency)) as drain:
                rates = [
                    drain_rate([drain], desk, receiver, stock, wait=WAIT, concurrency=concurrency)
                    for _ in range(QUICK_ROUNDS if stage.quick else ROUNDS)
                ]
            shares = [rate / possible for rate in rates]
            note = told(**{"drain/s": rates, "possible/s": [possible]})
            figures.append(Figure(f"receiver of 200 ms, {concurrency} at once", shares, "≥ 0.85", note=note))
    return figures
