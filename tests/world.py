"""The fixture world: Harbour Learning trains people, and tells its dialer and its partner of them."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_httpserver import HTTPServer
from werkzeug import Request

from automations.models import Action, Condition, Rule, System
from automations.tasks import step as run_step
from tests.clusters import until
from webhooks_in.models import Source
from webhooks_in.tasks import step as receipt_step
from webhooks_out import drains
from webhooks_out.models import Attempt, KeyValue, Webhook
from webhooks_out.sender import Sender

SECRET = "the shared secret of Harbour Learning"
SIGNING_SECRET = "whsec_" + base64.b64encode(b"a signing secret of 32 bytes ...").decode()
ANA = {
    "id": 7,
    "first_name": "Ana",
    "last_name": "Lopez",
    "email": "ana@harbour.example",
    "phone": "+1 555 010 7788",
    "stage": "Lead",
    "level2_review_status": "Pending",
}


def make_source(title: str = "Insites: contacts", **options: Any) -> Source:
    """A data source of Harbour's CRM, unverified unless told otherwise."""
    system, _ = System.objects.get_or_create(name=options.pop("system", "Harbour CRM"))
    source = Source(title=title, system=system, **{"dialect": "insites", "record_type": "Contact", **options})
    source.renew_token()
    source.save()
    return source


def make_webhook(
    url: str, title: str = "Dialer", pairs: dict[str, str] | None = None, **options: Any
) -> Webhook:
    """A webhook whose keys are filled from fields."""
    webhook = Webhook.objects.create(title=title, url=url, **options)
    for position, (key, field) in enumerate((pairs or {}).items()):
        KeyValue.objects.create(webhook=webhook, position=position, key=key, value=field)
    return webhook


def make_rule(webhook: Webhook, *conditions: tuple[str, str, str], **options: Any) -> Rule:
    """A rule that posts to the webhook when every condition holds; `delay` is in minutes."""
    delay = options.pop("delay", 0)
    rule = Rule.objects.create(**{"name": f"Post to {webhook.title}", **options})
    for field, operator, value in conditions:
        Condition.objects.create(rule=rule, field=field, operator=operator, value=value)
    Action.objects.create(rule=rule, webhook=webhook, delay=delay)
    return rule


def post(source: Source, payload: Any, **headers: str) -> HttpResponse:
    """The CRM's request, as JSON, through the whole application."""
    body = payload if isinstance(payload, (bytes, str)) else json.dumps(payload)
    return Client().post(source.path, body, content_type="application/json", headers=headers)


def update(changes: dict[str, Any], **snapshot: Any) -> dict[str, Any]:
    """What Insites sends in the mode “changes with snapshot”."""
    return {"changes": changes, "snapshot": {**ANA, **changes, **snapshot}}


def hmac_hex(body: bytes, secret: str = SECRET) -> str:
    """The signature many senders use."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def work() -> None:
    """Does everything that is due, in this process: receipts, runs, then deliveries, until nothing moves."""
    drains.ensure_watches()
    while receipt_step() or run_step() or send():
        pass


def send(threads: int = 4) -> int:
    """Sends the deliveries that are due and waits for their answers; how many were sent."""
    with Sender(threads) as sender:
        return sender.step()


def received(server: HTTPServer) -> list[Request]:
    """The requests that arrived there, one for each attempt; the server notes one only after it has answered."""
    until(lambda: len(server.log) >= Attempt.objects.count(), what="every request")
    return [request for request, _ in server.log]


@pytest.fixture
def insites(db: None) -> Source:
    """The CRM's contacts."""
    return make_source()
