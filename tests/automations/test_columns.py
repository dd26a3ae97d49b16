"""The columns of a list show any field of a record, in one query, cut, escaped and with dots for what is sensitive."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from automations import columns
from automations.columns import Shown
from automations.models import Column, Record, System

pytestmark = pytest.mark.django_db
FIELDS = {
    "email": "ana@harbour.example",
    "a.b": "with a dot",
    "a": {"b": "walked", "c.d": "dot inside", "list": [1, {"name": "second"}], "none": None},
    "amount": "replaced below",
    "tags": ["x", "y"],
    "object": {"city": "Springfield"},
    "zero": 0,
    "no": False,
    "markup": "<script>alert(1)</script>",
    "long": "z" * 5_000,
    "empty": "",
    "$.x": "dollar",
    "Region__c": "Größe",
    "ssn": "078-05-1120",
}


def cells(*paths: str) -> list[str]:
    """The text of the cells of one record's row, as the list asks for them."""
    shown = [Shown(path, (path,), place) for place, path in enumerate(paths)]
    record = columns.annotated(Record.objects.defer("fields"), shown).get()
    return [str(column(record)).partition('">')[2].removesuffix("</span>") for column in shown]


@pytest.fixture(autouse=True)
def ana() -> Record:
    crm = System.objects.create(name="Harbour CRM")
    return Record.objects.create(system=crm, type="Contact", external_id="7", fields=FIELDS)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("email", "ana@harbour.example"),
        ("a.b", "with a dot"),
        ("a.c.d", "dot inside"),
        ("a.list.1.name", "second"),
        ("a.list.0", "1"),
        ("a.list.7", ""),
        ("a.none", ""),
        ("tags", "x, y"),
        ("tags.1", "y"),
        ("object.city", "Springfield"),
        ("object", "{&quot;city&quot;:&quot;Springfield&quot;}"),
        ("zero", "0"),
        ("no", "false"),
        ("empty", ""),
        ("missing", ""),
        ("missing.deeper", ""),
        ("email.deeper", ""),
        ("$.x", "dollar"),
        ("Region__c", "Größe"),
        ('quo"te', ""),
        ("back\\slash", ""),
        (".", ""),
        ("..", ""),
        ("a." * 90, ""),
        ("markup", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("long", "z" * 59 + "…"),
    ],
)
def test_a_cell_shows_what_stands_at_its_path(path: str, expected: str) -> None:
    assert cells(path) == [expected]


def test_decimals_keep_their_digits(ana: Record) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE automations_record SET fields = %s", ['{"amount": 18250.750}'])
    assert cells("amount") == ["18250.750"]


def test_all_columns_are_read_in_the_query_of_the_list_and_the_record_is_not() -> None:
    shown = [Shown("Email", ("email", "EMAIL_ADDRESS"), 1), Shown("City", ("object.city",), 2)]
    with CaptureQueriesContext(connection) as captured:
        record = columns.annotated(Record.objects.defer("fields"), shown).get()
        assert all(column(record) for column in shown)
    assert len(captured) == 1
    assert "fields" in record.get_deferred_fields()


def test_the_first_field_that_holds_anything_is_shown() -> None:
    column = Shown("Email", ("missing", "empty", "a.none", "email"), 1)
    record = columns.annotated(Record.objects.all(), [column]).get()
    assert "ana@harbour.example" in str(column(record))


def test_what_is_sensitive_is_shown_as_dots() -> None:
    Column.objects.create(record_type="Contact", path="ssn")
    record = columns.annotated(Record.objects.all(), shown := columns.of_list("Contact")).get()
    (column,) = shown
    assert isinstance(column, Shown)
    assert "078" not in str(column(record))
    assert "••••" in str(column(record))


@pytest.mark.parametrize(
    ("record_type", "expected"),
    [("Contact", ["Email", "Phone", "stage"]), ("Task", ["Due", "status"]), ("Payment", []), ("", [])],
)
def test_a_list_nobody_chose_columns_for_has_the_usual_ones(record_type: str, expected: list[str]) -> None:
    assert [_heading(column) for column in columns.of_list(record_type)] == expected


def test_chosen_columns_stand_in_their_order_and_are_counted() -> None:
    for position in range(columns.MAX_COLUMNS + 1, 0, -1):
        Column.objects.create(record_type="Contact", path=f"field{position}", position=position)
    Column.objects.create(record_type="Contact", path="email", label="Mail", position=0)
    headings = [_heading(column) for column in columns.of_list("Contact")]
    assert headings == ["Mail", *(f"field{number}" for number in range(1, columns.MAX_COLUMNS))]


def _heading(column: Any) -> str:
    return column if isinstance(column, str) else column.short_description
