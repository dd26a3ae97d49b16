"""A lead that is known already is updated, rejected or marked, as its data source says."""

from typing import Any

import pytest

from automations.models import Contact
from tests.world import make_source, post, work
from webhooks_in.models import Receipt, Source, SourceConstant

KNOWN = {"my_id": "L-1", "firstname": "Ana", "email": "ana@harbour.example", "cell_phone": "(555) 010-7788"}


def make_form(**options: Any) -> Source:
    """A posting URL for leads, recognised by their own id or as `options` say."""
    return make_source(
        "Lead form", **{"dialect": "key_values", "path_record_id": "my_id", "match_field": "email", **options}
    )


def lead(source: Source, **said: Any) -> Receipt:
    """One more lead, posted and read."""
    post(source, said)
    work()
    return Receipt.objects.latest("pk")


def ids() -> list[str]:
    return list(Contact.objects.order_by("pk").values_list("external_id", flat=True))


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("email", {"email": " ANA@Harbour.example"}),
        ("email", {"work_email": "ana@harbour.example"}),
        ("phone", {"home_phone": "+1 555 010 7788"}),
        ("firstname", {"firstname": "ana "}),
    ],
)
def test_a_duplicate_updates_the_record_it_repeats(db: None, field: str, said: dict[str, str]) -> None:
    source = make_form(match_field=field)
    if field == "firstname":
        source.system.identified_by = [field]
        source.system.save()
    lead(source, **KNOWN)
    lead(source, my_id="L-2", city="Harbour Town", **said)
    assert ids() == ["L-1"]
    assert Contact.objects.get().fields["city"] == "Harbour Town"


def test_a_duplicate_is_rejected_with_its_reason(db: None) -> None:
    source = make_form(match_action="reject")
    lead(source, **KNOWN)
    receipt = lead(source, my_id="L-2", email="ana@harbour.example")
    assert ids() == ["L-1"]
    assert receipt.state == "done"
    assert receipt.notes == [
        "Rejected as a duplicate: Contact L-1 has the same email. Nothing of it was stored."
    ]


def test_a_duplicate_is_created_and_marked(db: None) -> None:
    source = make_form(match_action="mark")
    lead(source, **KNOWN)
    lead(source, my_id="L-2", email="ana@harbour.example")
    assert ids() == ["L-1", "L-2"]
    assert Contact.objects.get(external_id="L-2").fields["duplicate_of"] == "L-1"


@pytest.mark.parametrize("said", [{"email": "ben@harbour.example"}, {"email": ""}, {"email": "none"}, {}])
def test_what_cannot_be_recognised_is_a_lead_of_its_own(db: None, said: dict[str, str]) -> None:
    source = make_form(match_action="reject")
    lead(source, **KNOWN)
    lead(source, my_id="L-2", **said)
    assert ids() == ["L-1", "L-2"]


def test_a_record_does_not_duplicate_itself(db: None) -> None:
    source = make_form(match_action="reject")
    lead(source, **KNOWN)
    assert lead(source, **KNOWN, city="Harbour Town").notes == []
    assert Contact.objects.get().fields["city"] == "Harbour Town"


def test_a_known_record_may_take_over_a_value_of_another(db: None) -> None:
    source = make_form(match_action="reject")
    lead(source, **KNOWN)
    lead(source, my_id="L-2", email="ben@harbour.example")
    lead(source, my_id="L-2", email="ana@harbour.example")
    assert Contact.objects.get(external_id="L-2").fields["email"] == "ana@harbour.example"


def test_another_system_knows_other_people(db: None) -> None:
    lead(make_form(match_action="reject", system="Another CRM"), **KNOWN)
    other = make_source(
        "Web", dialect="key_values", path_record_id="my_id", match_field="email", match_action="reject"
    )
    lead(other, my_id="L-2", email=KNOWN["email"])
    assert ids() == ["L-1", "L-2"]


def test_equal_leads_in_one_request_are_recognised(db: None) -> None:
    source = make_form(match_action="reject")
    post(source, [KNOWN, {**KNOWN, "my_id": "L-2"}])
    work()
    assert ids() == ["L-1"]


def test_constants_are_for_new_records_and_yield_to_the_sender(db: None) -> None:
    source = make_form()
    for field, value in {"stage": "Lead", "campaign": "Autumn"}.items():
        SourceConstant.objects.create(source=source, field=field, value=value)
    lead(source, **KNOWN, campaign="Winter")
    Contact.objects.update(fields={**Contact.objects.get().fields, "stage": "Enrolled"})
    lead(source, **KNOWN, city="Harbour Town")
    fields = Contact.objects.get().fields
    assert (fields["stage"], fields["campaign"]) == ("Enrolled", "Winter")
