"""Mass posts: thousands of records a second are prepared, and the memory that takes does not grow with them."""

from tests.benchmarks.figures import Figure
from tests.benchmarks.programs import Broken
from tests.benchmarks.stage import Stage

FEW, MANY = 10_000, 100_000  # contacts
QUICK_FEW, QUICK_MANY = 2_000, 10_000


def measure(stage: Stage) -> list[Figure]:
    """The figures of preparation, for few and for many contacts, each in a process of its own."""
    few, many = (QUICK_FEW, QUICK_MANY) if stage.quick else (FEW, MANY)
    seen = {count: _prepared(stage, count) for count in (few, many)}
    figures = []
    for count, said in seen.items():
        seconds = said["freeze"] + said["check"]
        note = f"frozen in {said['freeze']:.2f} s, checked in {said['check']:.1f} s"
        rate = Figure(f"mass post, preparing {count:,}, records per second", [count / seconds], unit="/s")
        target = "≤ 20" if count == FEW else ""
        figures += [rate, Figure(f"mass post, preparing {count:,}", [seconds], target, "s", note)]
    note = f"{seen[few]['peak']:.0f} MiB for {few:,}, {seen[many]['peak']:.0f} MiB for {many:,}"
    ratio = seen[many]["peak"] / seen[few]["peak"]
    return [*figures, Figure("mass post, peak memory, many to few", [ratio], "≤ 1.2", note=note)]


def _prepared(stage: Stage, count: int) -> dict[str, float]:
    """What preparing took, once it is proved that nobody was left out."""
    with stage.role("mass_post_desk") as stocking:
        if stocking.call("stock", count=count) != count:
            raise Broken(stocking.said)
    with stage.role("mass_post_desk") as desk:
        said: dict[str, float] = desk.call("prepare")
    if said["ready"] + said["skipped"] != count or said["skipped"] * 5 != count:
        raise Broken(f"of {count} contacts {said}")
    return said
