"""The engine: what a change costs must grow with the rules that apply to it in a straight line."""

from statistics import median

from tests.benchmarks.figures import Figure
from tests.benchmarks.stage import Stage

COUNTS = (0, 10, 100)  # rules
ROUNDS, QUICK_ROUNDS = 5, 2
# Changes of a round, for each number of rules; the fastest of which counts, as others use the machine, too.
TURNS, QUICK_TURNS = 60, 20
SHAPES = {"fire": "that fires and posts", "judged": "that is judged and does not fire"}


def measure(stage: Stage) -> list[Figure]:
    """The figures of the engine: for rules that fire, and for rules that are judged and do not."""
    costs = {}
    rounds, turns = (QUICK_ROUNDS, QUICK_TURNS) if stage.quick else (ROUNDS, TURNS)
    with stage.role("applicable_desk") as desk:
        for shape in SHAPES:
            desk.call("prepare", shape=shape, counts=COUNTS)
            fires = shape == "fire"
            costs[shape] = [_fastest(desk.call("handle", turns=turns, fires=fires)) for _ in range(rounds)]
    bends = [(hundred - ten) / 9 / (ten - none) for none, ten, hundred in costs["fire"]]
    return [
        Figure("engine, a rule from the 11th to the 100th, to one of the first ten", bends, "≤ 1.25"),
        *(_slope(words, costs[shape]) for shape, words in SHAPES.items()),
    ]


def _fastest(times: dict[str, list[float]]) -> list[float]:
    """µs of one change, with each number of rules."""
    return [min(times[str(count)]) * 1e6 for count in COUNTS]


def _slope(words: str, costs: list[list[float]]) -> Figure:
    seen = (f"{median(cost):,.0f}" for cost in zip(*costs, strict=True))
    note = "{} µs with none, {} µs with 10, {} µs with 100".format(*seen)
    slopes = [(hundred - none) / 100 for none, _, hundred in costs]
    return Figure(f"engine, each rule {words}", slopes, unit="µs", note=note)
