"""The admin pages of what we know, decide and do."""

from automations.admin import (
    batches,
    certificate_templates,
    certificates,
    changes,
    columns,
    definitions,
    email_templates,
    emails,
    hubs,
    once_keys,
    queue,
    records,
    rules,
    runs,
    tags,
)

__all__ = [
    "batches",
    "certificate_templates",
    "certificates",
    "changes",
    "columns",
    "definitions",
    "email_templates",
    "emails",
    "hubs",
    "once_keys",
    "queue",
    "records",
    "rules",
    "runs",
    "tags",
]
