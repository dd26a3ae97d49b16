"""A record is found by its id and by its name, as people write it."""

import pytest

from automations import search
from automations.models import Contact, Record, System

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people() -> None:
    crm = System.objects.create(name="Harbour CRM")
    for external_id, name in [
        ("7", "Ana Lopez"),
        ("8", "ANATOL Berg"),
        ("9", "Mariana Cruz"),
        ("10", "100% Sure"),
    ]:
        Record.objects.create(system=crm, type="Contact", external_id=external_id, name=name)
    Record.objects.create(system=crm, type="Company", external_id="7", name="Harbour Learning")


def found(term: str) -> set[str]:
    ids = search.records(Contact.objects.all(), term, ["Contact"])
    return set(Record.objects.filter(pk__in=ids).values_list("name", flat=True))


@pytest.mark.parametrize(
    ("term", "names"),
    [
        ("7", {"Ana Lopez"}),
        (" ana ", {"Ana Lopez", "ANATOL Berg", "Mariana Cruz"}),
        ("lopez", {"Ana Lopez"}),
        ("100%", {"100% Sure"}),
        ("%", {"100% Sure"}),
        ("Harbour", set()),
        ("", set()),
        ("a\x00", set()),
    ],
)
def test_people_are_found(term: str, names: set[str]) -> None:
    assert found(term) == names


def test_beyond_the_newest_only_the_start_of_a_name_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "LOOKED_THROUGH", 2)
    assert found("ana") == {"Ana Lopez", "ANATOL Berg", "Mariana Cruz"}
    assert found("lopez") == set()
