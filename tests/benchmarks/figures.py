"""What was measured: figures against their targets, printed for people and as Markdown for the README."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """One line of the table. `values`: one for each round; without a target it is told, not judged."""

    name: str
    values: Sequence[float]
    target: str = ""  # "≥ 0.6", "≤ 3" or nothing
    unit: str = "×"
    note: str = ""

    @property
    def value(self) -> float:
        """The median of the rounds."""
        return median(self.values)

    @property
    def passed(self) -> bool:
        """Whether the target is reached."""
        sign, _, limit = self.target.partition(" ")
        if not sign:
            return True
        return self.value >= float(limit) if sign == "≥" else self.value <= float(limit)

    @property
    def cells(self) -> tuple[str, ...]:
        """Name, target, figure, the range of the rounds, verdict, note."""
        spread = f"{_short(min(self.values))}–{_short(max(self.values))}" if len(self.values) > 1 else ""
        verdict = ("yes" if self.passed else "NO") if self.target else ""
        return self.name, self.target, f"{_short(self.value)} {self.unit}", spread, verdict, self.note


HEADINGS = ("Measured", "Target", "Figure", "Rounds", "Reached", "Side by side")


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Ours to theirs, round by round."""
    return [our / their for our, their in zip(ours, theirs, strict=True)]


def told(**rates: Sequence[float]) -> str:
    """The medians behind a ratio, in words."""
    return ", ".join(f"{name.replace('_', ' ')} {_short(median(values))}" for name, values in rates.items())


def table(figures: Iterable[Figure]) -> str:
    """For a terminal."""
    rows = [HEADINGS, *(figure.cells for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return "\n".join([lines[0], "─" * sum(widths), *lines[1:]])


def markdown(figures: Iterable[Figure], machine: str) -> str:
    """For the README."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *(figure.cells for figure in figures)]
    return "\n".join([*(f"| {' | '.join(row)} |" for row in rows), "", machine])


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
