"""Defines what the hub is to do, stores what it is to send, and says how far it is. Served by `launch`."""

import time
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.db import connection
from django.db.models import Max
from django.db.models.functions import Now
from django.test import Client
from psycopg import Cursor

from automations.actions import post_webhook
from automations.models import Action, Change, Condition, Record, Rule, System
from tests.benchmarks import contacts
from webhooks_in.models import Receipt, Source
from webhooks_out import definitions, drains
from webhooks_out.models import Attempt, Delivery, Watch, Webhook
from webhooks_out.outbox import Definition
from webhooks_out.tasks import drain as send

FAR = 1_000_000  # runs within ten minutes, beyond which the brake holds a rule: it counts, and never holds
TABLES = """webhooks_in_receipt, webhooks_in_source, automations_system, automations_record, automations_change,
    automations_rule, automations_run, webhooks_out_webhook, webhooks_out_delivery, webhooks_out_attempt,
    django_q_ormq, django_q_task"""


def prepare(url: str, webhooks: int = 1, concurrency: int = 512) -> str:
    """Empty tables, one source, so many signed webhooks and ten rules, one of which fires; the path to post to."""
    drains.ensure_watches()
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLES} CASCADE")
        cursor.execute("UPDATE webhooks_out_watch SET until = now(), token = ''")
    source = Source(
        title="Insites: contacts",
        system=System.objects.create(name="Insites"),
        dialect="insites",
        record_type="Contact",
        preset="standard-webhooks",
        secret=contacts.SECRET,
        dedup_template="{webhook-id}",
    )
    source.renew_token()
    source.save()
    for number in range(webhooks):
        hook = Webhook(title=f"Certificates {number}", url=url, body_kind="insites_full")
        hook.concurrency, hook.signing_secret = concurrency, contacts.SECRET
        hook.save()
    for number in range(contacts.RULES):
        rule = Rule.objects.create(name=f"Rule {number}", monitor=Rule.Monitor.EVERY, brake_runs=FAR)
        wanted = f"Stage {number}" if number else "Enrolled"
        Condition.objects.create(rule=rule, field="stage", operator="equals", value=wanted)
        Condition.objects.create(rule=rule, field="review_round", operator="changed")
        Action.objects.create(rule=rule, webhook=hook)
    definitions.touch()
    return source.path


def stock(count: int) -> None:
    """Stores deliveries as rules make them, spread over the webhooks; nobody is woken."""
    system = System.objects.get()
    hooks = [Definition.of(hook) for hook in Webhook.objects.all()]
    deliveries = [_frozen(hooks[number % len(hooks)], system, number) for number in range(count)]
    Delivery.objects.bulk_create(deliveries, batch_size=1_000)


def drain(slot: int) -> None:
    """Does what a worker's task does, and what its successors do."""
    while Delivery.objects.filter(due_at__isnull=False).exists():
        send(slot)
        if slot:
            return


def wake() -> float:
    """Sends for a worker; when."""
    now = time.time()
    drains.wake(Delivery.queue)
    return now


def progress() -> dict[str, float]:
    """How many receipts came and how many are settled, how many deliveries are done, and when the last of them was."""
    done = Delivery.objects.filter(state="done")
    last = done.aggregate(last=Max("settled_at"))["last"]
    return {
        "received": Receipt.objects.count(),
        "read": Receipt.objects.filter(state="done").count(),
        "done": done.count(),
        "last": last.timestamp() if last else 0.0,
    }


def logged() -> int:
    """Attempts that were opened and closed with a 200, each the only one of its delivery."""
    return Attempt.objects.filter(number=1, ended_at__isnull=False, status=200).count()


def statements(path: str) -> dict[str, list[str]]:
    """The SQL of one request that wakes a worker, of one that finds it woken, and of a repeat."""
    client = Client()
    seen: list[str] = []
    execute = Cursor.execute

    def noted(cursor: Any, query: Any, *rest: Any, **options: Any) -> Any:
        seen.append(" ".join(str(query).split())[:60])
        return execute(cursor, query, *rest, **options)

    def post(number: int) -> list[str]:
        seen.clear()
        answer = client.generic(
            "POST", path, contacts.body(number), "application/json", headers=signed(number)
        )
        assert answer.status_code in (200, 202), answer.content
        return list(seen)

    with patch.object(Cursor, "execute", noted):  # below Django, so that nothing goes round it
        post(1)
        Watch.objects.update(until=Now() - timedelta(seconds=1), token="")
        return {"waking": post(2), "woken": post(3), "repeat": post(3)}


def signed(number: int) -> dict[str, str]:
    """The headers of the number-th update."""
    message_id, timestamp = f"counted_{number}", str(int(time.time()))
    signature = contacts.signature(message_id, timestamp, contacts.body(number))
    return {
        "host": "127.0.0.1",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature,
    }


def _frozen(definition: Definition, system: System, number: int) -> Delivery:
    """The delivery for a change that is not stored itself."""
    fields = contacts.contact(number, number)
    record = Record(
        system=system, type="Contact", external_id=fields["id"], name="Maria Okafor", fields=fields
    )
    change = Change(
        record=record, event="updated", fields=fields, diff={"review_round": [number - 1, number]}
    )
    return post_webhook.freeze(definition, change, {})
