"""What administrators can choose from while they write a rule: types, events and fields as they were heard lately."""

from django.db import connection

from automations.checks import EVENTS, Known
from automations.models import Change, Record
from automations.models.records import EVERYDAY
from automations.outlines import outline

RECENT_CHANGES = 1_000  # looked through for types and events
RECENT_RECORDS = 25  # looked through for fields
MAX_FIELDS = 300  # offered
MAX_EVENTS = 200  # named events offered
USUAL_TYPES = ("Contact", "Company", "Task")


def heard() -> tuple[set[str], set[str]]:
    """Record types and events of recent changes. One query."""
    recent = Change.objects.order_by("-id").values_list("record__type", "event")[:RECENT_CHANGES]
    pairs = set(recent)
    return {record_type for record_type, _ in pairs}, {event for _, event in pairs}


def named_events() -> list[str]:
    """Every named event that was ever heard of, in order: one step along an index for each, MAX_EVENTS at most."""
    table = Change._meta.db_table
    # Written out, as the index is only used by a statement that says its condition word for word.
    everyday = ", ".join(f"'{name}'" for name in EVERYDAY)
    named = f"NOT (event IN ({everyday}))"
    statement = f"""
        WITH RECURSIVE heard(event, number) AS (
            SELECT min(event), 1 FROM {table} WHERE {named}
            UNION ALL
            SELECT (SELECT min(event) FROM {table} WHERE {named} AND event > heard.event), number + 1
            FROM heard WHERE heard.event IS NOT NULL AND number < {MAX_EVENTS}
        ) SELECT event FROM heard WHERE event IS NOT NULL"""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [row[0] for row in cursor.fetchall()]


def fields(record_type: str) -> dict[str, str]:
    """The paths of the newest records of a type, each with an example of its value. One query."""
    newest = Record.objects.filter(type=record_type).order_by("-id").values_list("fields", flat=True)
    found: dict[str, str] = {}
    for record in newest[:RECENT_RECORDS]:
        for leaf in outline(record).leaves:
            if leaf.usable and (not found.get(leaf.path)) and len(found) < MAX_FIELDS:
                found[leaf.path] = leaf.value
    return dict(sorted(found.items(), key=lambda item: item[0].casefold()))


def types(heard_types: set[str]) -> list[str]:
    """Record types to offer."""
    return sorted({*heard_types, *USUAL_TYPES})


def events(heard_events: set[str]) -> list[str]:
    """Events to offer: those every system has, then the named ones."""
    return [*EVENTS, *sorted(heard_events - set(EVENTS))]


def known(record_type: str) -> Known:
    """What a rule for this type is compared with. Two queries."""
    heard_types, heard_events = heard()
    return Known(heard_types, heard_events, tuple(fields(record_type)))
