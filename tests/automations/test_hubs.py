"""A linked hub gets the documents of records that were posted to it, and nobody gets anything else."""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.files.base import ContentFile
from django.http import HttpResponse
from django.test import Client

from automations import documents, hubs
from automations.models import Document, Hub, Record, System
from webhooks_out.models import Delivery
from webhooks_out.secrets import Secret

pytestmark = pytest.mark.django_db
SECRET = "what the two hubs share, at length"
NAME = 'Käufer "1".pdf'
CONTENT = b"%PDF-1.7 of Ana"


@pytest.fixture(autouse=True)
def _own_account(settings: Any) -> None:
    settings.ACCOUNT_ID = "22"


@pytest.fixture
def partner() -> Hub:
    return Hub.objects.create(account="33", title="Partner", url="https://partner.example/", secret=SECRET)


@pytest.fixture
def document() -> Document:
    record = Record.objects.create(
        system=System.objects.create(name="Harbour CRM"),
        type="Contact",
        external_id="7",
        fields={"id": "A-7"},
    )
    return documents.store(record, NAME, ContentFile(CONTENT))


@pytest.fixture
def posted(document: Document) -> Delivery:
    """Ana was posted to the partner."""
    return Delivery.objects.create(
        title="Partner",
        method="POST",
        url="https://partner.example/in/x/",
        record_type="Contact",
        record_id="7",
    )


def ask(
    record: str = "7",
    document: str = "",
    sender: str = "33",
    *,
    to: str = "22",
    secret: str = SECRET,
    **headers: str,
) -> HttpResponse:
    """The answer to a request as the partner would make it."""
    return send(request_of(record, document, sender, to=to, secret=secret), **headers)


def request_of(record: str, document: str, sender: str, *, to: str = "22", secret: str = SECRET) -> Any:
    """The request a hub of this account makes; what it calls the asked hub is `to`."""
    asked = Hub(account=to, title="Us", url="http://testserver/", secret=Secret.of(secret))
    outgoing = hubs.request(asked, f"copy-{time.monotonic_ns()}", record=record, document=document)
    body = json.loads(outgoing.body) | {"from": sender}
    headers = hubs.signing.headers(
        outgoing.headers["webhook-id"], int(time.time()), json.dumps(body).encode(), [hubs._secret(asked)]
    )
    return json.dumps(body).encode(), headers


def send(request: tuple[bytes, dict[str, str]], **headers: str) -> HttpResponse:
    """The answer to this request."""
    return Client().post(hubs.PATH, request[0], content_type="application/json", headers=request[1] | headers)


def content(answer: Any) -> bytes:
    """The file that is streamed, closed as a web server would do it."""
    read = b"".join(answer.streaming_content)
    for close in answer._resource_closers:
        close()
    return read


@pytest.mark.parametrize("record", ["7", "A-7"])
def test_a_document_of_a_posted_record_is_handed_out(
    partner: Hub, document: Document, posted: Delivery, record: str
) -> None:
    answer = ask(record, str(document.pk))
    assert content(answer) == CONTENT
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert (answer[hubs.DIGEST], unquote(answer[hubs.NAME])) == (document.digest, document.name)


def test_a_request_is_answered_once(partner: Hub, document: Document, posted: Delivery) -> None:
    request = request_of("7", str(document.pk), "33")
    assert content(send(request)) == CONTENT
    assert send(request).status_code == 404


REFUSALS: dict[str, Callable[[Document], HttpResponse]] = {
    "unknown account": lambda found: ask(document=str(found.pk), sender="44"),
    "for another hub": lambda found: ask(document=str(found.pk), to="44"),
    "wrong secret": lambda found: ask(document=str(found.pk), secret="x" * 30),
    "no signature": lambda found: ask(document=str(found.pk), **{"webhook-signature": ""}),
    "old": lambda found: ask(document=str(found.pk), **{"webhook-timestamp": str(int(time.time()) - 400)}),
    "unknown document": lambda _: ask(document="999"),
    "no document": lambda _: ask(document="x"),
    "another record": lambda found: ask(record="8", document=str(found.pk)),
    "no JSON": lambda _: send((b"{", {})),
    "a list": lambda _: send((b"[]", {})),
    "too long": lambda _: send((b" " * 5000, {})),
}


@pytest.mark.parametrize("how", REFUSALS)
def test_every_refusal_is_the_same_answer(
    partner: Hub, document: Document, posted: Delivery, how: str
) -> None:
    answer = REFUSALS[how](document)
    assert (answer.status_code, answer.content) == (404, b"Not found")


@pytest.mark.parametrize(
    "change",
    [
        {"url": "https://partner.example.org/in/x/"},
        {"url": "http://partner.example/in/x/"},
        {"record_id": "8"},
        {"state": "held"},
        {"state": "cancelled"},
    ],
)
def test_a_record_that_was_not_posted_there_is_none_of_theirs(
    partner: Hub, document: Document, posted: Delivery, change: dict[str, str]
) -> None:
    Delivery.objects.filter(pk=posted.pk).update(**change)
    assert ask(document=str(document.pk)).status_code == 404


@pytest.mark.parametrize("change", [{"active": False}, {"secret": ""}, {"secret": Secret("unreadable")}])
def test_a_hub_that_is_off_or_without_a_secret_gets_nothing(
    partner: Hub, document: Document, posted: Delivery, change: dict[str, Any]
) -> None:
    Hub.objects.filter(pk=partner.pk).update(**change)
    assert ask(document=str(document.pk), secret="" if "secret" in change else SECRET).status_code == 404


def test_a_file_that_is_gone_is_an_unknown_document(
    partner: Hub, document: Document, posted: Delivery
) -> None:
    document.file.storage.delete(document.file.name)
    assert ask(document=str(document.pk)).status_code == 404


def test_only_posts_are_answered() -> None:
    assert Client().get(hubs.PATH).status_code == 405


def test_a_test_of_the_link_tells_our_account(partner: Hub) -> None:
    assert ask(record="").content == b"22"
