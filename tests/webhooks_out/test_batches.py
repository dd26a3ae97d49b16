"""Many rows in one statement: what is stored is what was given, to the digit and the byte."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from automations.models import Change, Record, Run, System
from tests.world import make_webhook
from webhooks_out import batches
from webhooks_out.exact_json import dumps
from webhooks_out.models import Attempt, Delivery

AT = datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
HOSTILE = 'O\'Brien "\\x41" 😀 \u2028\x7f\t%s {} $1'
VALUES = [
    ("body", b"\x00\xff\\x41 'quoted'"),
    ("body", memoryview(b"seen")),
    ("created_at", AT),
    ("due_at", None),
    ("headers", {"X-Team": HOSTILE, HOSTILE: ""}),
    ("headers", {}),
    ("hops", 32_767),
    ("state", Delivery.State.HELD),
    ("status", None),
    ("title", HOSTILE),
    ("url", ""),
]
EXACT = [
    {"debt": Decimal("0.10"), "big": 2**70, "tiny": Decimal("1E-99"), "deep": [{"0": [None, True]}]},
    {"text": HOSTILE, "": {}, "number as text": "0.10"},
    {},
]


def stored(**values: Any) -> Delivery:
    """A delivery of these values, as it is read back."""
    delivery = Delivery(**values)
    batches.insert([delivery])
    return Delivery.objects.get(pk=delivery.pk)


def make_change(**values: Any) -> Change:
    """A change of a stored record, not stored itself."""
    system, _ = System.objects.get_or_create(name="Harbour CRM")
    record, _ = Record.objects.get_or_create(system=system, type="Contact", external_id="7")
    return Change(record=record, event="updated", **values)


@contextmanager
def refused(*errors: type[Exception]) -> Iterator[None]:
    """The database, or the way to it, does not take this."""
    with pytest.raises(errors), transaction.atomic():
        yield


@pytest.mark.django_db
@pytest.mark.parametrize(("field", "value"), VALUES)
def test_a_value_comes_back_as_it_was(field: str, value: Any) -> None:
    seen = getattr(stored(**{field: value}), field)
    assert seen == value
    assert type(seen) in (type(value), str, bytes, memoryview, datetime)


@pytest.mark.django_db
def test_a_secret_is_stored_sealed_and_can_be_revealed() -> None:
    delivery = stored(sealed="hush 😀")
    assert delivery.sealed.reveal() == "hush 😀"
    assert "hush" not in delivery.sealed.sealed


@pytest.mark.django_db
@pytest.mark.parametrize("value", EXACT)
def test_json_keeps_its_digits(value: dict[str, Any]) -> None:
    batches.insert([make_change(fields=value, notes=[*value.values()])])
    there = Change.objects.get()
    assert {key: dumps(item) for key, item in there.fields.items()} == {
        key: dumps(item) for key, item in value.items()
    }
    assert dumps(there.notes) == dumps([*value.values()])


@pytest.mark.django_db
def test_rows_may_point_at_rows_stored_just_before() -> None:
    change, delivery = make_change(), Delivery(webhook=make_webhook("https://a.example/"))
    run = Run(change=change, record=change.record, delivery=delivery, kind="post_webhook")
    for one in (change, delivery, run):
        batches.insert([one])
    there = Run.objects.select_related("change", "delivery__webhook").get()
    assert (there.change, there.delivery, there.rule) == (change, delivery, None)
    assert delivery.webhook == Delivery.objects.get().webhook


@pytest.mark.django_db
def test_what_was_inserted_can_be_changed() -> None:
    change = make_change()
    batches.insert([change])
    change.event = "deleted"
    change.save()
    assert Change.objects.get().event == "deleted"


@pytest.mark.django_db
def test_many_rows_take_few_statements_and_none_takes_none(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_max_num_queries(2):
        batches.insert([Delivery(title=str(number)) for number in range(40)])
    with django_assert_max_num_queries(0):
        batches.insert([])
    assert Delivery.objects.count() == 40


@pytest.mark.django_db
def test_constraints_hold() -> None:
    receipt_id = UUID(int=7)
    batches.insert([make_change(receipt_id=receipt_id)])
    with refused(IntegrityError):
        batches.insert([make_change(receipt_id=receipt_id)])


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite stores what it is given")
@pytest.mark.parametrize("value", ["\x00", "\ud800", "x" * 121])
def test_what_the_database_cannot_store_is_refused(value: str) -> None:
    with refused(DataError, UnicodeEncodeError):
        batches.insert([Delivery(title=value)])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "value"),
    [("uuid", UUID(int=7)), ("timestamptz", AT), ("text", HOSTILE), ("text", None), ("boolean", True)],
)
def test_a_table_can_be_compared_with_what_is_stored(kind: str, value: Any) -> None:
    columns = {"id": "uuid", "wanted": kind}
    field = {"uuid": "correlation_id", "timestamptz": "created_at", "text": "title", "boolean": "cut"}[kind]
    delivery = Delivery(title=HOSTILE, created_at=AT, correlation_id=UUID(int=7))
    batches.insert([delivery])
    Attempt.objects.create(delivery=delivery, number=1, cut=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {field} = wanted FROM {batches.table(columns)}
                JOIN webhooks_out_delivery ON webhooks_out_delivery.id = said.id
                JOIN webhooks_out_attempt ON delivery_id = said.id""",
            [batches.rows(columns, [(delivery.pk, value)])],
        )
        assert cursor.fetchall() == [(None if value is None else True,)]


@pytest.mark.django_db
def test_a_table_has_no_rows_when_none_are_given() -> None:
    columns = {"id": "uuid"}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {batches.table(columns)}", [batches.rows(columns, [])])
        assert cursor.fetchall() == []
