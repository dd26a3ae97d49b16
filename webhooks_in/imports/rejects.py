"""The rows that were not imported, as a file that can be corrected and imported again."""

import csv
from collections.abc import Iterator

from webhooks_in.models import Import
from webhooks_out.cells import defused

CHUNK = 500  # rows in memory together
BOM = "\ufeff"  # by which Excel knows UTF-8


def lines(load: Import, *, dry: bool) -> Iterator[str]:
    """The file line by line: the original columns, then the row's number and the reason. No cell is a formula."""
    writer = csv.writer(_Echo())
    yield BOM + writer.writerow([*map(defused, load.headings), "Row", "Reason"])
    width = len(load.headings)
    found = load.rejects.filter(dry=dry).order_by("row").values_list("row", "reason", "values")
    for row, reason, values in found.iterator(chunk_size=CHUNK):
        cells = [*values, *[""] * (width - len(values))]
        yield writer.writerow([*map(defused, cells), row, reason])


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """Called by the writer, which hands it back to its caller."""
        return text
