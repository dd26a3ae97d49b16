"""One task for each event, one request for each task."""

import json
import time

import requests
from django.utils import timezone

from tests.benchmarks import contacts
from tests.benchmarks.naive.models import Attempt, Delivery, Event, Rule


def handle(event_id: int) -> None:
    """Posts the contact of an event wherever a rule says so."""
    event = Event.objects.get(pk=event_id)
    for rule in Rule.objects.all():
        if event.snapshot.get(rule.field) == rule.value:
            send(Delivery.objects.create(url=rule.url, body=json.dumps(event.snapshot)).pk)


def send(delivery_id: int) -> None:
    """Makes the one request of a delivery, and logs it before and after."""
    delivery = Delivery.objects.get(pk=delivery_id)
    delivery.attempts += 1
    delivery.state = "running"
    delivery.save()
    attempt = Attempt.objects.create(delivery=delivery)
    message_id, timestamp, body = f"msg_{delivery.pk}", str(int(time.time())), delivery.body.encode()
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": contacts.signature(message_id, timestamp, body),
    }
    answer = requests.post(delivery.url, data=body, headers=headers, timeout=20)
    attempt.status, attempt.response, attempt.ended_at = (
        answer.status_code,
        answer.text[:1000],
        timezone.now(),
    )
    attempt.save()
    delivery.state = "done" if answer.ok else "failed"
    delivery.settled_at = timezone.now()
    delivery.save()
