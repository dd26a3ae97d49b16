"""The names that may stand in braces: tags, the fields they stand for, and the fields of records heard of lately."""

from automations import suggestions, tag_checks
from automations.models import Tag
from webhooks_out import mapping

ALWAYS = ("id", "record_type", "record_name", "event")  # what every record has beside its fields


def known() -> set[str]:
    """Every such name; ANY_FIELD is among them while no record was heard of, so that a new hub can be set up.

    A query for the tags, one for the types of records, and one for the fields of each.
    """
    tags = {part for tag in Tag.objects.values_list("name", "path") for part in tag}
    types, _ = suggestions.heard()
    heard = {path for record_type in suggestions.types(types) for path in suggestions.fields(record_type)}
    return tags | heard | {*ALWAYS, *(() if heard else (tag_checks.ANY_FIELD,))}


def problem(text: str, *beside: str) -> str:
    """Why this text with {TAGS} cannot be saved, or "". `beside`: what else may stand in its braces.

    No query for a text without tags, one while the table of tags is enough.
    """
    if not mapping.tags_in(text):
        return ""
    table = {*Tag.objects.values_list("name", flat=True), *ALWAYS, *beside}
    return tag_checks.problem(text, {*known(), *beside}) if mapping.unknown_tags(text, table) else ""
