"""What mappings can draw on beside a record's own fields: this hub's account id, the enrollment plan as JSON text,
and the ids of the record's documents."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from django.conf import settings

from automations.models import Record
from webhooks_out import exact_json, mapping
from webhooks_out.mapping import Pair
from webhooks_out.paths import MISSING
from webhooks_out.scalars import is_empty

# The paths of {ACCTID}, {EP_DATA} and {UPLOAD_DOC_IDS}; no field of a record can take their place.
ACCOUNT = "hub.account_id"
PLAN = "hub.plan_data"
DOCUMENTS = "hub.document_ids"
PLAN_FIELD = "plan_data"  # where a record keeps its enrollment plan


def values(record: Record, fields: Mapping[str, Any]) -> dict[str, str | Callable[[], Any]]:
    """The special values by their paths. The plan and the ids are worked out when a mapping asks for them."""
    return {
        ACCOUNT: settings.ACCOUNT_ID,
        PLAN: partial(_plan, fields),
        DOCUMENTS: partial(_document_ids, record),
    }


def needs_documents(pairs: Iterable[Pair], tags: Mapping[str, str]) -> bool:
    """Whether a mapping asks for document ids. For many records, prefetch their `documents` then: one query for all."""
    return any(DOCUMENTS in _paths(pair, tags) for pair in pairs)


def _plan(fields: Mapping[str, Any]) -> Any:
    """The plan as JSON text; one that was kept as text, because it is none, goes on as it is."""
    plan = fields.get(PLAN_FIELD)
    if is_empty(plan):
        return MISSING
    return plan if isinstance(plan, str) else exact_json.dumps(plan)


def _document_ids(record: Record) -> str:
    """The ids separated by commas, oldest first; one query unless the record's documents were prefetched."""
    if record._state.adding:
        return ""
    return ",".join(str(known) for known in sorted(document.pk for document in record.documents.all()))


def _paths(pair: Pair, tags: Mapping[str, str]) -> set[str]:
    if pair.kind == "field":
        return {pair.value}
    return (
        {mapping.path_of(name, tags) for name in mapping.tags_in(pair.value)}
        if pair.kind == "text"
        else set()
    )
