"""What makes a certificate template impossible, said before it is saved."""

from collections.abc import Collection, Iterator

from automations import issuing, tag_checks, tag_names
from automations.models import CertificateTemplate


def known_tags() -> set[str]:
    """What may stand between braces: what every text may name, and what every certificate has."""
    return {*tag_names.known(), *issuing.TAGS}


def problems(template: CertificateTemplate, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Column and sentence for everything that is wrong."""
    for name, text in issuing.tags_of(template):
        if reason := tag_checks.problem(text, known):
            yield name, reason
    if "{NUMBER}" not in template.number_format:
        yield "number_format", "Write {NUMBER} where the running number belongs."
    if template.missing == CertificateTemplate.Missing.DEFAULT and not template.default.strip():
        yield "default", "Say what is written instead of an empty tag."
    lines = [line for line in template.public_fields.splitlines() if line.strip()]
    if len(issuing.public_lines(template.public_fields)) != len(lines):
        yield "public_fields", "Each line is a name, a colon and a text: Number: {NUMBER}"
