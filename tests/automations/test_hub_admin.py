"""Linked hubs: a link that cannot work is refused, and a saved one can be tested."""

from typing import Any

import pytest
from django.test import Client

from automations import hubs
from automations.models import Hub
from tests.staff import form_of, signed_in, text
from webhooks_out.http import Answer

pytestmark = pytest.mark.django_db
HUBS = "/admin/automations/hub/"
SECRET = "what the two hubs share, at length"
GOOD = {
    "title": "Partner",
    "account": "22",
    "url": "https://partner.example/",
    "secret": SECRET,
    "max_file_size": "20",
}


@pytest.fixture
def client() -> Client:
    return signed_in(superuser=True)


@pytest.fixture
def partner() -> Hub:
    return Hub.objects.create(account="22", title="Partner", url="https://partner.example/", secret=SECRET)


def add(client: Client, **changes: str) -> str:
    """The page after a new link was sent."""
    return text(client.post(f"{HUBS}add/", form_of(client, f"{HUBS}add/") | GOOD | changes, follow=True))


def test_a_hub_is_linked_and_its_secret_never_shown(client: Client) -> None:
    add(client)
    hub = Hub.objects.get()
    assert (hub.account, hub.secret.reveal()) == ("22", SECRET)
    assert SECRET not in text(client.get(f"{HUBS}{hub.pk}/change/"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"secret": "too short"}, "at least 24 characters"),
        ({"secret": ""}, "Enter the secret"),
        ({"account": "1"}, "own account id"),
        ({"account": "2-2"}, "letters, digits"),
        ({"url": "ftp://partner.example/"}, "http"),
        ({"url": "http://169.254.169.254/"}, "169.254.169.254"),
        ({"max_file_size": "0"}, "greater than or equal to 1"),
    ],
)
def test_a_link_that_cannot_work_is_refused(client: Client, changes: dict[str, str], reason: str) -> None:
    assert reason in add(client, **changes)
    assert not Hub.objects.exists()


def test_an_empty_secret_keeps_the_stored_one(client: Client, partner: Hub) -> None:
    url = f"{HUBS}{partner.pk}/change/"
    client.post(url, form_of(client, url, title="Our partner"))
    partner.refresh_from_db()
    assert (partner.title, partner.secret.reveal()) == ("Our partner", SECRET)


def test_the_page_tells_what_the_other_side_must_enter(client: Client, partner: Hub, settings: Any) -> None:
    settings.ACCOUNT_ID, settings.PUBLIC_URL = "4711", "https://hooks.harbour.example"
    page = text(client.get(f"{HUBS}{partner.pk}/change/"))
    assert "4711" in page
    assert "https://hooks.harbour.example/" in page


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(200, excerpt="22"), "The link works"),
        (Answer(200, excerpt="<html>"), "answered 200, as no Fieldhook does"),
        (Answer(404), "same secret"),
        (Answer(error="connect", detail="No connection <there>."), "No connection &lt;there&gt;."),
    ],
)
def test_a_link_is_tested(
    client: Client, partner: Hub, monkeypatch: pytest.MonkeyPatch, answer: Answer, words: str
) -> None:
    class Answering:
        def send(self, _outgoing: Any) -> Answer:
            return answer

    monkeypatch.setattr(hubs.exchange, "client", Answering)
    assert words in text(client.post(f"{HUBS}{partner.pk}/test/"))


@pytest.mark.parametrize(("method", "status"), [("get", 405), ("post", 403)])
def test_only_who_may_change_the_link_may_test_it(partner: Hub, method: str, status: int) -> None:
    client = signed_in("automations.view_hub")
    assert getattr(client, method)(f"{HUBS}{partner.pk}/test/").status_code == status
    assert "Test link" not in text(client.get(f"{HUBS}{partner.pk}/change/"))


def test_an_empty_list_names_the_next_step(client: Client) -> None:
    assert "Link a hub" in text(client.get(HUBS))
