"""The command: `python -m tests.benchmarks [name …] [--quick]`."""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks import (
    applicable,
    certificates,
    drain,
    end_to_end,
    ingest,
    lists,
    machine,
    mass_post,
    matching,
    memory,
    queued,
    slow,
    storm,
)
from tests.benchmarks.figures import Figure, markdown, table
from tests.benchmarks.programs import Broken
from tests.benchmarks.stage import HUB, Stage
from tests.postgres import running_postgres

BENCHMARKS = {
    module.__name__.rpartition(".")[2]: module.measure
    for module in (
        ingest,
        drain,
        end_to_end,
        slow,
        matching,
        applicable,
        certificates,
        lists,
        queued,
        mass_post,
        memory,
        storm,
    )
}
CORES = 2  # that everything runs on, whatever the machine has


def main() -> int:
    """0 when every target was reached, 1 when one was not."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="name", help=f"one of {', '.join(BENCHMARKS)}; none means all"
    )
    parser.add_argument(
        "--quick", action="store_true", help="shorter rounds: tries the benchmarks, proves nothing"
    )
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - BENCHMARKS.keys():
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    with tempfile.TemporaryDirectory(prefix="fieldhook-bench-") as folder, running_postgres() as url:
        stage = Stage(Path(folder), url.rpartition("/")[0], chosen.quick)
        stage.create_tables()
        with stage.connect(HUB) as connection:
            described = machine.describe(connection)
        figures = [figure for name in chosen.names or BENCHMARKS for figure in _measured(name, stage)]
    print(f"\n{described}\n\n{table(figures)}\n\n{markdown(figures, described)}")
    return 0 if all(figure.passed for figure in figures) else 1


def _measured(name: str, stage: Stage) -> list[Figure]:
    """The figures of one benchmark, printed as they come."""
    began = time.monotonic()
    print(f"\n{name} …", flush=True)
    figures = BENCHMARKS[name](stage)
    print(f"{table(figures)}\n{name} took {time.monotonic() - began:.0f} s", flush=True)
    return figures


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Broken as broken:
        sys.exit(f"The benchmark broke off: {broken}")
