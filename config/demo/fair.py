"""The list a stand at a trade fair brings home: a file of people, imported as a person would."""

import csv
import io
from collections.abc import Callable
from itertools import product

from django.core.files.base import ContentFile

from config.demo import world
from webhooks_in.imports import controls, uploads
from webhooks_in.models import Import, Source

SOURCE = "Trade fairs"
CAMPAIGN = "Autumn fair"
FILE = "autumn-fair.csv"
HEADINGS = ("Card", "First name", "Last name", "E-mail", "Phone", "State")
FIRST = (
    *("Amira", "Bela", "Chidi", "Dana", "Elif", "Farid", "Greta", "Hiro", "Ilse", "Jonas"),
    *("Keiko", "Luca", "Mina", "Nadia", "Oskar", "Pilar", "Quentin", "Rana", "Soren"),
)
LAST = ("Abbasi", "Novak", "Moreau", "Tanaka")
STATES = ("CA", "OR", "WA", "NV", "AZ")
UNREADABLE = 2  # rows without an e-mail address, which the data source requires


def rows() -> list[tuple[str, ...]]:
    """Everybody who left a card, and two who left too little."""
    people: list[tuple[str, ...]] = [
        (
            f"F-{number}",
            first,
            last,
            f"{first}.{last}@fair.example".lower(),
            f"(555) 010-{number}",
            STATES[number % len(STATES)],
        )
        for number, (last, first) in enumerate(product(LAST, FIRST), start=2001)
    ]
    blurred = [
        (f"F-{number}", "Jo", "(unreadable)", "", "", "CA") for number in range(3001, 3001 + UNREADABLE)
    ]
    return people + blurred


def bring_home(wait: Callable[[Callable[[], bool]], bool]) -> Import | None:
    """Uploads, tries and imports the file; None when that was done before, or `wait` for a stage was in vain."""
    source = Source.objects.get(title=SOURCE)
    if source.imports.exists():
        return None
    text = io.StringIO()
    csv.writer(text).writerows([HEADINGS, *rows()])
    load = uploads.receive(source, ContentFile(text.getvalue().encode()), FILE, world.LOGIN)
    controls.try_out(load)
    if not wait(lambda: _is(load, Import.Stage.READY)):
        return None
    controls.start(load)
    return load if wait(lambda: _is(load, Import.Stage.FINISHED)) else None


def _is(load: Import, stage: Import.Stage) -> bool:
    load.refresh_from_db()
    return load.stage == stage
