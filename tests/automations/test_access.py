"""Who may look at which record."""

import pytest

from automations import access
from automations.models import Company, Contact, Record
from tests.staff import person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("permission", "record_type", "model"),
    [
        ("view_contact", "Contact", Contact),
        ("view_contact", "Task", None),
        ("view_contact", "Invoice", None),
        ("view_record", "Contact", Record),
        ("view_record", "Invoice", Record),
        ("view_company", "Company", Company),
        ("change_contact", "Contact", None),
    ],
)
def test_a_type_is_seen_with_its_own_permission_or_that_for_all(
    permission: str, record_type: str, model: type[Record] | None
) -> None:
    mia = person(f"automations.{permission}")
    assert access.model_for(mia, record_type) is model
    assert access.may_view(mia, record_type) is (model is not None)


@pytest.mark.parametrize(
    ("permissions", "may"),
    [
        (("automations.view_contact",), False),
        (("automations.execute_webhook",), False),
        (("automations.view_contact", "automations.execute_webhook"), True),
    ],
)
def test_only_who_sees_a_record_may_execute_on_it(permissions: tuple[str, ...], may: bool) -> None:
    assert access.may_execute(person(*permissions), "Contact") is may
