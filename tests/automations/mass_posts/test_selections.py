"""A selection is frozen in one statement, in the list's order, and stays what it was."""

import pytest
from django.db.models import Q
from pytest_django import DjangoAssertNumQueries

from automations.mass_posts import selections
from automations.models import Batch, BatchItem, Record
from tests.automations.mass_posts.crowd import make_contacts

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    return Batch.objects.create(webhook_title="Dialer")


def frozen(batch: Batch) -> list[str]:
    """The ids of its records, in its order."""
    return list(BatchItem.objects.filter(batch=batch).values_list("record__external_id", flat=True))


def test_the_order_is_that_of_the_list(batch: Batch) -> None:
    assert selections.freeze(batch, make_contacts(3).order_by("-id")) == 3
    assert frozen(batch) == ["3", "2", "1"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Q(name__contains="son 1"), ["1", "10"]),
        (Q(name="100 % 's"), []),
        (Q(pk__in=()), []),
        (Q(system__name="Harbour CRM", external_id__in=("2", "3")), ["2", "3"]),
    ],
)
def test_a_filter_is_frozen_as_it_stands(batch: Batch, wanted: Q, found: list[str]) -> None:
    assert selections.freeze(batch, make_contacts(10).filter(wanted)) == len(found)
    assert frozen(batch) == found


def test_a_record_found_twice_is_posted_once(batch: Batch) -> None:
    record = make_contacts(1).get()
    for value in ("a@b.example", "c@d.example"):
        record.identifiers.create(kind="email", value=value)
    selections.freeze(batch, Record.objects.filter(identifiers__kind="email"))
    assert frozen(batch) == ["1"]


def test_one_statement_freezes_any_number(
    batch: Batch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    records = make_contacts(1_200)
    with django_assert_num_queries(1):
        assert selections.freeze(batch, records) == 1_200


def test_what_changes_later_changes_no_selection(batch: Batch) -> None:
    selections.freeze(batch, make_contacts(2).filter(name__startswith="Person"))
    Record.objects.update(name="somebody else")
    assert frozen(batch) == ["1", "2"]
