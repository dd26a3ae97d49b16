"""The doors by which the queue's workers come in; they carry names and numbers only."""

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from webhooks_out import alerts, drains
from webhooks_out.delivery_log import close_lost
from webhooks_out.jobs import Job, claim, work
from webhooks_out.models import Alert, Delivery
from webhooks_out.sender import Sender


def drain(slot: int = 0) -> None:
    """Sends what is due until nothing is."""
    tidy()
    with Sender(settings.SEND_THREADS) as sender:
        drains.drain(Delivery, slot, sender.step, plenty=sender.threads)


def drain_alerts(slot: int = 0) -> None:
    """Tells staff what they are to know."""
    drains.drain(Alert, slot, alert_step, plenty=1 << 30)


def alert_step() -> int:
    """Claims one message and sends it; how many were sent."""
    claimed = claim(Alert, 1, lease=alerts.LEASE)
    for alert in claimed:
        work(alert, alerts.perform)
    return len(claimed)


def tidy() -> None:
    """Settles what no request will: attempts of lost workers, deliveries whose webhook is gone or off."""
    close_lost(Delivery.objects.filter(state=Job.State.RUNNING, due_at__lte=Now()).values("pk"))
    Delivery.objects.filter(
        Q(webhook__isnull=True) | Q(webhook__active=False, requested_by=""),
        state=Job.State.WAITING,
        due_at__lte=Now(),
    ).update(
        state=Job.State.CANCELLED,
        due_at=None,
        settled_at=Now(),
        reason="The webhook was deleted or switched off.",
    )
