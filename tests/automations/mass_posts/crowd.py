"""The contacts of Harbour Learning in numbers, and mass posts of them."""

from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now

from automations import identifiers
from automations.identifiers import Before
from automations.mass_posts import orders, steps
from automations.mass_posts.orders import Order
from automations.models import Batch, Record, System
from tests.world import make_webhook, send
from webhooks_out.models import Webhook

ROUNDS = 30


def make_contacts(count: int, **fields: Any) -> QuerySet[Record]:
    """So many contacts named Person 1, 2 …, each with an e-mail address; all contacts there are."""
    system, _ = System.objects.get_or_create(name="Harbour CRM")
    start = Record.objects.count()
    made = Record.objects.bulk_create(
        Record(
            system=system,
            type="Contact",
            external_id=str(start + number),
            name=f"Person {start + number}",
            fields={"email": f"p{start + number}@harbour.example", **fields},
        )
        for number in range(1, count + 1)
    )
    identifiers.keep([Before(record, {}, "") for record in made], {})
    return Record.objects.order_by("id")


def make_hook(url: str = "http://127.0.0.1:9/", missing: str = "empty", **options: Any) -> Webhook:
    """A webhook that sends the e-mail address."""
    hook = make_webhook(url, pairs={"email": "email"}, **options)
    hook.key_values.update(missing=missing)
    return hook


def prepare(records: QuerySet[Record], hook: Webhook, **options: Any) -> Batch:
    """A mass post by mia, checked as far as that happens at once."""
    batch = orders.prepare(Order(hook, "Contact", "Contacts: all", "mia", **options), records)
    return fresh(batch)


def fresh(batch: Batch) -> Batch:
    """As it stands in the database now."""
    return Batch.objects.get(pk=batch.pk)


def confirm(batch: Batch, pace: int | None = None) -> Batch:
    """The same after mia said yes."""
    assert orders.confirm(batch, "mia", pace)
    return fresh(batch)


def work_on(batch: Batch) -> Batch:
    """Steps and sends until the mass post has ended or waits for a person; how it stands then."""
    for _ in range(ROUNDS):
        if fresh(batch).due_at is None:
            return fresh(batch)
        hurry(batch)
        send()
    raise AssertionError(f"{fresh(batch).get_stage_display()} after {ROUNDS} rounds")


def hurry(batch: Batch) -> Batch:
    """One step, whenever it would be due."""
    Batch.objects.filter(pk=batch.pk, due_at__isnull=False).update(due_at=Now())
    steps.step()
    return fresh(batch)
