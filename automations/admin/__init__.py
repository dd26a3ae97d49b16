"""The admin pages of what we know, decide and do."""

from automations.admin import (
    batches,
    changes,
    columns,
    definitions,
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
    "changes",
    "columns",
    "definitions",
    "hubs",
    "once_keys",
    "queue",
    "records",
    "rules",
    "runs",
    "tags",
]
