"""What makes a data source impossible, said before it is saved: pure."""

from collections.abc import Collection, Iterable

from automations import identifiers
from webhooks_in.dialects.reading import FieldRow
from webhooks_in.models import Source
from webhooks_out.paths import MISSING
from webhooks_out.transforms import TRANSFORMS

POSTED = (
    "key_values",
)  # dialects of posting URLs: they read the field map and may answer with the record's id
# What such a source says of leads, at its defaults.
IDLE = {
    "match_field": "",
    "match_action": Source.MatchAction.UPDATE.value,
    "reply": Source.Reply.RECEIPT.value,
}
WORDS = {"e-mail": identifiers.EMAIL, "mail": identifiers.EMAIL, "telephone": identifiers.PHONE}

NO_DEFAULT = "Write the default, or choose what else happens when the key is missing."
IDLE_DEFAULT = "A default counts only with “Use the default”."
NEVER_MISSING = (
    "A post without a required key is rejected, so there is nothing to fill in: take off one of the two."
)
NOT_BY_NAME = "Two people may have one name: choose email, phone or another field."
NO_UPDATES = (
    "With the event “created” an updated record could not be told from a new one: leave the event empty."
)
POSTED_ONLY = "Only posting URLs (keys and values) do this; what a CRM sends has ids of its own."


def default_problem(row: FieldRow) -> str:
    """Why a row of the field map cannot do what it says of a missing key, or ""."""
    if row.missing == "default" and not row.default.strip():
        return NO_DEFAULT
    if row.default and row.missing != "default":
        return IDLE_DEFAULT
    if row.required and row.missing != "keep":
        return NEVER_MISSING
    transform = TRANSFORMS.get(row.transform)
    if row.default and transform and transform.apply(row.default) is MISSING:
        return f"“{transform.label}” cannot read this default."
    return ""


def match_problem(field: str, rows: Iterable[FieldRow], constants: Collection[str]) -> str:
    """Why duplicates cannot be recognised by this field, or "". `constants`: fields every new record gets."""
    if field == identifiers.NAME:
        return NOT_BY_NAME
    if field and field in constants:
        return f"Every new record gets the same {field} from the constants: choose a field that differs."
    fields = {row.key: row.field for row in rows}
    if field in fields and field not in fields.values() and not _is_usual(field):
        return f"{field} is the sender's key. It fills the field {fields[field]}: write that."
    return ""


def event_problem(source: Source) -> str:
    """Why the source's event and what it does with duplicates exclude each other, or ""."""
    updates = source.match_field and source.match_action == Source.MatchAction.UPDATE
    return NO_UPDATES if updates and source.event == "created" else ""


def dialect_problem(source: Source, column: str) -> str:
    """Why this column must stay at its default for the source's dialect, or ""."""
    return "" if source.dialect in POSTED or getattr(source, column) == IDLE[column] else POSTED_ONLY


def match_field(written: str) -> str:
    """The field as it is stored: E-mail, EMAIL and mail are email."""
    plain = written.strip()
    usual = WORDS.get(plain.casefold(), plain.casefold())
    return usual if _is_usual(usual) else plain


def _is_usual(field: str) -> bool:
    return field in (identifiers.EMAIL, identifiers.PHONE)
