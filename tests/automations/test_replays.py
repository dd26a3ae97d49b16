"""A person repeats one action, or cancels what waits; pressing twice does it once."""

import pytest

from automations import replays
from automations.models import Run
from tests.world import make_rule, make_source, make_webhook, post, update, work
from webhooks_out.models import Delivery

pytestmark = pytest.mark.django_db
NOWHERE = "http://127.0.0.1:9/"


def fired(**options: int) -> Run:
    """A run that was started by a contact's enrolment."""
    make_rule(make_webhook(NOWHERE), ("stage", "changed_to", "Enrolled"), **options)
    post(make_source(), update({"stage": "Enrolled"}))
    work()
    return Run.objects.get()


def test_a_repeated_run_posts_anew_what_the_record_is_now() -> None:
    run = fired()
    before = Delivery.objects.get()
    assert replays.repeat([run]) == 1
    work()
    run.refresh_from_db()
    assert run.state == "done"
    assert Delivery.objects.count() == 2
    assert run.delivery_id not in (None, before.pk)


def test_pressing_twice_repeats_once() -> None:
    run = fired()
    assert [replays.repeat([run]), replays.repeat([run])] == [1, 0]
    work()
    assert Delivery.objects.count() == 2


def test_a_run_whose_action_is_gone_cannot_be_repeated() -> None:
    run = fired()
    run.action.delete()
    assert replays.repeat([run]) == 0


def test_a_waiting_run_is_cancelled_with_the_name_of_who_did_it() -> None:
    run = fired(delay=60)
    assert replays.cancel([run], by="ann") == 1
    run.refresh_from_db()
    assert (run.state, run.reason, run.due_at) == ("cancelled", "Cancelled by ann.", None)


def test_what_is_done_is_not_cancelled() -> None:
    assert replays.cancel([fired()], by="ann") == 0
