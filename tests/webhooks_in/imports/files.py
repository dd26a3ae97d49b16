"""Files to import, and imports of them that are ready to be worked on."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import pytest
from django.core.files.base import ContentFile
from openpyxl import Workbook

from tests.world import make_source
from webhooks_in.imports import controls, uploads
from webhooks_in.imports.tasks import step
from webhooks_in.models import Import, Source
from webhooks_out import drains

HEADINGS = ("My ID", "First Name", "Last Name", "E-Mail", "Stage")
PEOPLE = (
    ("1", "Ana", "Lopez", "ana@harbour.example", "Lead"),
    ("2", "Ben", "Okoro", "ben@harbour.example", "Enrolled"),
    ("3", "Chloé", "Müller", "chloe@harbour.example", "Lead"),
)


def table(*rows: Sequence[str], headings: Sequence[str] = HEADINGS, delimiter: str = ",") -> bytes:
    """A CSV file in UTF-8."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([headings, *(rows or PEOPLE)])
    return text.getvalue().encode()


def workbook(*rows: Sequence[Any], headings: Sequence[str] = HEADINGS) -> bytes:
    """An Excel workbook of one sheet."""
    book = Workbook()
    for row in (headings, *(rows or PEOPLE)):
        book.active.append(list(row))
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def numbered(count: int) -> bytes:
    """A CSV file of so many people."""
    people = (
        (str(n), f"First {n}", f"Last {n}", f"p{n}@harbour.example", "Lead") for n in range(1, count + 1)
    )
    return table(*people)


def upload(content: bytes, source: Source | None = None, name: str = "people.csv") -> Import:
    """The file as an import whose columns are guessed."""
    source = source or make_source("List", dialect="key_values")
    return uploads.receive(source, ContentFile(content), name, "mia")


def work(load: Import) -> Import:
    """Everything a worker would do now."""
    drains.ensure_watches()
    while step() or Import.objects.filter(state="waiting", reason="").exists():
        pass
    load.refresh_from_db()
    return load


def tried(content: bytes, source: Source | None = None) -> Import:
    """The file after its dry run."""
    load = upload(content, source)
    assert controls.try_out(load)
    return work(load)


def imported(content: bytes, source: Source | None = None) -> Import:
    """The file after it was imported."""
    load = tried(content, source)
    assert controls.start(load)
    return work(load)


def reasons(load: Import, *, dry: bool = False) -> dict[int, str]:
    """Row → why it was rejected."""
    return dict(load.rejects.filter(dry=dry).values_list("row", "reason"))


def counts(load: Import) -> tuple[int, ...]:
    """Created, updated, unchanged, rejected."""
    return load.created, load.updated, load.unchanged, load.rejected


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Any) -> None:
    """Every test stores its files in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "files"
