"""The keys two hubs exchange beside plain fields, each in its place."""

from typing import Any

import pytest

from automations.changes import DocumentsAsked
from webhooks_in.dialects import FieldRow, Reading
from webhooks_in.dialects.key_values import DIALECT
from webhooks_in.dialects.special_keys import BEYOND, NO_COPY, NO_PLAN, TOO_MANY, Told, read

TAGS = {"BUDGET_RENT": "budget.rent", "BUDGET_TAX": "budget.home.tax", "FIRSTNAME": "first_name"}


def told(sent: dict[str, Any]) -> Told:
    """What the keys say."""
    return read(sent, TAGS)


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("_coapp_firstname", "coapplicant.first_name"),
        ("_coapp_lastname", "coapplicant.last_name"),
        ("_coapp_cellphone", "coapplicant.cell_phone"),
        ("_coapp_email", "coapplicant.email"),
        ("_coapp_Favourite color", "coapplicant.Favourite color"),
        ("bank_name", "bank.name"),
        ("account_num", "bank.account"),
        ("routing", "bank.routing"),
        ("routing_number", "bank.routing"),
        ("BUDGET_RENT", "budget.rent"),
        ("{BUDGET_RENT}", "budget.rent"),
    ],
)
def test_a_key_fills_its_part_of_an_object(key: str, path: str) -> None:
    head, _, part = path.partition(".")
    found = told({key: "x"})
    assert (found.fields, found.joined, found.rest) == ({head: {part: "x"}}, {head}, {})


def test_a_budget_tag_may_lead_deeper() -> None:
    assert told({"BUDGET_TAX": "5", "BUDGET_RENT": "9"}).fields == {
        "budget": {"home": {"tax": "5"}, "rent": "9"}
    }


@pytest.mark.parametrize(
    "key", ["budget_rent", "FIRSTNAME", "coapp_x", "_coapp_", "cred0_name", "cred1name", "Routing"]
)
def test_any_other_key_is_left_as_it_is(key: str) -> None:
    assert told({key: "x"}) == Told(rest={key: "x"})


def test_creditors_come_in_order_without_gaps_or_empty_ones() -> None:
    sent = {
        "cred3_name": "Third",
        "cred1_name": "First",
        "cred1_debt": "5000.00",
        "cred1_accountnum": "4111",
        "cred1_accounttype": "card",
        "cred1_collection_name": "ACME",
        "cred1_currentpay": "90",
        "cred1_whose_debt": "both",
        "cred1_lastpayment": "2026-10-01",
        "cred1_notes": "late",
        "cred2_name": "",
        "cred10_current_payment": "7",
    }
    first = {
        "name": "First",
        "debt": "5000.00",
        "account": "4111",
        "type": "card",
        "collection_name": "ACME",
        "current_payment": "90",
        "holder": "both",
        "last_payment": "2026-10-01",
        "notes": "late",
    }
    assert told(sent).fields == {"creditors": [first, {"name": "Third"}, {"current_payment": "7"}]}


def test_creditors_are_bounded() -> None:
    found = told({f"cred{number}_name": str(number) for number in range(1, 300)})
    assert [one["name"] for one in found.fields["creditors"]] == [str(number) for number in range(1, 201)]
    assert found.notes == [BEYOND]


@pytest.mark.parametrize("sent", ['{"months": 48, "fee": 0.10}', {"months": 48}, "[1]"])
def test_a_plan_is_restored(sent: Any) -> None:
    plan = told({"__plan_data": sent}).fields["plan_data"]
    assert isinstance(plan, dict | list)
    assert not told({"__plan_data": sent}).notes


@pytest.mark.parametrize("sent", ["{", "48 months", "48", '"text"', "[" * 200, '{"a": NaN}'])
def test_a_plan_that_is_none_is_kept_as_text_and_noted(sent: str) -> None:
    found = told({"__plan_data": sent})
    assert (found.fields, found.notes) == ({"plan_data": sent}, [NO_PLAN])


def test_a_record_without_a_plan_says_nothing_of_it() -> None:
    assert told({"__plan_data": "", "__copydocs": "22-7-"}) == Told()


@pytest.mark.parametrize(
    ("sent", "asked"),
    [
        ("22-7-1,2,3", DocumentsAsked("22", "7", ("1", "2", "3"))),
        ("22-7-1,1", DocumentsAsked("22", "7", ("1",))),
        ("A.b_c-a-long-id-5", DocumentsAsked("A.b_c", "a-long-id", ("5",))),
    ],
)
def test_documents_are_asked_for(sent: str, asked: DocumentsAsked) -> None:
    assert told({"__copydocs": sent}) == Told(documents=asked)


@pytest.mark.parametrize(
    "sent",
    [
        "22",
        "22-7",
        "22--1",
        "-7-1",
        "22-7-1,x",
        "22-7-1,,2",
        f"22-7-{'9' * 19}",
        "2/2-7-1",
        "{ACCTID}-{ID}-1",
    ],
)
def test_what_names_no_documents_is_noted(sent: str) -> None:
    assert told({"__copydocs": sent}) == Told(notes=[NO_COPY])


def test_the_number_of_documents_is_bounded() -> None:
    found = told({"__copydocs": f"22-7-{','.join(map(str, range(1, 200)))}"})
    assert found.documents
    assert len(found.documents.ids) == 100
    assert found.notes == [TOO_MANY]


def test_a_post_is_read_with_its_special_keys() -> None:
    sent = {
        "id": "7",
        "firstname": "Ana",
        "_coapp_email": "b@x.example",
        "__copydocs": "22-7-1",
        "bank_name": "First",
    }
    rows = (FieldRow("bank_name", "employer"),)
    (update,) = DIALECT.parse(sent, Reading(field_map=rows, tags=TAGS))
    assert not isinstance(update, Exception)
    assert update.fields == {
        "id": "7",
        "firstname": "Ana",
        "coapplicant": {"email": "b@x.example"},
        "employer": "First",
    }
    assert (update.joined, update.documents) == ({"coapplicant"}, DocumentsAsked("22", "7", ("1",)))


def test_an_object_of_the_same_name_gives_way_with_a_note() -> None:
    (update,) = DIALECT.parse({"id": "7", "bank": "x", "bank_name": "First"}, Reading())
    assert not isinstance(update, Exception)
    assert update.fields["bank"] == {"name": "First"}
    assert update.notes == ("bank was left out: another key is mapped to the field of that name.",)
