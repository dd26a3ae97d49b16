"""Recognises that a lead is already known, by its e-mail address, telephone or any field the source names.

Forth's de-dupe field and action: a duplicate is rejected, created and marked as one, or the existing record is updated.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from automations import identifiers
from automations.changes import NotUnderstood, RecordUpdate
from automations.models import Identifier, Record, System
from webhooks_in.dialects.reading import Item
from webhooks_in.models import Source
from webhooks_out.paths import look_up

MARK = "duplicate_of"  # the field of a marked duplicate that holds the id of the record it repeats
CHUNK = 500  # values looked up in one statement

Place = tuple[str, str]  # record type and normalised value, or record type and id


def resolve(source: Source, items: Sequence[Item]) -> list[Item]:
    """The items as the source wants its duplicates treated, in their order; the same items when it names no field.

    A record that is known by its own id is no duplicate. Needs an open transaction: the system stays locked until its
    end, so that of two equal leads at the same moment the second one sees the first.
    """
    if not source.match_field:
        return list(items)
    System.objects.select_for_update().get(pk=source.system_id)
    new = _new(source, [item for item in items if isinstance(item, RecordUpdate)])
    places = [_places(source, item) if id(item) in new else [] for item in items]
    known = _known(source, {place for found in places for place in found})
    return [_judged(source, item, found, known) for item, found in zip(items, places, strict=True)]


def _new(source: Source, updates: Iterable[RecordUpdate]) -> set[int]:
    """Which of the updates are about a record we have not heard of, by their identity as objects."""
    said = {(update.record_type, update.record_id): update for update in updates if update.event != "deleted"}
    there: set[Place] = set()
    ids = sorted({record_id for _, record_id in said})
    for start in range(0, len(ids), CHUNK):
        types = {kind for kind, _ in said}
        found = Record.objects.filter(
            system=source.system_id, type__in=types, external_id__in=ids[start : start + CHUNK]
        )
        there.update(found.values_list("type", "external_id"))
    return {id(update) for place, update in said.items() if place not in there}


def _places(source: Source, item: Item) -> list[Place]:
    """What the item is recognised by: every e-mail address or telephone it has, or the value of the one field."""
    if isinstance(item, NotUnderstood):
        return []
    if source.match_field in (identifiers.EMAIL, identifiers.PHONE):
        of_kind = (value for kind, value in identifiers.known_by(item.fields) if kind == source.match_field)
        return [(item.record_type, value) for value in sorted(of_kind)]
    value = identifiers.normalised(source.match_field, look_up(item.fields, source.match_field))
    return [(item.record_type, value)] if value else []


def _known(source: Source, places: Iterable[Place]) -> dict[Place, str]:
    """The id of the oldest record at each of these places."""
    values = sorted({value for _, value in places})
    known: dict[Place, str] = {}
    for start in range(0, len(values), CHUNK):
        found = Identifier.objects.filter(
            kind=source.match_field,
            value__in=values[start : start + CHUNK],
            record__system=source.system_id,
            record__deleted=False,
        )
        oldest_last = found.order_by("-record_id").values_list("record__type", "value", "record__external_id")
        known |= {(kind, value): record_id for kind, value, record_id in oldest_last}
    return known


def _judged(source: Source, item: Item, places: list[Place], known: dict[Place, str]) -> Item:
    if isinstance(item, NotUnderstood):
        return item
    there = next((known[place] for place in places if place in known), item.record_id)
    known.update((place, there) for place in places if place not in known)
    if there == item.record_id:
        return item
    if source.match_action == Source.MatchAction.UPDATE:
        return replace(item, record_id=there)
    if source.match_action == Source.MatchAction.MARK:
        return replace(item, fields={**item.fields, MARK: there})
    return NotUnderstood(
        f"Rejected as a duplicate: {item.record_type} {there} has the same {source.match_field}. "
        "Nothing of it was stored."
    )
