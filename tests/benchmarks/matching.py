"""Matching: what a change costs must not grow with the rules that cannot apply to it."""

from statistics import median

from tests.benchmarks.figures import Figure
from tests.benchmarks.stage import Stage

ROUNDS, QUICK_ROUNDS = 3, 1
MATCHES, HANDLED = 400, 100  # changes of a round, for each set of rules
MIX = ["equals", "changed_to", "starts", "elsewhere"]


def measure(stage: Stage) -> list[Figure]:
    """The figures of matching."""
    figures = []
    with stage.role("rules_desk") as desk:
        for shapes in (MIX, *([shape] for shape in MIX)):
            loading = desk.call("prepare", shapes=shapes)
            rounds = range(QUICK_ROUNDS if stage.quick else ROUNDS)
            alone = [_medians(desk.call("match", turns=MATCHES)) for _ in rounds]
            whole = [_medians(desk.call("handle", turns=HANDLED)) for _ in rounds]
            mixed = shapes is MIX
            kind = "of all kinds" if mixed else f"“{shapes[0]}” only"
            name = f"10,000 to 10 rules {kind}"
            figures += [
                _figure(f"{name}, whole change", whole, "≤ 1.5", f"loading 10,000 takes {loading:.1f} s"),
                _figure(f"{name}, matching alone", alone, "≤ 1.5" if mixed else ""),
            ]
    return figures


def _medians(times: dict[str, list[float]]) -> tuple[float, float]:
    return median(times["many"]), median(times["few"])


def _figure(name: str, rounds: list[tuple[float, float]], target: str, note: str = "") -> Figure:
    many, few = (median(times) * 1e6 for times in zip(*rounds, strict=True))
    said = f"{many:,.0f} µs to {few:,.0f} µs; {note}" if note else f"{many:,.0f} µs to {few:,.0f} µs"
    return Figure(name, [one / other for one, other in rounds], target, note=said)
