"""A storm: 50,000 changes all of which one rule answers; its brake must hold, and nobody who posts may feel it."""

from contextlib import ExitStack
from typing import Any

from tests.benchmarks.figures import Figure, ratios, told
from tests.benchmarks.programs import Broken, Program
from tests.benchmarks.stage import Stage, until

ROUNDS, QUICK_ROUNDS = 10, 2
CHANGES, QUICK_CHANGES = 5_000, 2_000  # of a round that storms, and of one that does not
LIMIT = 1_000  # runs of the rule, after which its brake holds
WARM_UP = 400  # changes before anything counts
LONGEST = 300  # seconds a burst and its reading may take


def measure(stage: Stage) -> list[Figure]:
    """The figures of a storm in a whole hub, beside equal posts that no rule answers."""
    rounds, changes = (QUICK_ROUNDS, QUICK_CHANGES) if stage.quick else (ROUNDS, CHANGES)
    with ExitStack() as stack:
        receiver = stack.enter_context(stage.receiver())
        client = stack.enter_context(stage.role("client"))
        desk = stack.enter_context(stage.role("storm_desk"))
        paths = desk.call("prepare", url=receiver.url(), limit=LIMIT)
        web = {"port": stack.enter_context(stage.hub())}
        _burst(client, desk, web | {"path": paths["calm"]}, WARM_UP)
        seen: dict[str, list[float]] = {"calm": [], "storm": []}
        for turn in range(rounds):
            for weather in sorted(seen, reverse=bool(turn % 2)):
                burst = _burst(client, desk, web | {"path": paths[weather]}, changes)
                seen[weather].append(burst["p95"] * 1000)
        said = desk.call("outcome", limit=LIMIT)
        until(
            lambda: receiver.seen()["count"] == said["started"], "the last delivery that the brake let pass"
        )
    if said["started"] + said["held"] != rounds * changes:
        raise Broken(f"of {rounds * changes} changes {said}")
    return _figures(seen, said)


def _burst(client: Program, desk: Program, address: dict[str, Any], changes: int) -> dict[str, float]:
    """Posts so many changes and waits until the workers have read them."""
    said: dict[str, float] = client.call("run", **address, seconds=LONGEST, limit=changes)
    until(lambda: not desk.call("unread"), "the end of reading a burst", seconds=LONGEST, look=0.5)
    return said


def _figures(seen: dict[str, list[float]], said: dict[str, float]) -> list[Figure]:
    note = told(**{f"{weather} ms": tails for weather, tails in seen.items()})
    count = f"{said['started']:,} of {said['started'] + said['held']:,} runs started, limit {LIMIT:,}"
    return [
        Figure("storm, ingest p95 to that without", ratios(seen["storm"], seen["calm"]), "≤ 1.5", note=note),
        Figure("storm, runs above the limit", [said["started"] - LIMIT], f"≤ {LIMIT // 8}", "", count),
        Figure("storm, last run started after the limit was reached", [said["late"]], "≤ 1", "s", count),
    ]
