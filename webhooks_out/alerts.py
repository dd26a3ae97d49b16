"""Tells staff that a webhook is in trouble, once however many processes notice, and that it is out of it again."""

from collections.abc import Mapping
from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models.functions import Now
from django.urls import reverse

from webhooks_out import drains
from webhooks_out.jobs import Outcome, cancelled, done, retry
from webhooks_out.models import Alert

TIMEOUT = 20.0  # seconds a mail server may take for one step
LEASE = 120.0  # seconds a worker may take for one message
DELAYS = (60.0, 600.0)  # seconds before the second and third attempt

log = structlog.get_logger()


def raise_for(troubles: Mapping[tuple[int, str], str]) -> None:
    """Notes troubles in words, by webhook and kind, unless they are known. Needs an open transaction."""
    alerts = [Alert(webhook_id=pk, kind=kind, words=words[:500]) for (pk, kind), words in troubles.items()]
    if alerts:
        Alert.objects.bulk_create(alerts, ignore_conflicts=True)
        drains.wake_after_commit(Alert.queue)


def close(recoveries: Mapping[int, str]) -> None:
    """Ends the troubles of these webhooks and says why, if there were any. Needs an open transaction."""
    standing = Alert.objects.filter(webhook__in=recoveries, closed_at__isnull=True)
    if pks := sorted(set(standing.values_list("webhook", flat=True))):
        standing.update(closed_at=Now())
        told = [
            Alert(webhook_id=pk, kind=Alert.Kind.RECOVERED, words=recoveries[pk], closed_at=Now())
            for pk in pks
        ]
        Alert.objects.bulk_create(told)
        drains.wake_after_commit(Alert.queue)


def perform(alert: Alert) -> Outcome:
    """Sends the message; one that cannot be sent is tried again, and its reason stays in the row and in the log."""
    if not settings.ALERT_EMAILS:
        return cancelled("ALERT_EMAILS names nobody.")
    try:
        _message(alert).send()
    except (SMTPException, OSError) as error:
        log.warning("alert not sent", webhook=alert.webhook.title, error=str(error))
        return retry(alert, f"{type(error).__name__}: {error}", delays=DELAYS)
    return done()


def _message(alert: Alert) -> EmailMessage:
    """The mail, with an id for life, so that a repetition is recognised."""
    title = " ".join(alert.webhook.title.split())
    page = settings.PUBLIC_URL + reverse("admin:webhooks_out_webhook_change", args=[alert.webhook.pk])
    subject = f"Fieldhook: {title} {alert.get_kind_display()}"
    return EmailMessage(
        subject,
        f"{title} {alert.get_kind_display()}.\n\n{alert.words}\n\n{page}\n",
        to=settings.ALERT_EMAILS,
        headers={"Message-ID": f"<{alert.pk}@fieldhook>"},
        connection=get_connection(timeout=TIMEOUT),
    )
