"""Certificates: issuing one, with its number, rows and file, to drawing the same page and nothing else."""

from tests.benchmarks.figures import Figure, ratios, told
from tests.benchmarks.stage import Stage

ROUNDS, QUICK_ROUNDS = 7, 3
TURNS, QUICK_TURNS = 60, 20  # certificates of a round


def measure(stage: Stage) -> list[Figure]:
    """The figures of certificates; all ways take turns in one process."""
    turns = QUICK_TURNS if stage.quick else TURNS
    with stage.role("certificates_desk", MEDIA_ROOT=str(stage.folder / "files")) as desk:
        desk.call("prepare")
        rates: dict[str, list[float]] = {"issue": [], "bare": [], "draw": []}
        for _ in range(QUICK_ROUNDS if stage.quick else ROUNDS):
            for way, found in rates.items():
                found.append(turns / desk.call(way, turns=turns))
    issued, bare, drawn = rates.values()
    note = f"{told(issued_a_second=issued, bare=bare)}; the bare loop draws its code by reportlab's widget"
    return [
        Figure("certificates, rate to a bare reportlab loop", ratios(issued, bare), "≥ 0.7", note=note),
        Figure(
            "certificates, rate to drawing them alone", ratios(issued, drawn), note=told(drawn_a_second=drawn)
        ),
    ]
