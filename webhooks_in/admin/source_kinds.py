"""What a new data source is for: three beginnings, each with the choices that fit it filled in."""

from dataclasses import dataclass
from typing import Any

from automations import identifiers
from webhooks_in.models import Source

LEAD_BYTES = 65_536  # more than any form has


@dataclass(frozen=True)
class Kind:
    """One beginning: its words, and what its form starts with."""

    label: str
    help: str
    icon: str
    initial: dict[str, Any]


KINDS = {
    "form": Kind(
        "Web form or posting URL",
        "Your own form or a lead vendor posts keys and values, and is told the id or why a lead was rejected.",
        "dynamic_form",
        {
            "dialect": "key_values",
            "record_type": "Contact",
            "allow_get": True,
            "reply": Source.Reply.JSON,
            "match_field": identifiers.EMAIL,
            "max_body": LEAD_BYTES,
        },
    ),
    "crm": Kind(
        "CRM webhook",
        "Your CRM tells of every change of its records, as Insites, Insightly and others do.",
        "sync_alt",
        {"dialect": "insites", "preset": "insites-hmac"},
    ),
    "import": Kind(
        "File import",
        "You upload a list as CSV or XLSX, now or again and again. Save the source first, then import into it.",
        "upload_file",
        {"dialect": "key_values", "record_type": "Contact", "match_field": identifiers.EMAIL},
    ),
}
