"""Memory: no worker may grow however many deliveries it makes."""

import time
from collections import defaultdict
from contextlib import ExitStack

import psutil

from tests.benchmarks.drain import THREADS
from tests.benchmarks.figures import Figure
from tests.benchmarks.programs import Broken, Program
from tests.benchmarks.stage import Receiver, Stage, until

DELIVERIES, QUICK_DELIVERIES = 20_000, 4_000
BATCH = 2_000  # deliveries between two looks
WARM_UP = 3  # batches before the first look, so that each worker has had its turn


def measure(stage: Stage) -> list[Figure]:
    """The figure of memory."""
    deliveries = QUICK_DELIVERIES if stage.quick else DELIVERIES
    with ExitStack() as stack:
        receiver = stack.enter_context(stage.receiver())
        desk = stack.enter_context(stage.role("hub_desk"))
        desk.call("prepare", url=receiver.url())
        cluster = stack.enter_context(stage.cluster(WORKERS="2", SEND_THREADS=str(THREADS)))
        sizes: dict[int, list[float]] = defaultdict(list)
        for batch in range(WARM_UP + deliveries // BATCH):
            _deliver(desk, receiver)
            if batch >= WARM_UP - 1:
                for process in psutil.Process(cluster.process.pid).children(recursive=True):
                    sizes[process.pid].append(process.memory_info().rss / 2**20)
    if {len(seen) for seen in sizes.values()} != {deliveries // BATCH + 1}:
        raise Broken(f"a process of the cluster came or went: {sizes}")
    return [_figure(list(sizes.values()), deliveries)]


def _deliver(desk: Program, receiver: Receiver) -> None:
    """One batch, from its wake-up until its drain has ended."""
    receiver.forget()
    desk.call("stock", count=BATCH)
    desk.call("wake")
    until(lambda: receiver.seen()["count"] >= BATCH, "a batch of deliveries", look=0.2)
    time.sleep(1.5)


def _figure(sizes: list[list[float]], deliveries: int) -> Figure:
    """How far each process ever was from where it began, in percent; the furthest counts."""
    furthest = max(max(abs(size - seen[0]) / seen[0] for size in seen) for seen in sizes)
    note = "; ".join(f"{seen[0]:.0f} → {seen[-1]:.0f} MiB" for seen in sorted(sizes))
    return Figure(
        f"memory of each worker over {deliveries:,} deliveries", [furthest * 100], "≤ 10", "%", note
    )
