"""“Execute webhook”: the preview, the one press, and who may."""

import re
from unittest import mock

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from automations import posting, tickets
from automations.models import Record, System
from tests.receiver import receiver
from tests.staff import signed_in, text
from tests.webhooks_out.test_sender import Listen
from tests.world import ANA, make_webhook, send
from webhooks_out.jobs import Job
from webhooks_out.models import Delivery, KeyValue, Webhook

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db
MAY = ("automations.view_contact", "automations.execute_webhook")
PAIRS = {"Email": "email"}
CLOSED = "http://127.0.0.1:9/"  # nobody listens there


@pytest.fixture
def ana() -> Record:
    system = System.objects.create(name="Harbour CRM")
    return Record.objects.create(system=system, type="Contact", external_id="7", name="Ana Lopez", fields=ANA)


@pytest.fixture
def mia() -> Client:
    return signed_in(*MAY)


def url_of(record: Record, model: str = "contact") -> str:
    return reverse(f"admin:automations_{model}_execute", args=[record.pk])


def shown(client: Client, record: Record, webhook: Webhook) -> str:
    return text(client.get(url_of(record), {"webhook": webhook.pk}))


def ticket(client: Client, record: Record, webhook: Webhook) -> dict[str, str]:
    """What pressing the button would post."""
    found = re.search(r'name="ticket" value="([^"]+)"', shown(client, record, webhook))
    assert found
    return {"ticket": found[1], "webhook": str(webhook.pk)}


def test_the_page_shows_the_very_request(mia: Client, ana: Record) -> None:
    page = shown(mia, ana, make_webhook(CLOSED, pairs=PAIRS, headers="X-Office: Lisbon"))
    for part in ("POST", CLOSED, "Email = ana@harbour.example", "X-Office", "Execute: post 1 contact"):
        assert part in page
    assert not Delivery.objects.exists()


def test_secrets_are_dots_in_a_preview(mia: Client, ana: Record) -> None:
    webhook = make_webhook(CLOSED, pairs=PAIRS, auth_username="hub", auth_password="opensesame")
    KeyValue.objects.create(webhook=webhook, key="api_key", kind="secret", secret="s3cr3tkey", position=2)
    KeyValue.objects.create(webhook=webhook, key="phone", value="phone", sensitive=True, position=3)
    page = shown(mia, ana, webhook)
    assert "••••••" in page
    for secret in ("opensesame", "s3cr3tkey", ANA["phone"]):
        assert secret not in page


def test_sensitive_fields_are_dots_in_a_preview_and_sent_as_they_are(
    mia: Client, ana: Record, receiver: Listen
) -> None:
    Record.objects.update(fields=ANA | {"ssn": "078-05-1120"})
    server = receiver(200)
    webhook = make_webhook(server.url, pairs={"Number": "ssn"}, mode="inline")
    assert "Number = ••••••" in shown(mia, ana, webhook)
    mia.post(url_of(ana), ticket(mia, ana, webhook))
    ((body, _),) = next(iter(server.requests.values()))
    assert body == b"Number=078-05-1120"


@pytest.mark.parametrize(
    ("missing", "words", "button"),
    [
        ("hold", "says to hold the delivery", "Execute anyway, to be held"),
        ("omit", "Budget: ", "Execute: post 1 contact"),
    ],
)
def test_missing_data_is_pointed_out(mia: Client, ana: Record, missing: str, words: str, button: str) -> None:
    webhook = make_webhook(CLOSED, pairs=PAIRS)
    KeyValue.objects.create(webhook=webhook, key="Budget", value="budget", missing=missing, position=2)
    page = shown(mia, ana, webhook)
    assert words in page
    assert button in page


def test_only_active_webhooks_offered_for_the_type_can_be_chosen(mia: Client, ana: Record) -> None:
    make_webhook(CLOSED, title="Dialer")
    make_webhook(CLOSED, title="Partner", active=False)
    make_webhook(CLOSED, title="Chores", offered_to="Task")
    make_webhook(CLOSED, title="Letters", offered_to="Contact, Company")
    titles = [hook.title for hook in mia.get(url_of(ana)).context["hooks"]]
    assert titles == ["Dialer", "Letters"]


def test_without_a_webhook_the_page_says_what_to_do(mia: Client, ana: Record) -> None:
    assert "Ask an administrator" in text(mia.get(url_of(ana)))
    maker = signed_in(*MAY, "webhooks_out.add_webhook", name="noor")
    assert reverse("admin:webhooks_out_webhook_add") in text(maker.get(url_of(ana)))


def test_in_the_background_a_worker_sends_what_was_shown(mia: Client, ana: Record, receiver: Listen) -> None:
    server = receiver(200)
    webhook = make_webhook(server.url, pairs=PAIRS)
    answer = mia.post(url_of(ana), ticket(mia, ana, webhook), follow=True)
    assert "Queued" in text(answer)
    assert server.total == 0
    send()
    ((body, _),) = next(iter(server.requests.values()))
    assert body == b"Email=ana%40harbour.example"
    assert "the receiver answered 200" in text(mia.get(answer.request["PATH_INFO"]))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (200, "Sent, and accepted by the receiver."),
        (404, "It failed, and is not tried again."),
        (500, "It failed, and is tried again by itself."),
    ],
)
def test_inline_the_answer_is_there_at_once(
    mia: Client, ana: Record, receiver: Listen, status: int, words: str
) -> None:
    server = receiver(status)
    webhook = make_webhook(server.url, pairs=PAIRS, mode="inline")
    page = text(mia.post(url_of(ana), ticket(mia, ana, webhook), follow=True))
    assert words in page
    assert f"the receiver answered {status}" in page


def test_inline_a_failure_without_an_answer_says_why(mia: Client, ana: Record) -> None:
    webhook = make_webhook(CLOSED, pairs=PAIRS, mode="inline")
    answer = mia.post(url_of(ana), ticket(mia, ana, webhook), follow=True)
    assert Delivery.objects.get().reason in text(answer)
    assert Delivery.objects.get().error == "connect"


def test_who_comes_when_all_places_are_taken_is_served_by_a_worker(
    mia: Client, ana: Record, receiver: Listen
) -> None:
    server = receiver(200)
    webhook = make_webhook(server.url, pairs=PAIRS, mode="inline")
    pressed = ticket(mia, ana, webhook)
    with mock.patch.object(posting._places, "acquire", return_value=False):
        page = text(mia.post(url_of(ana), pressed, follow=True))
    assert "Too many people are waiting for an answer" in page
    assert Delivery.objects.get().state == Job.State.WAITING


def test_a_place_is_free_again_after_a_failure(mia: Client, ana: Record) -> None:
    webhook = make_webhook(CLOSED, pairs=PAIRS, mode="inline")
    for _ in range(posting.PLACES + 1):
        mia.post(url_of(ana), ticket(mia, ana, webhook))
    assert Delivery.objects.filter(attempts=1).count() == posting.PLACES + 1


@pytest.mark.parametrize("mode", ["background", "inline"])
def test_a_double_click_sends_once(mia: Client, ana: Record, receiver: Listen, mode: str) -> None:
    server = receiver(200)
    pressed = ticket(mia, ana, make_webhook(server.url, pairs=PAIRS, mode=mode))
    first, second = (mia.post(url_of(ana), pressed) for _ in range(2))
    send()
    assert first["Location"] == second["Location"]
    assert server.total == Delivery.objects.count() == LogEntry.objects.count() == 1


def test_a_double_click_at_the_same_moment_sends_once(ana: Record, receiver: Listen) -> None:
    server = receiver(200)
    webhook = make_webhook(server.url, mode="inline")
    first, second = (Delivery(webhook=webhook, title="a", method="POST", url=server.url) for _ in range(2))
    second.pk = first.pk
    ways = [posting.execute(delivery, webhook) for delivery in (first, second)]
    assert ways == [posting.Way.SENT, posting.Way.REPEATED]
    assert server.total == 1


def test_what_changed_since_the_preview_is_shown_and_not_sent(mia: Client, ana: Record) -> None:
    pressed = ticket(mia, ana, webhook := make_webhook(CLOSED, pairs=PAIRS))
    ana.fields = ANA | {"email": "lopez@harbour.example"}
    ana.save()
    page = text(mia.post(url_of(ana), pressed))
    assert "has changed since you looked" in page
    assert "lopez@harbour.example" in page
    assert not Delivery.objects.exists()
    assert mia.post(url_of(ana), ticket(mia, ana, webhook)).status_code == 302


@pytest.mark.parametrize("change", [{"active": False}, {"offered_to": "Task"}])
def test_a_webhook_no_longer_offered_sends_nothing(
    mia: Client, ana: Record, change: dict[str, object]
) -> None:
    pressed = ticket(mia, ana, make_webhook(CLOSED, pairs=PAIRS))
    Webhook.objects.update(**change)
    assert "no longer offered" in text(mia.post(url_of(ana), pressed))
    assert not Delivery.objects.exists()


def test_an_old_or_altered_ticket_sends_nothing(mia: Client, ana: Record) -> None:
    pressed = ticket(mia, ana, make_webhook(CLOSED, pairs=PAIRS))
    with mock.patch.object(tickets, "LASTS", -1):
        assert "too old" in text(mia.post(url_of(ana), pressed))
    assert "too old" in text(mia.post(url_of(ana), pressed | {"ticket": pressed["ticket"][:-1] + "x"}))
    assert not Delivery.objects.exists()


def test_somebody_elses_ticket_sends_nothing(mia: Client, ana: Record) -> None:
    pressed = ticket(mia, ana, make_webhook(CLOSED, pairs=PAIRS))
    other = signed_in(*MAY, name="noor")
    assert "too old" in text(other.post(url_of(ana), pressed))
    assert not Delivery.objects.exists()


def test_who_executed_what_is_written_into_the_records_history(mia: Client, ana: Record) -> None:
    mia.post(url_of(ana), ticket(mia, ana, make_webhook(CLOSED, pairs=PAIRS)))
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.user.username) == (str(ana.pk), "mia")
    assert "Dialer" in entry.change_message
