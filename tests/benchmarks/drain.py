"""Draining a backlog: the real drain beside a tight loop of its HTTP client, and beside one task per delivery."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from tests.benchmarks.figures import Figure, ratios, told
from tests.benchmarks.programs import Broken, Program
from tests.benchmarks.stage import NAIVE, Receiver, Stage, until

ROUNDS, QUICK_ROUNDS = 5, 2
STOCK, QUICK_STOCK = 4_000, 1_500  # deliveries of a round, for each process that sends
NAIVE_STOCK, QUICK_NAIVE_STOCK = 400, 150
WARM_UP = 200  # deliveries
THREADS = 32  # requests one process has under way at once


def measure(stage: Stage) -> list[Figure]:
    """The figures of draining."""
    stock = QUICK_STOCK if stage.quick else STOCK
    with ExitStack() as stack:
        receiver = stack.enter_context(stage.receiver())
        drains = [stack.enter_context(stage.role("hub_desk", SEND_THREADS=str(THREADS))) for _ in range(2)]
        loops = [stack.enter_context(stage.role("tight")) for _ in range(2)]
        desk = stack.enter_context(stage.role("hub_desk"))
        plain = stack.enter_context(stage.role("naive.desk", NAIVE))
        contests: dict[str, Callable[[], float]] = {
            "loop 1": partial(loop_rate, loops[:1], receiver, stock),
            "drain 1": partial(drain_rate, drains[:1], desk, receiver, stock),
            "loop 2": partial(loop_rate, loops, receiver, stock),
            "drain 2": partial(drain_rate, drains, desk, receiver, stock),
            "drain 2 of 4 webhooks": partial(drain_rate, drains, desk, receiver, stock, webhooks=4),
            "qcluster": partial(cluster_rate, stage, desk, receiver, stock),
            "naive": partial(
                naive_rate, stage, plain, receiver, QUICK_NAIVE_STOCK if stage.quick else NAIVE_STOCK
            ),
        }
        loop_rate(loops, receiver, WARM_UP)
        drain_rate(drains, desk, receiver, WARM_UP)
        rates: dict[str, list[float]] = {name: [] for name in contests}
        for _ in range(QUICK_ROUNDS if stage.quick else ROUNDS):
            for name, contest in contests.items():
                rates[name].append(contest())
    return _figures(rates)


def loop_rate(loops: list[Program], receiver: Receiver, stock: int) -> float:
    """Requests per second of the tight loop, in one process or several."""
    for loop in loops:
        loop.ask("run", url=receiver.url(), requests=stock, threads=THREADS)
    times = [loop.answer() for loop in loops]
    return float(stock * len(loops) / (max(t["ended"] for t in times) - min(t["began"] for t in times)))


def drain_rate(
    drains: list[Program], desk: Program, receiver: Receiver, stock: int, *, wait: int = 0, **prepared: int
) -> float:
    """Deliveries per second of the drain's own function, in one process or several."""
    stock *= len(drains)
    desk.call("prepare", url=receiver.url(wait), **prepared)
    desk.call("stock", count=stock)
    receiver.forget()
    began = time.time()
    for slot, drain in enumerate(drains):
        drain.ask("drain", slot=slot)
    for drain in drains:
        drain.answer()
    return stock / (finished(desk, receiver, stock) - began)


def cluster_rate(stage: Stage, desk: Program, receiver: Receiver, stock: int) -> float:
    """Deliveries per second of a real qcluster with two workers, from the wake-up on."""
    stock *= 2
    desk.call("prepare", url=receiver.url())
    with stage.cluster(WORKERS="2", SEND_THREADS=str(THREADS)):
        desk.call("stock", count=WARM_UP)
        desk.call("wake")
        until(lambda: desk.call("progress")["done"] == WARM_UP, "the warm-up of the cluster")
        time.sleep(1.5)  # until the drain has lingered
        desk.call("stock", count=stock)
        receiver.forget()
        began = desk.call("wake")
        until(lambda: receiver.seen()["count"] >= stock, "the last delivery of the cluster", look=0.2)
        until(lambda: desk.call("progress")["done"] == stock + WARM_UP, "the end of the last delivery")
        return stock / (finished(desk, receiver, stock, also=WARM_UP) - began)


def naive_rate(stage: Stage, desk: Program, receiver: Receiver, stock: int) -> float:
    """Deliveries per second of one task each, in a real qcluster."""
    desk.call("prepare", url=receiver.url())
    with stage.cluster(NAIVE):
        desk.call("stock", count=20, url=receiver.url())
        desk.call("start")
        until(lambda: desk.call("progress")["done"] == 20, "the warm-up of the naive cluster")
        receiver.forget()
        desk.call("stock", count=stock, url=receiver.url())
        began = desk.call("start")
        until(lambda: receiver.seen()["count"] >= stock, "the last naive delivery", look=0.2)
        until(lambda: desk.call("progress")["done"] == stock + 20, "the end of the last naive delivery")
        return float(stock / (desk.call("progress")["last"] - began))


def finished(desk: Program, receiver: Receiver, stock: int, *, also: int = 0) -> float:
    """When the last delivery was settled, once it is proved that each was sent and logged exactly once."""
    progress, logged, seen = desk.call("progress"), desk.call("logged"), receiver.seen()["count"]
    if not progress["done"] - also == logged - also == seen == stock:
        raise Broken(f"{stock} stored, {seen} received, {progress['done']} done, {logged} logged")
    return float(progress["last"])


def _figures(rates: dict[str, list[float]]) -> list[Figure]:
    def figure(name: str, ours: str, theirs: str, target: str = "") -> Figure:
        note = told(**{f"{ours}/s": rates[ours], f"{theirs}/s": rates[theirs]})
        return Figure(f"drain, {name}", ratios(rates[ours], rates[theirs]), target, note=note)

    return [
        figure("one process to tight loop", "drain 1", "loop 1", "≥ 0.7"),
        figure("two processes to two loops", "drain 2", "loop 2", "≥ 0.7"),
        figure("two processes, 4 webhooks, to two loops", "drain 2 of 4 webhooks", "loop 2"),
        figure("qcluster with 2 workers to two loops", "qcluster", "loop 2"),
        figure("qcluster to naive", "qcluster", "naive", "≥ 8"),
    ]
