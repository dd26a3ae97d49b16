"""Turns a sheet of a workbook into a CSV file, once, so that everything after can begin at any row."""

import csv
import io
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import IO, Any

from django.core.files import File
from django.db.models.functions import Now

from webhooks_in.imports import workbooks
from webhooks_in.imports.layouts import Layout, NotATable
from webhooks_in.models import Import
from webhooks_out.jobs import LEASE, Job

TELL_EVERY = 2.0  # seconds between two signs of life


def unpack(load: Import) -> bool:
    """Writes the chosen sheet, or the first one, to the import's table; False when the import was taken away.

    NotATable when the workbook cannot be read.
    """
    with load.file.open("rb") as stored:
        file: Any = stored
        layout = Layout.of(load.layout)
        names = workbooks.sheets(file)
        layout = replace(
            layout, sheets=tuple(names), sheet=layout.sheet if layout.sheet in names else names[0]
        )
        with tempfile.TemporaryFile() as table:
            if not _write(load, workbooks.rows(file, layout.sheet), table):
                return False
            load.layout = replace(layout, length=table.seek(0, io.SEEK_END)).as_json()
            table.seek(0)
            load.table.save(f"{load.pk}.csv", File(table), save=False)
    return True


def _write(load: Import, rows: Iterator[list[str]], table: IO[bytes]) -> bool:
    """Writes every row, padded to the width of the first; says now and then that it lives."""
    text = io.TextIOWrapper(table, encoding="utf-8", newline="", write_through=True)
    writer, width, told = csv.writer(text), 0, time.monotonic()
    for number, row in enumerate(rows):
        width = width or len(row)
        writer.writerow([_storable(cell) for cell in row] + [""] * (width - len(row)))
        if time.monotonic() - told > TELL_EVERY:
            told = time.monotonic()
            if not _tell(load, number):
                text.detach()
                return False
    text.detach()
    if not width:
        raise NotATable("The sheet has no rows. Choose a workbook whose first sheet holds the list.")
    return True


def _storable(cell: str) -> str:
    """A text that can be written as UTF-8: lone surrogates are replaced."""
    return cell.encode("utf-8", "replace").decode()


def _tell(load: Import, position: int) -> bool:
    mine: Any = Import.objects.filter(pk=load.pk, token=load.token, state=Job.State.RUNNING)
    return bool(mine.update(position=position, due_at=Now() + timedelta(seconds=LEASE)))
