"""The first row of a file as names of its columns: none empty, none twice."""

from collections.abc import Iterable, Sequence

from webhooks_in.imports.layouts import NotATable

MAX_COLUMNS = 500
MAX_HEADING = 200  # characters
SHOWN = 5  # columns a note names


def unique(cells: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """A name for each column, and notes on those that had none or one that was taken. NotATable for too many."""
    if len(cells) > MAX_COLUMNS:
        raise NotATable(
            f"The first row has {len(cells):,} columns, and {MAX_COLUMNS} can be imported. Remove those not needed."
        )
    taken: set[str] = set()
    names, empty, twice = [], [], []
    for at, cell in enumerate(cells, start=1):
        heading = " ".join(cell.split())[:MAX_HEADING]
        name = _free(heading or f"Column {at}", taken)
        empty += [name] if not heading else []
        twice += [name] if heading and name != heading else []
        taken.add(name)
        names.append(name)
    return names, tuple(_notes(empty, twice))


def _free(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted} ({number})"
    return name


def _notes(empty: list[str], twice: list[str]) -> Iterable[str]:
    if empty:
        yield f"Columns without a heading were named: {_listed(empty)}."
    if twice:
        yield f"Headings that occur more than once were numbered: {_listed(twice)}."


def _listed(names: list[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")
