"""The engine: what a change costs must grow with the rules that apply to it in a straight line."""

from statistics import median

from tests.benchmarks.figures import Figure
from tests.benchmarks.stage import Stage

COUNTS = (0, 10, 100)  # rules
ROUNDS, QUICK_ROUNDS = 5, 2
TURNS, QUICK_TURNS = 60, 20  # changes of a round, for each number of rules
LINEAR = {"fire": "≤ 1.25", "judged": ""}  # the cost of judging drowns in that of the change
SHAPES = {"fire": "that fires and posts", "judged": "judged that does not fire"}


def measure(stage: Stage) -> list[Figure]:
    """The figures of the engine: for rules that fire, and for rules that are judged and do not."""
    figures = []
    rounds, turns = (QUICK_ROUNDS, QUICK_TURNS) if stage.quick else (ROUNDS, TURNS)
    with stage.role("applicable_desk") as desk:
        for shape, words in SHAPES.items():
            desk.call("prepare", shape=shape, counts=COUNTS)
            costs = [_medians(desk.call("handle", turns=turns, fires=shape == "fire")) for _ in range(rounds)]
            none, ten, hundred = (median(seen) for seen in zip(*costs, strict=True))
            note = f"{none:,.0f} µs with none, {ten:,.0f} µs with 10, {hundred:,.0f} µs with 100"
            slopes = [((few - no) / 10, (many - few) / 90) for no, few, many in costs]
            growth = [late / early for early, late in slopes]
            figures += [
                Figure(
                    f"engine, 11th to 100th rule {words}, to the first ten", growth, LINEAR[shape], note=note
                ),
                Figure(f"engine, each rule {words}", [late for _, late in slopes], unit="µs", note=note),
            ]
    return figures


def _medians(times: dict[str, list[float]]) -> list[float]:
    """µs of one change, with each number of rules."""
    return [median(times[str(count)]) * 1e6 for count in COUNTS]
