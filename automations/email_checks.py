"""What keeps an e-mail template from being saved, whether it comes from the form or from a file."""

from collections.abc import Iterator

from automations import emails, tag_names
from automations.models import EmailTemplate


def problems(template: EmailTemplate) -> Iterator[tuple[str, str]]:
    """Where, and why; a handful of queries for the tags there are."""
    yield from emails.problems(template.wording(), tag_names.known())
    if template.attach == EmailTemplate.Attach.DOCUMENT and not template.attach_name.strip():
        yield "attach_name", "Say a part of the document's name."
