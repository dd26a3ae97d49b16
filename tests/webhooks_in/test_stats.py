"""What arrives from each source is counted in a few queries."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.world import SECRET, make_source, post, update
from webhooks_in.models import Receipt
from webhooks_in.stats import Traffic, traffic

pytestmark = pytest.mark.django_db


def test_a_source_that_sent_nothing_has_no_traffic() -> None:
    source = make_source()
    assert traffic([source.pk]) == {source.pk: Traffic()}


def test_what_came_in_and_what_was_kept_out_is_counted(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    open_one, signed = make_source(), make_source("Signed", preset="github", secret=SECRET)
    for _ in range(3):
        post(open_one, update({}))
    post(signed, update({}))
    with django_assert_num_queries(4):
        found = traffic([open_one.pk, signed.pk])
    last = Receipt.objects.filter(source=open_one).order_by("-id").values_list("created_at", flat=True)[0]
    assert found[open_one.pk] == Traffic(last_at=last, received=3)
    assert (found[signed.pk].quarantined, found[signed.pk].refused) == (1, 1)


def test_the_day_before_yesterday_does_not_count() -> None:
    source = make_source()
    post(source, update({}))
    found = traffic([source.pk], now=timezone.now() + timedelta(hours=25))[source.pk]
    assert found.received == 0
    assert found.last_at is not None
