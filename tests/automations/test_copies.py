"""Documents that a post names are copied once, by a worker, or say why they were not."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.urls import reverse

from automations import copies, documents, engine, hubs, matching
from automations.changes import DocumentsAsked, RecordUpdate
from automations.models import Document, DocumentCopy, Hub, Record, System
from automations.records import Heard
from automations.tasks import copy_step
from tests.staff import signed_in, text
from webhooks_out import drains
from webhooks_out.http import Answer
from webhooks_out.jobs import Job
from webhooks_out.models import Delivery

pytestmark = pytest.mark.django_db
CONTENT = b"the contract"
SENT = {hubs.DIGEST: hashlib.sha256(CONTENT).hexdigest(), hubs.NAME: quote("Vertrag Ü.pdf")}


@pytest.fixture
def system() -> System:
    return System.objects.create(name="Harbour CRM")


@pytest.fixture
def partner() -> Hub:
    return Hub.objects.create(account="33", title="Partner", url="https://partner.example/", secret="s" * 30)


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[tuple[str, str, str]]]:
    """`answer(Answer(200), CONTENT)` is what every hub says from now on; returns what it was asked."""

    def set_answer(said: Answer, content: bytes = b"") -> list[tuple[str, str, str]]:
        asked: list[tuple[str, str, str]] = []

        def fetch(hub: Hub, wanted: tuple[str, str, str], into: Any, most: int) -> Answer:
            asked.append(wanted)
            into.write(content[: most + 1])
            return replace(said, cut=len(content) > most)

        monkeypatch.setattr(hubs, "fetch", fetch)
        return asked

    return set_answer


def post(system: System, account: str, record: str, *ids: str) -> Record:
    """A contact 9 that is posted with documents of another record."""
    update = RecordUpdate(
        "Contact", "9", "", {"a": 1}, False, None, documents=DocumentsAsked(account, record, ids)
    )
    engine.handle(update, Heard(system.pk), matching.rules())
    return Record.objects.get(external_id="9")


def work() -> None:
    """Does the copies that are due."""
    drains.ensure_watches()
    while copy_step():
        pass


def outcomes() -> list[tuple[str, str]]:
    """Each copy's document and state."""
    return list(DocumentCopy.objects.order_by("document_id").values_list("document_id", "state"))


def test_the_documents_of_a_linked_hub_are_kept(system: System, partner: Hub, answer: Any) -> None:
    asked = answer(Answer(200, headers=SENT), CONTENT)
    record = post(system, "33", "7", "5")
    work()
    document = record.documents.get()
    assert document.file.read() == CONTENT
    document.file.close()
    assert (document.name, document.origin) == ("Vertrag Ü.pdf", "Partner, record 7")
    assert [wanted[1:] for wanted in asked] == [("7", "5")]
    assert outcomes() == [("5", "done")]


def test_a_repeated_post_copies_nothing_twice(system: System, partner: Hub, answer: Any) -> None:
    asked = answer(Answer(200, headers=SENT), CONTENT)
    for _ in range(2):
        post(system, "33", "7", "5")
        work()
    assert len(asked) == 1


def test_a_repeated_post_tries_anew_what_failed(system: System, partner: Hub, answer: Any) -> None:
    answer(Answer(404))
    post(system, "33", "7", "5")
    work()
    assert outcomes() == [("5", "dead")]
    answer(Answer(200, headers=SENT), CONTENT)
    post(system, "33", "7", "5")
    work()
    assert outcomes() == [("5", "done")]


def test_a_person_has_what_failed_tried_anew(system: System, partner: Hub, answer: Any) -> None:
    answer(Answer(404))
    record = post(system, "33", "7", "5")
    work()
    page, client = reverse("admin:automations_contact_change", args=[record.pk]), signed_in(superuser=True)
    assert "Ask for 1 document again" in text(client.get(page))
    answer(Answer(200, headers=SENT), CONTENT)
    client.post(reverse("admin:automations_contact_copy_again", args=[record.pk]))
    work()
    assert outcomes() == [("5", "done")]
    assert "Ask for 1 document" not in text(client.get(page))


def test_only_who_may_add_documents_has_them_tried_anew(system: System, partner: Hub, answer: Any) -> None:
    answer(Answer(404))
    record = post(system, "33", "7", "5")
    work()
    client = signed_in("automations.view_contact", "automations.view_document", "automations.change_contact")
    assert "Ask for" not in text(client.get(reverse("admin:automations_contact_change", args=[record.pk])))
    assert client.post(reverse("admin:automations_contact_copy_again", args=[record.pk])).status_code == 403
    assert outcomes() == [("5", "dead")]


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (Answer(404), ("dead", "same secret")),
        (Answer(301), ("dead", "answered 301")),
        (Answer(503), ("waiting", "Partner answered 503.")),
        (Answer(error="connect", detail="No way."), ("waiting", "Partner did not send it. No way.")),
        (Answer(200, headers={}), ("waiting", "arrived damaged")),
    ],
)
def test_what_does_not_come_says_why(
    system: System, partner: Hub, answer: Any, said: Answer, outcome: tuple[str, str]
) -> None:
    answer(said, CONTENT)
    post(system, "33", "7", "5")
    work()
    copy = DocumentCopy.objects.get()
    assert copy.state == outcome[0]
    assert outcome[1] in copy.reason
    assert not Document.objects.exists()


def test_three_attempts_are_all(system: System, partner: Hub, answer: Any) -> None:
    asked = answer(Answer(503))
    post(system, "33", "7", "5")
    for _ in range(4):
        work()
        DocumentCopy.objects.filter(due_at__isnull=False).update(due_at="2020-01-01T00:00Z")
    assert len({message for message, _, _ in asked}) == len(asked) == 3
    assert outcomes() == [("5", "dead")]


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "The document is empty."), (b"x" * (copies.MB + 1), "1 MB")]
)
def test_a_document_must_have_a_size_that_is_copied(
    system: System, partner: Hub, answer: Any, content: bytes, reason: str
) -> None:
    Hub.objects.update(max_file_size=1)
    answer(Answer(200, headers=SENT | {hubs.DIGEST: hashlib.sha256(content).hexdigest()}), content)
    post(system, "33", "7", "5")
    work()
    assert outcomes() == [("5", "dead")]
    assert reason in DocumentCopy.objects.get().reason


def test_an_account_nobody_linked_is_noted_and_not_asked(system: System, answer: Any) -> None:
    record = post(system, "44", "7", "5", "6")
    assert not DocumentCopy.objects.exists()
    (note,) = record.changes.get().notes
    assert note.startswith("The documents 5, 6 of record 7 were not fetched")


def test_a_hub_that_was_switched_off_meanwhile_is_not_asked(
    system: System, partner: Hub, answer: Any
) -> None:
    asked = answer(Answer(200))
    post(system, "33", "7", "5")
    Hub.objects.update(active=False)
    work()
    assert (asked, outcomes()) == ([], [("5", "dead")])


@pytest.mark.parametrize(("posted", "state"), [(True, Job.State.DONE), (False, Job.State.DEAD)])
def test_within_one_hub_documents_of_records_posted_to_itself_are_copied(
    system: System, posted: bool, state: str
) -> None:
    seven = Record.objects.create(system=system, type="Contact", external_id="7")
    document = documents.store(seven, "a.pdf", ContentFile(CONTENT))
    if posted:
        url = f"{settings.PUBLIC_URL}/in/x/"
        Delivery.objects.create(title="Us", method="POST", url=url, record_type="Contact", record_id="7")
    record = post(system, settings.ACCOUNT_ID, "7", str(document.pk))
    work()
    assert outcomes() == [(str(document.pk), state)]
    assert [one.digest for one in record.documents.all()] == ([document.digest] if posted else [])
