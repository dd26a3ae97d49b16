"""What staff are told of a webhook's health, once."""

from django.db import models
from django.db.models import Q

from webhooks_out.jobs import Job
from webhooks_out.models.webhooks import Webhook


class Alert(Job):
    """A message to staff. That of a trouble stands until the webhook works again, and keeps out a second one."""

    queue = "alerts"
    drain_task = "webhooks_out.tasks.drain_alerts"

    class Kind(models.TextChoices):
        PAUSED = "paused", "is paused"
        DISABLED = "disabled", "was switched off"
        RECOVERED = "recovered", "goes on"

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="alerts")
    kind = models.CharField(max_length=9, choices=Kind)
    words = models.CharField(max_length=500)
    closed_at = models.DateTimeField(null=True)

    class Meta(Job.Meta):
        default_permissions = ()  # nobody edits one, and the home page tells of webhooks
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "kind"],
                condition=Q(closed_at__isnull=True),
                name="alert_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.webhook} {self.get_kind_display()}"
