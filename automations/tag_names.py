"""The names that may stand in braces: tags, the fields they stand for, and the fields of records heard of lately."""

from automations import suggestions
from automations.models import Tag

ALWAYS = ("id", "record_type", "record_name", "event")  # what every record has beside its fields


def known() -> set[str]:
    """Every such name. A query for the tags, one for the types of records, and one for the fields of each."""
    tags = {part for tag in Tag.objects.values_list("name", "path") for part in tag}
    types, _ = suggestions.heard()
    heard = {path for record_type in suggestions.types(types) for path in suggestions.fields(record_type)}
    return tags | heard | set(ALWAYS)
