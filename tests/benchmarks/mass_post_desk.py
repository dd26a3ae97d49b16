"""Stocks contacts and prepares mass posts of them, in a process whose memory is looked at. Served by `launch`."""

import resource
import time

from automations.mass_posts import orders, progress, steps
from automations.mass_posts.orders import Order
from automations.models import Batch, BatchItem, Record, System
from tests.benchmarks import contacts, hub_desk
from webhooks_out.models import Delivery, KeyValue, Webhook

PAIRS = {
    "firstname": "first_name",
    "lastname": "last_name",
    "email": "email",
    "phone": "phone",
    "state": "state",
    "debt": "debt",
}
SKIPPED = 10  # of so many contacts one lacks what is required, and one was posted already
AT_ONCE = 2_000  # contacts stored by one statement


def stock(count: int) -> int:
    """So many contacts, and a webhook with some pairs; every SKIPPED-th has no e-mail address or was posted already."""
    hub_desk.prepare("http://127.0.0.1:9/")
    system, hook = System.objects.get(), Webhook.objects.get()
    hook.body_kind = "form"
    hook.save()
    for position, (key, field) in enumerate(PAIRS.items()):
        missing = "hold" if key == "email" else "empty"
        KeyValue.objects.create(webhook=hook, position=position, key=key, value=field, missing=missing)
    for start in range(0, count, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, count))
        Record.objects.bulk_create(_contact(system, number) for number in numbers)
        Delivery.objects.bulk_create(_posted(hook, number) for number in numbers if number % SKIPPED == 1)
    return Record.objects.count()


def prepare() -> dict[str, float]:
    """Seconds to freeze the whole list and to check it, how many are ready, and the process's greatest size in MiB."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    order = Order(Webhook.objects.get(), "Contact", "All contacts", "mia")
    orders.AT_ONCE = 0  # as workers do it
    batch = orders.prepare(order, Record.objects.filter(type="Contact").order_by("-id"))
    frozen = time.perf_counter()
    while Batch.objects.get(pk=batch.pk).stage == Batch.Stage.CHECKING:
        steps.step()
    checked = time.perf_counter()
    counts = progress.of(batch)
    assert not BatchItem.objects.filter(state="unchecked").exists()
    return {
        "freeze": frozen - began,
        "check": checked - frozen,
        "ready": counts.ready,
        "skipped": counts.skipped,
        "before": before,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _contact(system: System, number: int) -> Record:
    fields = contacts.contact(number, 1) | ({"email": ""} if number % SKIPPED == 0 else {})
    name = f"{fields['first_name']} {fields['last_name']}"
    return Record(system=system, type="Contact", external_id=fields["id"], name=name, fields=fields)


def _posted(hook: Webhook, number: int) -> Delivery:
    fields = contacts.contact(number, 1)
    return Delivery(webhook=hook, record_type="Contact", record_id=fields["id"], state="done", due_at=None)
