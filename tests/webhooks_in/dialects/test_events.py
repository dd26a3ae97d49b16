"""Event names, taken apart."""

import pytest

from webhooks_in.dialects.events import as_type, split


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("contact.updated", ("Contact", "updated")),
        ("contact.create", ("Contact", "created")),
        ("contact.deletion", ("Contact", "deleted")),
        ("contact.propertyChange", ("Contact", "updated")),
        ("contact_updated", ("Contact", "updated")),
        ("Contact Updated", ("Contact", "updated")),
        ("ContactUpdate", ("Contact", "updated")),
        ("CONTACT.UPDATED", ("Contact", "updated")),
        ("updated.deal", ("Deal", "updated")),
        ("crm.contact.updated", ("Contact", "updated")),
        ("sales_order:added", ("Sales_order", "created")),
        ("updated", ("", "updated")),
        ("insert", ("", "created")),
        ("payment.returned", ("Payment", "payment.returned")),
        ("lead.note_added", ("Lead", "lead.note_added")),
        ("New Lead", ("", "New Lead")),
        ("hired", ("", "hired")),
        ("", ("", "")),
        ("...", ("", "...")),
        (" _ ", ("", "_")),
    ],
)
def test_a_name_is_taken_apart_into_type_and_event(written: str, parts: tuple[str, str]) -> None:
    assert split(written) == parts


@pytest.mark.parametrize(
    ("written", "record_type"),
    [
        ("contact", "Contact"),
        ("CONTACT", "Contact"),
        ("salesOrder", "SalesOrder"),
        (" task ", "Task"),
        ("", ""),
    ],
)
def test_a_type_starts_with_a_capital(written: str, record_type: str) -> None:
    assert as_type(written) == record_type
