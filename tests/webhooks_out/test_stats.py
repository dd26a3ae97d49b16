"""Counts by time are ranges of the primary key."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.webhooks_out.test_jobs import make_delivery
from webhooks_out import stats
from webhooks_out.jobs import new_id
from webhooks_out.models import Delivery

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def made_at(moment: datetime, **options: object) -> Delivery:
    """A settled delivery whose id is of that moment."""
    number = stats.first_id(moment).int | 7 << 76 | 2 << 62 | new_id().int & (1 << 60) - 1
    return make_delivery(**{"pk": UUID(int=number), "due_at": None, "state": "done", **options})


def test_an_id_is_never_before_the_first_one_of_its_moment() -> None:
    before = timezone.now()
    one = new_id()
    assert stats.first_id(before - timedelta(milliseconds=1)) < one
    assert one < stats.first_id(timezone.now() + timedelta(milliseconds=1))


def test_rows_are_counted_in_the_hour_they_were_made_in(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for minutes in (-1, 0, 59, 60, 61, 180):
        made_at(NOON + timedelta(minutes=minutes))
    with django_assert_num_queries(1):
        assert stats.per_hour(Delivery, NOON, 3) == [2, 2, 0]


def test_an_hour_can_be_asked_for_one_state() -> None:
    made_at(NOON, state="dead")
    made_at(NOON)
    assert stats.per_hour(Delivery, NOON, 1, state="dead") == [1]


def test_what_is_not_done_is_counted_by_its_state() -> None:
    made_at(NOON, state="dead")
    made_at(NOON, state="held")
    made_at(NOON)
    made_at(NOON - timedelta(seconds=1), state="dead")
    assert stats.unfinished(Delivery, NOON) == {"dead": 1, "held": 1}


def test_a_backlog_knows_its_oldest() -> None:
    assert stats.backlog(Delivery) == stats.Backlog(0, None)
    for minutes in (5, 3, 9):
        made_at(NOON, state="waiting", due_at=NOON + timedelta(minutes=minutes))
    made_at(NOON)
    assert stats.backlog(Delivery) == stats.Backlog(3, NOON + timedelta(minutes=3))


@pytest.mark.skipif(
    connection.vendor == "postgresql",
    reason="PostgreSQL plans by the size of the table, which is nothing here",
)
def test_the_counts_use_indexes_and_never_read_the_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN QUERY PLAN SELECT COUNT(*) FROM webhooks_out_delivery "
            "WHERE id >= %s AND id < %s AND NOT (state = 'done') AND state = %s",
            ["0", "f", "dead"],
        )
        assert "delivery_unfinished" in str(cursor.fetchall())
