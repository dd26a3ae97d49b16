"""Ingest: ours beside the least it can be and beside a plain DRF view, on equal servers."""

from contextlib import ExitStack

from tests.benchmarks import bare
from tests.benchmarks.figures import Figure, ratios, told
from tests.benchmarks.programs import Broken
from tests.benchmarks.stage import HUB, NAIVE, Stage

ROUNDS, QUICK_ROUNDS = 9, 3
SECONDS, QUICK_SECONDS = 3.0, 1.0  # each contestant is posted to in each round
LIMIT = 20_000  # requests of one burst
WARM_UP = 400  # requests before anything counts


def measure(stage: Stage) -> list[Figure]:
    """The figures of ingest."""
    with ExitStack() as stack:
        desk = stack.enter_context(stage.role("hub_desk"))
        plain_desk = stack.enter_context(stage.role("naive.desk", NAIVE))
        client = stack.enter_context(stage.role("client"))
        database = stack.enter_context(stage.connect(HUB))
        database.execute(bare.TABLE)
        path, plain_path = desk.call("prepare", url="http://127.0.0.1/"), plain_desk.call("prepare", url="")
        counted = desk.call("statements", path=path)
        web = stack.enter_context
        addresses = {
            "ours": {"port": web(stage.web("config.wsgi")), "path": path},
            "bare": {"port": web(stage.web("tests.benchmarks.bare")), "path": "/"},
            "plain": {"port": web(stage.web("tests.benchmarks.naive.wsgi", NAIVE)), "path": plain_path},
        }
        for address in addresses.values():
            client.call("run", **address, seconds=10, limit=WARM_UP)
        rounds: dict[str, list[dict[str, float]]] = {name: [] for name in addresses}
        before = desk.call("progress")["received"]
        for _ in range(QUICK_ROUNDS if stage.quick else ROUNDS):
            for name, address in addresses.items():
                seconds = QUICK_SECONDS if stage.quick else SECONDS
                rounds[name].append(client.call("run", **address, seconds=seconds, limit=LIMIT))
            database.execute("TRUNCATE bare_receipt")
        answered, stored = (
            sum(one["count"] for one in rounds["ours"]),
            desk.call("progress")["received"] - before,
        )
        if stored != answered:
            raise Broken(f"{answered} requests were answered 202, {stored} are stored")
    return _figures(rounds, counted)


def _figures(rounds: dict[str, list[dict[str, float]]], counted: dict[str, list[str]]) -> list[Figure]:
    rates = {name: [one["count"] / one["seconds"] for one in bursts] for name, bursts in rounds.items()}
    tails = {name: [one["p95"] * 1000 for one in bursts] for name, bursts in rounds.items()}
    per_second = told(**{f"{name}/s": rate for name, rate in rates.items()})
    tail = told(**{f"{name} ms": times for name, times in tails.items()})
    return [
        Figure("ingest, rate to bare view", ratios(rates["ours"], rates["bare"]), "≥ 0.6", note=per_second),
        Figure("ingest, p95 to bare view", ratios(tails["ours"], tails["bare"]), "≤ 2.5", note=tail),
        Figure(
            "ingest, rate to plain DRF view", ratios(rates["ours"], rates["plain"]), "≥ 5", note=per_second
        ),
        Figure(
            "ingest, SQL statements", [len(counted["woken"])], "≤ 3", "", f"a repeat {len(counted['repeat'])}"
        ),
        Figure("ingest, statements that wake a worker", [len(counted["waking"])], "", ""),
    ]
