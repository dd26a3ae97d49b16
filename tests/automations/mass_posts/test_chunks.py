"""Each record is posted or has a reason why not."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from automations.mass_posts import chunks
from automations.models import BatchItem, Record
from tests.automations.mass_posts.crowd import confirm, make_contacts, make_hook, prepare, work_on
from tests.receiver import receiver
from tests.webhooks_out.test_sender import Listen
from webhooks_out.models import Delivery

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db


def reasons() -> list[str]:
    """Why each record is skipped, "" if it is not."""
    return list(BatchItem.objects.order_by("pk").values_list("reason", flat=True))


def test_what_lacks_required_data_is_skipped_with_the_reason() -> None:
    make_contacts(1)
    make_contacts(1, email="")
    prepare(Record.objects.order_by("id"), make_hook(missing="hold"))
    assert reasons() == ["", "Required data is missing: email: email is empty."]
    assert list(BatchItem.objects.values_list("state", flat=True)) == ["ready", "skipped"]


def test_the_reason_names_what_is_required_and_nothing_else() -> None:
    hook = make_hook(missing="hold")
    hook.key_values.create(key="phone", value="phone", missing="empty", position=9)
    prepare(make_contacts(1, email=""), hook)
    assert reasons() == ["Required data is missing: email: email is empty."]


def test_a_deleted_record_is_skipped() -> None:
    make_contacts(2).filter(external_id="1").update(deleted=True)
    prepare(Record.objects.order_by("id"), make_hook())
    assert reasons() == [chunks.DELETED, ""]


def test_a_record_that_vanished_is_skipped(receiver: Listen) -> None:
    records = make_contacts(2)
    batch = prepare(records, make_hook(receiver(200).url))
    records.filter(external_id="1").delete()
    work_on(confirm(batch))
    assert reasons() == [chunks.GONE, ""]


def test_a_webhook_that_is_not_offered_for_a_type_skips_it() -> None:
    prepare(make_contacts(1), make_hook(offered_to="Task"))
    assert reasons() == ["The webhook is not offered for Contact records."]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, [chunks.ALREADY, ""]),
        ({"state": "dead"}, ["", ""]),
        ({"origin": "test"}, ["", ""]),
        ({"record_type": "Task"}, ["", ""]),
        ({"webhook": None}, ["", ""]),
    ],
)
def test_only_what_was_posted_with_success_is_left_out(change: dict[str, str], expected: list[str]) -> None:
    hook = make_hook()
    posted = {"record_type": "Contact", "record_id": "1", "state": "done", "origin": "manual"}
    Delivery.objects.create(title="Dialer", due_at=None, webhook=hook, **posted)
    Delivery.objects.update(**change)
    prepare(make_contacts(2), hook)
    assert reasons() == expected


def test_who_wants_to_posts_again() -> None:
    hook = make_hook()
    Delivery.objects.create(webhook=hook, record_type="Contact", record_id="1", state="done", due_at=None)
    prepare(make_contacts(1), hook, only_new=False)
    assert reasons() == [""]


def test_what_is_posted_is_what_the_mapping_makes_of_each_record(receiver: Listen) -> None:
    server = receiver(200)
    batch = confirm(prepare(make_contacts(3), make_hook(server.url)))
    work_on(batch)
    bodies = sorted(body for requests in server.requests.values() for body, _ in requests)
    assert bodies == [f"email=p{number}%40harbour.example".encode() for number in (1, 2, 3)]
    made = Delivery.objects.values_list("origin", "requested_by", "batch_id").distinct().get()
    assert made == ("batch", "mia", batch.pk)


def test_a_chunk_takes_the_same_queries_however_many_records_it_has() -> None:
    hook = make_hook()

    def queries(count: int) -> int:
        records = make_contacts(count)
        with CaptureQueriesContext(connection) as captured:
            prepare(records, hook)
        return len(captured)

    assert queries(2) == queries(200)
