"""Staff edit records in a form that keeps types, loses nothing, and says what it started."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from automations.models import Change, Record, System
from tests.staff import person, queries, signed_in, text
from tests.world import make_rule, make_webhook
from webhooks_out import definitions

pytestmark = pytest.mark.django_db
EDIT = ("automations.view_contact", "automations.change_contact")
FIELDS = {
    "id": 7,
    "first_name": "Ana",
    "note": "one\ntwo",
    "debt": Decimal("1200.50"),
    "vip": False,
    "nickname": None,
    "ssn": "123-45-6789",
    "coapplicant": {"first_name": "Bo"},
}


@pytest.fixture
def ana(db: None) -> Record:
    """Ana, as the CRM told of her."""
    system = System.objects.create(name="Harbour CRM")
    return Record.objects.create(system=system, type="Contact", external_id="7", name="Ana", fields=FIELDS)


def url(record: Record, page: str = "edit", model: str = "contact") -> str:
    """The address of a page about a record."""
    return reverse(f"admin:automations_{model}_{page}", args=[record.pk])


def filled(client: Client, address: str, entered: dict[str, str], **added: str) -> dict[str, Any]:
    """What a browser would post from the form with these values entered, and one further field added."""
    context = client.get(address).context
    rows = [row for rows in context["groups"].values() for row in rows] + context["further"]
    posted: dict[str, Any] = {name: [] for name in ("path", "kind", "mark", "value", "deed")}
    further = iter(added.items())
    for row in rows:
        path, value = next(further, ("", "")) if row.new else (row.path, entered.get(row.path, row.written))
        for name, part in zip(
            posted, (path, row.kind, row.mark, value.replace("\n", "\r\n"), row.deed), strict=True
        ):
            posted[name].append(part)
    return posted


def test_a_form_posted_as_it_is_changes_nothing(ana: Record) -> None:
    client = signed_in(*EDIT)
    answer = client.post(url(ana), filled(client, url(ana), {}))
    assert "Nothing was changed." in text(client.get(answer["Location"]))
    assert not Change.objects.exists()


def test_an_edit_is_saved_told_and_says_what_it_started(ana: Record) -> None:
    make_rule(make_webhook("http://127.0.0.1:9/"), ("vip", "changed_to", "true"), name="Tell the dialer")
    definitions.touch()
    client = signed_in(*EDIT)
    entered = {"vip": "true", "debt": "0.10", "coapplicant.first_name": "Bodil", "note": "one\n\ntwo"}
    answer = client.post(url(ana), filled(client, url(ana), entered, hobby="Chess"))
    page = text(client.get(answer["Location"]))
    ana.refresh_from_db()
    assert ana.fields == {
        **FIELDS,
        "vip": True,
        "debt": Decimal("0.10"),
        "note": "one\n\ntwo",
        "coapplicant": {"first_name": "Bodil"},
        "hobby": "Chess",
    }
    assert "Saved 5 fields. It started 1 rule: “Tell the dialer”." in page
    assert "Staff" in page
    assert "by mia" in page
    assert "Edited coapplicant.first_name, debt, hobby, note, vip." in str(
        LogEntry.objects.get().change_message
    )


def test_an_edit_that_starts_nothing_says_so(ana: Record) -> None:
    client = signed_in(*EDIT)
    answer = client.post(url(ana), filled(client, url(ana), {"first_name": "Anna"}))
    assert "Saved 1 field. No rule fired" in text(client.get(answer["Location"]))


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(ana: Record) -> None:
    client = signed_in(*EDIT)
    entered = {"debt": "a lot", "first_name": "Anna"}
    page = text(client.post(url(ana), filled(client, url(ana), entered, **{"first_name.x": "y"})))
    for words in ("“a lot” is no number", 'value="Anna"', "first_name holds a value", 'value="first_name.x"'):
        assert words in page
    assert not Change.objects.exists()


def test_two_edits_of_one_field_show_both_values_and_lose_neither(ana: Record) -> None:
    mia, bea = signed_in(*EDIT), signed_in(*EDIT, name="bea")
    saw = filled(mia, url(ana), {"first_name": "Anita", "vip": "true"})
    bea.post(url(ana), filled(bea, url(ana), {"first_name": "Anna", "note": "three"}))
    answer = mia.post(url(ana), saw)
    page = text(answer)
    for words in (
        "Somebody else changed this record",
        "Meanwhile it became “Anna”",
        'value="Anita"',
        "three",
    ):
        assert words in page
    assert Change.objects.count() == 1
    rows = {row.path: row for rows in answer.context["groups"].values() for row in rows}
    again: dict[str, Any] = {
        "path": list(rows),
        "kind": [row.kind for row in rows.values()],
        "mark": [row.mark for row in rows.values()],
        "value": [row.written for row in rows.values()],
        "deed": [row.deed for row in rows.values()],
    }
    mia.post(url(ana), again)
    ana.refresh_from_db()
    assert ana.fields == {**FIELDS, "first_name": "Anita", "vip": True, "note": "three"}


def test_a_further_field_that_somebody_else_made_is_shown(ana: Record) -> None:
    client = signed_in(*EDIT)
    posted = filled(client, url(ana), {}, hobby="Chess")
    client.post(url(ana), filled(client, url(ana), {}, hobby="Sailing"))
    assert "Meanwhile it became “Sailing”. You entered “Chess”" in text(client.post(url(ana), posted))


def test_a_sensitive_value_is_replaced_or_emptied_but_not_shown(ana: Record) -> None:
    client = signed_in(*EDIT)
    assert "6789" not in text(client.get(url(ana)))
    client.post(url(ana), filled(client, url(ana), {"ssn": "987-65-4321"}))
    ana.refresh_from_db()
    assert ana.fields["ssn"] == "987-65-4321"
    posted = filled(client, url(ana), {})
    posted["deed"][posted["path"].index("ssn")] = "clear"
    client.post(url(ana), posted)
    ana.refresh_from_db()
    assert ana.fields["ssn"] == ""


def test_an_empty_field_takes_the_kind_that_is_chosen(ana: Record) -> None:
    client = signed_in(*EDIT)
    posted = filled(client, url(ana), {"nickname": "12.0"})
    posted["kind"][posted["path"].index("nickname")] = "number"
    client.post(url(ana), posted)
    ana.refresh_from_db()
    assert str(ana.fields["nickname"]) == "12.0"


@pytest.mark.parametrize(
    "posted",
    [
        {"path": ["first_name"], "value": []},
        {},
        {"path": ["x"] * 2, "kind": ["text"] * 2, "mark": ["", ""], "value": ["a", "b"], "deed": ["", ""]},
    ],
)
def test_a_made_up_form_changes_nothing(ana: Record, posted: dict[str, Any]) -> None:
    assert signed_in(*EDIT).post(url(ana), posted).status_code in (200, 302)
    assert not Change.objects.exists()


@pytest.mark.parametrize("permissions", [("automations.view_contact",), ("automations.change_company",), ()])
def test_who_may_not_change_records_cannot_by_direct_post(ana: Record, permissions: tuple[str, ...]) -> None:
    client = signed_in(*permissions)
    posted = filled(signed_in(*EDIT, name="eve"), url(ana), {"first_name": "Eve"})
    assert client.post(url(ana), posted).status_code == 403
    assert client.get(url(ana)).status_code == 403
    assert client.post(url(ana, model="company"), posted).status_code in (403, 404)
    assert client.post(url(ana, page="change"), {"name": "x"}).status_code == 403
    assert not Change.objects.exists()


def test_a_button_leads_to_the_form_where_it_can_be_used(ana: Record) -> None:
    assert url(ana) in text(signed_in(*EDIT).get(url(ana, "change")))
    assert url(ana) not in text(signed_in("automations.view_contact", name="vic").get(url(ana, "change")))


def test_a_deleted_record_is_not_edited(ana: Record) -> None:
    Record.objects.update(deleted=True)
    client = signed_in(*EDIT)
    answer = client.post(url(ana), {}, follow=True)
    assert "cannot be changed any more" in text(answer)
    assert url(ana) not in text(answer)


def test_an_edit_needs_the_csrf_token(ana: Record) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person(superuser=True))
    assert client.post(url(ana), {}).status_code == 403


def test_the_form_costs_the_same_for_a_large_record(ana: Record) -> None:
    client, small = signed_in(*EDIT), queries(signed_in(*EDIT, name="eve"), url(ana))
    Record.objects.update(fields={f"field{number}": number for number in range(150)})
    assert queries(client, url(ana)) == small <= 12


def test_a_contact_is_made_by_hand_and_fires_rules(ana: Record) -> None:
    make_rule(make_webhook("http://127.0.0.1:9/"), event="created", monitor="every")
    definitions.touch()
    client = signed_in(*EDIT, "automations.add_contact")
    address = reverse("admin:automations_contact_add")
    entered = {"first_name": "Cleo", "email": "cleo@harbour.example"}
    posted = filled(client, address, entered, hobby="Chess") | {"system": ana.system_id}
    page = text(client.post(address, posted, follow=True))
    cleo = Record.objects.get(name="Cleo")
    assert cleo.fields == {**entered, "hobby": "Chess"}
    assert "It started 1 rule" in page


@pytest.mark.parametrize("posted", [{}, {"system": "x"}, {"system": "99"}])
def test_a_new_record_needs_a_system_and_a_value(ana: Record, posted: dict[str, str]) -> None:
    client = signed_in("automations.add_contact", *EDIT)
    address = reverse("admin:automations_contact_add")
    answer = client.post(address, {**filled(client, address, {"first_name": "Cleo"}), **posted})
    assert "choose the system" in text(answer)
    assert 'value="Cleo"' in text(answer)
    assert Record.objects.count() == 1


def test_who_may_not_make_records_cannot_by_direct_post(ana: Record) -> None:
    assert signed_in(*EDIT).post(reverse("admin:automations_contact_add"), {"system": "1"}).status_code == 403
    assert signed_in(superuser=True, name="s").get(reverse("admin:automations_record_add")).status_code == 403


def test_without_any_system_the_next_step_is_named(db: None) -> None:
    page = signed_in(superuser=True).get(reverse("admin:automations_contact_add"), follow=True)
    assert "Set up a data source first" in text(page)
