"""The doors by which the queue's workers come in; they carry names and numbers only."""

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from webhooks_out import drains
from webhooks_out.delivery_log import close_lost
from webhooks_out.jobs import Job
from webhooks_out.models import Delivery
from webhooks_out.sender import Sender


def drain(slot: int = 0) -> None:
    """Sends what is due until nothing is."""
    tidy()
    with Sender(settings.SEND_THREADS) as sender:
        drains.drain(Delivery, slot, sender.step, plenty=sender.threads)


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
