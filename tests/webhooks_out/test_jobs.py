"""The life of a job: claimed under a lease, counted before the work, settled only by whoever holds it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from tests.world import make_webhook
from webhooks_out import jobs
from webhooks_out.jobs import Permanent, claim, dead, done, due, retry, settle, work
from webhooks_out.models import Delivery

pytestmark = pytest.mark.django_db
AGES_AGO = timezone.now() - timedelta(hours=1)


def make_delivery(**options: object) -> Delivery:
    """One that is due."""
    ordinary = {"title": "Dialer", "method": "POST", "url": "http://127.0.0.1/", "due_at": AGES_AGO}
    return Delivery.objects.create(**ordinary | options)


def claimed() -> Delivery:
    """A delivery claimed by this worker."""
    make_delivery()
    (delivery,) = claim(Delivery, 1)
    return delivery


def test_ids_sort_by_the_time_they_were_made() -> None:
    ids = [jobs.new_id() for _ in range(1000)]
    assert ids == sorted(ids)
    assert {one.version for one in ids} == {7}
    assert abs((ids[0].int >> 80) / 1000 - timezone.now().timestamp()) < 5


def test_a_claim_counts_the_attempt_before_the_work() -> None:
    delivery = claimed()
    stored = Delivery.objects.get()
    assert (stored.state, stored.attempts, stored.token) == ("running", 1, delivery.token)


def test_a_claim_takes_the_longest_waiting_first_and_no_more_than_asked() -> None:
    late, early = make_delivery(), make_delivery()
    Delivery.objects.filter(pk=early.pk).update(due_at=AGES_AGO - timedelta(hours=1))
    assert [one.pk for one in claim(Delivery, 1)] == [early.pk]
    assert [one.pk for one in claim(Delivery, 5)] == [late.pk]


def test_a_claim_takes_no_more_than_asked_whatever_the_plan() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for way in ("hashagg", "hashjoin", "material", "mergejoin", "sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
        for _ in range(9):
            make_delivery()
    assert len(claim(Delivery, 2)) == 2


def test_what_is_claimed_cannot_be_claimed_again() -> None:
    claimed()
    assert claim(Delivery, 1) == []
    assert not due(Delivery)


def test_what_is_not_due_yet_is_not_claimed() -> None:
    make_delivery()
    Delivery.objects.update(due_at=timezone.now() + timedelta(minutes=1))
    assert claim(Delivery, 1) == []


def test_a_dead_worker_costs_one_attempt() -> None:
    claimed()
    Delivery.objects.update(due_at=Now())
    (again,) = claim(Delivery, 1)
    assert again.attempts == 2


def test_a_stale_worker_overwrites_nothing() -> None:
    stale = claimed()
    Delivery.objects.update(due_at=AGES_AGO)
    (mine,) = claim(Delivery, 1)
    assert not settle(stale, dead("too late"))
    assert settle(mine, done())
    assert Delivery.objects.get().state == "done"


def test_a_job_that_kills_its_worker_dies_after_three_starts() -> None:
    make_delivery()
    for _ in range(3):
        assert claim(Delivery, 1)
        Delivery.objects.update(due_at=AGES_AGO)
    assert claim(Delivery, 1) == []
    assert jobs.bury(Delivery) == 1
    assert Delivery.objects.values_list("state", "reason").get() == ("dead", jobs.LOST)


def test_a_settled_job_is_due_no_more() -> None:
    settle(claimed(), done())
    delivery = Delivery.objects.get()
    assert delivery.settled
    assert delivery.settled_at is not None


def test_a_retry_is_due_after_its_wait() -> None:
    settle(claimed(), jobs.Outcome("waiting", "again", after=30.0))
    delivery = Delivery.objects.get()
    assert delivery.due_at is not None
    assert 25 < (delivery.due_at - timezone.now()).total_seconds() < 31
    assert delivery.settled_at is None


def test_waits_grow_and_vary_by_a_fifth() -> None:
    delivery = Delivery(attempts=2, max_attempts=3)
    waits = {retry(delivery, "", delays=(30.0, 300.0)).after for _ in range(50)}
    assert all(wait is not None and 240 <= wait <= 360 for wait in waits)
    assert len(waits) > 1


def test_after_the_last_attempt_there_is_no_retry() -> None:
    assert retry(Delivery(attempts=3, max_attempts=3), "still down") == dead("still down")


def test_a_failure_leaves_its_reason_and_costs_one_attempt() -> None:
    def fail(_: Delivery) -> jobs.Outcome:
        raise ValueError("no such template")

    work(claimed(), fail)
    stored = Delivery.objects.get()
    assert (stored.state, stored.reason, stored.attempts) == ("waiting", "ValueError: no such template", 1)


def test_what_cannot_succeed_is_not_tried_again() -> None:
    def refuse(_: Delivery) -> jobs.Outcome:
        raise Permanent("There is no such address.")

    assert work(claimed(), refuse) == dead("There is no such address.")


def test_a_webhook_may_be_deleted_and_its_log_stays() -> None:
    webhook = make_webhook("http://127.0.0.1/")
    delivery = make_delivery(webhook=webhook)
    webhook.delete()
    assert Delivery.objects.get(pk=delivery.pk).title == "Dialer"
