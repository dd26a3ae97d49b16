"""What makes a certificate template impossible, said before it is saved."""

from collections.abc import Collection, Iterator

from automations import issuing, suggestions
from automations.models import CertificateTemplate, Record, Tag
from webhooks_out import mapping

BESIDE = ("id", "record_type", "record_name", "event")  # what values have beside a record's fields
MAX_TYPES = 20  # record types whose fields are known


def known_tags() -> set[str]:
    """What may stand between braces: tags, fields of recent records of every type, and what every certificate has."""
    types = Record.objects.order_by().values_list("type", flat=True).distinct()[:MAX_TYPES]
    fields = (path for record_type in list(types) for path in suggestions.fields(record_type))
    return {*Tag.objects.values_list("name", flat=True), *issuing.TAGS, *BESIDE, *fields}


def problems(template: CertificateTemplate, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Column and sentence for everything that is wrong."""
    for name, text in issuing.tags_of(template):
        if unknown := mapping.unknown_tags(text, known):
            named = ", ".join(f"{{{tag}}}" for tag in unknown[:5])
            yield name, f"There is no tag {named}. Tags in the menu lists them all, and adds one."
    if "{NUMBER}" not in template.number_format:
        yield "number_format", "Write {NUMBER} where the running number belongs."
    if template.missing == CertificateTemplate.Missing.DEFAULT and not template.default.strip():
        yield "default", "Say what is written instead of an empty tag."
    lines = [line for line in template.public_fields.splitlines() if line.strip()]
    if len(issuing.public_lines(template.public_fields)) != len(lines):
        yield "public_fields", "Each line is a name, a colon and a text: Number: {NUMBER}"
