"""A record is found by its id, name, e-mail address and telephone, as people write them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from automations import engine, matching, search
from automations.changes import RecordUpdate
from automations.models import Contact, Record, System
from automations.records import Heard

pytestmark = pytest.mark.django_db
PEOPLE = [
    ("7", {"name": "Ana Lopez", "email": "Ana.Lopez@harbour.example", "phone": "+1 555 010 7788"}),
    ("8", {"name": "ANATOL Berg", "EMAIL_ADDRESS": "berg@ana.example", "homephone": "(030) 1234567"}),
    ("9", {"first_name": "Mariana", "last_name": "de la Cruz", "phone": "+49 30 7654321"}),
    ("10", {"name": "100% Sure"}),
    ("11", {"name": "Mary McDonald", "mobile": "5551234567"}),
]
ANA, BERG, CRUZ, SURE, MARY = "Ana Lopez", "ANATOL Berg", "Mariana de la Cruz", "100% Sure", "Mary McDonald"


@pytest.fixture(autouse=True)
def people() -> None:
    crm = System.objects.create(name="Harbour CRM")
    said = [("Contact", which, fields) for which, fields in PEOPLE]
    said.append(("Company", "7", {"name": "Harbour Learning", "email": "ana@learning.example"}))
    updates = [
        RecordUpdate(kind, which, "", fields, complete=True, changes=None) for kind, which, fields in said
    ]
    engine.handle_all([(update, Heard(crm.pk)) for update in updates], matching.rules())


def found(term: str) -> set[str]:
    ids = search.records(Contact.objects.all(), term, ["Contact"])
    return set(Record.objects.filter(pk__in=ids).values_list("name", flat=True))


@pytest.mark.parametrize(
    ("term", "names"),
    [
        ("7", {ANA}),
        (" ana ", {ANA, BERG}),
        ("anatol", {BERG}),
        ("LOPEZ", {ANA}),
        ("lopez, ana", {ANA}),
        ("ana\xa0 lopez", {ANA}),
        ("Lopez Ana", {ANA}),
        ("ana lop", {ANA}),
        ("de la cr", {CRUZ}),
        ("mcdonald", {MARY}),
        ("100%", {SURE}),
        ("%", set()),
        ("opez", set()),
        ("Harbour", set()),
        ("", set()),
        ("a\x00", set()),
        ("a" * 201, set()),
        ("\U0010ffff", set()),
        ("\ud800", set()),
    ],
)
def test_people_are_found_by_id_and_name(term: str, names: set[str]) -> None:
    assert found(term) == names


@pytest.mark.parametrize(
    ("term", "names"),
    [
        ("ana.lopez@harbour.example", {ANA}),
        ("ANA.LOPEZ@", {ANA}),
        ("berg@", {BERG}),
        ("@harbour.example", set()),
    ],
)
def test_people_are_found_by_the_start_of_their_address(term: str, names: set[str]) -> None:
    assert found(term) == names


@pytest.mark.parametrize(
    ("term", "names"),
    [
        ("+1 555 010 7788", {ANA}),
        ("(555) 010-7788", {ANA}),
        ("5550107788", {ANA}),
        ("15550107788", {ANA}),
        ("555.010.7788 ext 12", {ANA}),
        ("010-7788", {ANA}),
        ("0107788", {ANA}),
        ("030 1234567", {BERG}),
        ("+49 30 1234567", {BERG}),
        ("030 7654321", {CRUZ}),
        ("1234567", {BERG, MARY}),
        ("7788", set()),
        ("call 5550107788", set()),
    ],
)
def test_people_are_found_by_their_telephone_however_it_is_written(term: str, names: set[str]) -> None:
    assert found(term) == names


@pytest.mark.parametrize("term", ["ana", "lopez, ana", "5550107788"])
def test_a_search_takes_few_statements(term: str) -> None:
    with CaptureQueriesContext(connection) as captured:
        found(term)
    assert len(captured) <= 7


def test_every_part_of_a_search_is_a_range_of_an_index() -> None:
    with CaptureQueriesContext(connection) as captured:
        found("5550107788")
    for query in captured.captured_queries[:-1]:
        if connection.vendor == "sqlite":
            plan = "\n".join(row[3] for row in _explained(f"EXPLAIN QUERY PLAN {query['sql']}"))
            assert "SCAN automations" not in plan
            assert "identifier" not in plan or "INDEX identifier (kind=? AND value>? AND value<?)" in plan


def _explained(statement: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())
