"""What a person orders happens once, and takes back what has not begun."""

import pytest

from automations.mass_posts import orders, progress, selections, steps
from automations.models import Batch
from tests.automations.mass_posts.crowd import confirm, fresh, make_contacts, make_hook, prepare, work_on
from tests.receiver import receiver
from tests.webhooks_out.test_sender import Listen
from tests.world import send
from webhooks_out.models import Delivery

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db


def begun(url: str, count: int = 4, **options: object) -> Batch:
    """A mass post whose first two records are handed over."""
    batch = confirm(prepare(make_contacts(count), make_hook(url, **options)))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(steps, "WINDOW", 2)
        steps.step()
    return fresh(batch)


def states() -> list[str]:
    """Of all deliveries."""
    return list(Delivery.objects.values_list("state", flat=True))


def test_confirming_twice_posts_once(receiver: Listen) -> None:
    server = receiver(200)
    batch = prepare(make_contacts(3), make_hook(server.url))
    assert [orders.confirm(batch, "mia", None), orders.confirm(batch, "tom", None)] == [True, False]
    assert work_on(batch).requested_by == "mia"
    assert server.total == 3


def test_a_pause_holds_what_has_not_begun_and_resuming_sends_it(receiver: Listen) -> None:
    batch = begun(receiver(200).url)
    assert orders.pause(batch)
    assert (fresh(batch).stage, states(), send()) == ("paused", ["held", "held"], 0)
    assert not steps.step()
    assert orders.resume(batch)
    assert work_on(batch).delivered == 4


def test_the_time_of_a_pause_does_not_count() -> None:
    batch = begun("http://127.0.0.1:9/")
    orders.pause(batch)
    orders.resume(batch)
    assert 0 < fresh(batch).paused_seconds < 10


def test_a_cancelled_one_sends_nothing_more(receiver: Listen) -> None:
    server = receiver(200)
    batch = begun(server.url)
    assert orders.cancel(batch, "tom")
    batch = work_on(batch)
    assert (batch.stage, batch.state, batch.reason) == ("cancelled", "cancelled", "Cancelled by tom.")
    assert (states(), server.total) == (["cancelled", "cancelled"], 0)
    assert progress.of(batch).unsent == 4


def test_a_paused_one_can_be_cancelled() -> None:
    batch = begun("http://127.0.0.1:9/")
    orders.pause(batch)
    assert orders.cancel(batch, "tom")
    assert states() == ["cancelled", "cancelled"]


@pytest.mark.parametrize("order", [orders.pause, orders.resume, lambda batch: orders.cancel(batch, "tom")])
def test_what_has_ended_stays_as_it_is(receiver: Listen, order: object) -> None:
    batch = work_on(confirm(prepare(make_contacts(1), make_hook(receiver(200).url))))
    assert callable(order)
    assert not order(batch)
    assert fresh(batch).stage == "finished"


def test_workers_lost_too_often_end_in_a_state_that_can_be_resumed(receiver: Listen) -> None:
    batch = begun(receiver(200).url)
    Batch.objects.update(state="dead", due_at=None, attempts=3)
    assert orders.resume(batch)
    assert work_on(batch).delivered == 4


def test_another_webhook_is_checked_anew() -> None:
    first = make_hook()
    batch = prepare(make_contacts(2), first, only_new=False)
    Delivery.objects.create(webhook=first, record_type="Contact", record_id="1", state="done", due_at=None)
    assert orders.check_again(batch, first, only_new=True)
    batch = fresh(batch)
    assert (batch.stage, progress.of(batch).ready, progress.of(batch).skipped) == ("ready", 1, 1)


def test_what_is_being_posted_takes_no_other_webhook() -> None:
    batch = begun("http://127.0.0.1:9/")
    assert batch.webhook
    assert not orders.check_again(batch, batch.webhook, only_new=True)


def test_the_failed_ones_are_posted_again_as_a_mass_post_of_their_own(receiver: Listen) -> None:
    server = receiver(404)
    batch = work_on(confirm(prepare(make_contacts(3), make_hook(server.url))))
    assert batch.failed == 3
    server.script = (200,)
    retried = orders.again(batch, selections.FAILED, "3 that failed", "tom")
    assert retried
    assert retried.selection.startswith("3 that failed of the mass post of ")
    retried = work_on(confirm(fresh(retried)))
    assert (retried.delivered, len(server.requests)) == (3, 6)


def test_the_rest_of_a_cancelled_one_can_be_posted(receiver: Listen) -> None:
    server = receiver(200)
    batch = begun(server.url)
    send()
    orders.cancel(batch, "tom")
    rest = orders.again(work_on(batch), selections.LEFT, "The rest", "tom")
    assert rest
    assert work_on(confirm(fresh(rest))).delivered == 2
    assert server.total == 4


def test_without_its_webhook_nothing_is_posted_again() -> None:
    batch = prepare(make_contacts(1), make_hook())
    assert batch.webhook
    batch.webhook.delete()
    assert orders.again(fresh(batch), selections.LEFT, "The rest", "tom") is None
