"""The log: every delivery and every attempt to make it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from webhooks_out.jobs import Job
from webhooks_out.models.webhooks import Webhook
from webhooks_out.secrets import SecretField


class Delivery(Job):
    """One request to be made: frozen when it was decided, with one id for life."""

    queue = "deliveries"
    drain_task = "webhooks_out.tasks.drain"

    class Origin(models.TextChoices):
        RULE = "rule", "Rule"
        MANUAL = "manual", "Executed"
        BATCH = "batch", "Mass post"
        TEST = "test", "Test"

    webhook = models.ForeignKey(
        Webhook, null=True, on_delete=models.SET_NULL, related_name="deliveries", db_index=False
    )
    title = models.CharField(max_length=120)
    method = models.CharField(max_length=6)
    url = models.TextField("URL")
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    sealed = SecretField(default="")
    record_type = models.CharField(max_length=60, blank=True)
    record_id = models.CharField(max_length=255, blank=True)
    record_name = models.CharField(max_length=200, blank=True)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.RULE)
    requested_by = models.CharField(max_length=150, blank=True)
    batch_id = models.UUIDField(null=True)  # the mass post it belongs to
    in_turn = models.BooleanField(default=False)  # whether it waits for others of its record
    hops = models.PositiveSmallIntegerField(default=0)
    status = models.PositiveSmallIntegerField("last status", null=True)
    error = models.CharField("last error", max_length=20, blank=True)

    class Meta(Job.Meta):
        verbose_name_plural = "deliveries"
        indexes = [
            *Job.Meta.indexes,
            models.Index(
                fields=["webhook", "due_at"], name="delivery_webhook_due", condition=Q(due_at__isnull=False)
            ),
            models.Index(fields=["webhook", "id"], name="delivery_webhook"),
            models.Index(fields=["record_id", "record_type", "id"], name="delivery_of_record"),
            models.Index(fields=["correlation_id"], name="delivery_correlation"),
            models.Index(fields=["state", "id"], name="delivery_unfinished", condition=~Q(state="done")),
            models.Index(fields=["origin", "id"], name="delivery_by_hand", condition=~Q(origin="rule")),
            models.Index(
                fields=["batch_id", "state", "id"],
                name="delivery_of_batch",
                condition=Q(batch_id__isnull=False),
            ),
            # Whose turn it is among those of a record; any order needs no entry.
            models.Index(
                fields=["webhook", "record_id", "record_type", "id"],
                name="delivery_turn",
                condition=Q(in_turn=True, due_at__isnull=False),
            ),
            # The few of mass posts that wait or are under way: senders ask whether there are any.
            models.Index(
                fields=["webhook", "due_at"],
                name="delivery_batch_due",
                condition=Q(batch_id__isnull=False, due_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} → {self.record_name or self.record_id or 'test'}"


class Attempt(models.Model):
    """One try of a delivery, written before the request and closed after it."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries", db_index=False)
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=20, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    seconds = models.FloatField(null=True)
    address = models.CharField(max_length=60, blank=True)
    response_headers = models.TextField(blank=True)
    response = models.TextField(blank=True)
    cut = models.BooleanField(default=False)
    requested_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="attempt_number")]

    def __str__(self) -> str:
        return f"Attempt {self.number}"
