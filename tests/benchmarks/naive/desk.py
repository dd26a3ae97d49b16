"""Stores what the naive design is to work on, and says how far it is. Served by `launch`."""

import json
import time

from django.db import connection, transaction
from django.db.models import Count, Max
from django_q.tasks import async_task

from tests.benchmarks import contacts
from tests.benchmarks.naive.models import Delivery, Event, Rule

TABLES = "naive_event, naive_rule, naive_delivery, naive_attempt, django_q_ormq, django_q_task"


def prepare(url: str) -> str:
    """Empty tables and the same rules as the hub has; the path to post to."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLES}")
    Rule.objects.create(field="stage", value="Enrolled", url=url)
    Rule.objects.bulk_create(
        Rule(field="stage", value=f"Stage {n}", url=url) for n in range(1, contacts.RULES)
    )
    return "/in/"


def stock(count: int, url: str) -> None:
    """Stores deliveries that wait for `start`."""
    bodies = (json.dumps(contacts.contact(number, number)) for number in range(count))
    Delivery.objects.bulk_create([Delivery(url=url, body=body) for body in bodies])


def start() -> float:
    """Makes a task for each waiting delivery, all visible at once; the time of that."""
    with transaction.atomic():
        for delivery_id in Delivery.objects.filter(state="waiting").values_list("pk", flat=True):
            async_task("tests.benchmarks.naive.tasks.send", delivery_id)
    return time.time()


def progress() -> dict[str, float]:
    """How many events came, how many deliveries are done, and when the last of them was."""
    done = Delivery.objects.filter(state="done").aggregate(count=Count("pk"), last=Max("settled_at"))
    last = done["last"].timestamp() if done["last"] else 0.0
    return {"received": Event.objects.count(), "done": done["count"], "last": last}
