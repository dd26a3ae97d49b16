"""Gets a file ready to be mapped: its headings, and a guess for each column."""

from dataclasses import replace

from automations import suggestions
from webhooks_in.dialects.key_values import DEFAULT_TYPE
from webhooks_in.imports import guesses, tables
from webhooks_in.imports.layouts import Layout
from webhooks_in.models import Import, Source


def prepare(load: Import) -> None:
    """Reads the headings and guesses a field for each column; stores nothing. NotATable when there are none."""
    load.headings, notes = tables.headings(load)
    layout = Layout.of(load.layout)
    load.layout = replace(layout, notes=(*layout.notes, *notes)).as_json()
    known = known_to(load.source)
    load.mapping = guesses.fields(load.headings, known)
    load.id_column = guesses.id_column(load.headings, load.mapping, known)


def known_to(source: Source) -> guesses.Known:
    """What the headings are compared with. Two queries."""
    return guesses.Known(
        mapped=tuple((row.key, row.field) for row in source.field_map.all()),
        seen=tuple(suggestions.fields(source.record_type or DEFAULT_TYPE)),
        id_path=source.path_record_id,
    )
