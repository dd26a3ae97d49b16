"""The whole way, on two cores with the receiver: ingest, rule, signed delivery; and how soon when all is idle."""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import quantiles

from tests.benchmarks.drain import WARM_UP, loop_rate
from tests.benchmarks.figures import Figure, ratios, told
from tests.benchmarks.programs import Broken, Program
from tests.benchmarks.stage import NAIVE, Receiver, Stage, until

ROUNDS, QUICK_ROUNDS = 5, 2
EVENTS, QUICK_EVENTS = 3_000, 800  # posted to the hub in a round
NAIVE_EVENTS, QUICK_NAIVE_EVENTS = 300, 150
LOOP = 4_000  # requests of the tight loop in a round
POSTS, QUICK_POSTS = 40, 6  # one at a time, for the lag
GAP = (1.5, 3.0)  # seconds between them, longer than a drain lingers
GATHER = 0.3  # seconds until the last answer is written down


def measure(stage: Stage) -> list[Figure]:
    """The figures of the whole way."""
    events, few = (QUICK_EVENTS, QUICK_NAIVE_EVENTS) if stage.quick else (EVENTS, NAIVE_EVENTS)
    with ExitStack() as stack:
        receiver = stack.enter_context(stage.receiver())
        client = stack.enter_context(stage.role("client"))
        loops = [stack.enter_context(stage.role("tight")) for _ in range(2)]
        desk = stack.enter_context(stage.role("hub_desk"))
        plain = stack.enter_context(stage.role("naive.desk", NAIVE))
        rates: dict[str, list[float]] = {"hub": [], "naive": [], "loop": [], "two loops": []}
        for _ in range(QUICK_ROUNDS if stage.quick else ROUNDS):
            path = desk.call("prepare", url=receiver.url())
            with stage.hub() as port:
                rates["hub"].append(_sustained(client, receiver, port, path, events))
                _check(desk, events + WARM_UP)
            path = plain.call("prepare", url=receiver.url())
            with _naive(stage) as port:
                rates["naive"].append(_sustained(client, receiver, port, path, few))
            rates["loop"].append(loop_rate(loops[:1], receiver, LOOP))
            rates["two loops"].append(loop_rate(loops, receiver, LOOP))
        posts = QUICK_POSTS if stage.quick else POSTS
        path = desk.call("prepare", url=receiver.url())
        with stage.hub() as port:
            lags = _lags(client, receiver, port, path, posts)
    return _figures(rates, lags)


@contextmanager
def _naive(stage: Stage) -> Iterator[int]:
    """The naive design's web server and cluster."""
    with stage.web("tests.benchmarks.naive.wsgi", NAIVE) as port, stage.cluster(NAIVE):
        yield port


def _sustained(client: Program, receiver: Receiver, port: int, path: str, events: int) -> float:
    """Deliveries per second from the first post to the arrival of the last delivery."""
    receiver.forget()
    client.call("run", port=port, path=path, seconds=60, limit=WARM_UP)
    until(lambda: receiver.seen()["count"] >= WARM_UP, "the warm-up of the whole way")
    receiver.forget()
    sent = client.call("run", port=port, path=path, seconds=120, limit=events)
    until(lambda: receiver.seen()["count"] >= events, "the last delivery", look=0.2)
    time.sleep(GATHER)
    seen = receiver.seen()
    if not sent["count"] == seen["count"] == events:
        raise Broken(f"{events} events, {sent['count']} answered, {seen['count']} deliveries")
    return float(events / (seen["times"][-1] - sent["began"]))


def _check(desk: Program, events: int) -> None:
    """Every receipt was read and every delivery logged."""
    progress, logged = desk.call("progress"), desk.call("logged")
    if not progress["received"] == progress["read"] == progress["done"] == logged == events:
        raise Broken(f"{events} events: {progress}, {logged} logged")


def _lags(client: Program, receiver: Receiver, port: int, path: str, posts: int) -> list[float]:
    """Seconds from each post to the arrival of its delivery, with pauses between."""
    client.call("run", port=port, path=path, seconds=60, limit=WARM_UP)
    until(lambda: receiver.seen()["count"] >= WARM_UP, "the warm-up of the whole way")
    lags = []
    for number in range(posts):
        time.sleep(random.uniform(*GAP))
        receiver.forget()
        sent = client.call("run", port=port, path=path, seconds=60, limit=1, connections=1)
        arrived = until(lambda: receiver.seen()["times"], f"delivery {number}", look=0.02)
        lags.append(arrived[0] - sent["began"])
    return lags


def _figures(rates: dict[str, list[float]], lags: list[float]) -> list[Figure]:
    cuts = quantiles(lags, n=20)
    note = told(**{f"{name}/s": rate for name, rate in rates.items()})
    spread = f"{len(lags)} single posts, {min(lags) * 1000:.0f}–{max(lags) * 1000:.0f} ms"
    return [
        Figure("end to end, rate to tight loop", ratios(rates["hub"], rates["loop"]), "≥ 0.25", note=note),
        Figure("end to end, rate to two tight loops", ratios(rates["hub"], rates["two loops"])),
        Figure("end to end, rate to naive", ratios(rates["hub"], rates["naive"]), "≥ 3", note=note),
        Figure("idle lag, median", [cuts[9] * 1000], "≤ 200", "ms", spread),
        Figure("idle lag, p95", [cuts[18] * 1000], "≤ 600", "ms", spread),
    ]
