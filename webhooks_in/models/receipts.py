"""What was accepted, and how much was refused."""

from django.db import models

from webhooks_in.models.sources import Source
from webhooks_out.exact_json_field import ExactJSONField
from webhooks_out.jobs import Job
from webhooks_out.secrets import SecretField


class Receipt(Job):
    """One accepted request, its raw bytes kept; or, held, one that failed verification."""

    queue = "receipts"
    drain_task = "webhooks_in.tasks.drain"

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="receipts", db_index=False)
    dedup_key = models.CharField(max_length=255, null=True)  # noqa: DJ001 - without an identity it is unique
    verified = models.BooleanField(default=True)
    method = models.CharField(max_length=4, default="POST")
    content_type = models.CharField(max_length=200, blank=True)
    query = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    sealed_headers = SecretField(default="", blank=True, editable=False)
    body = models.BinaryField(default=b"")
    body_digest = models.CharField(max_length=64, blank=True)
    hops = models.PositiveSmallIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    conflict = models.BooleanField("same identity, other body", default=False)
    notes = ExactJSONField(default=list)

    class Meta(Job.Meta):
        constraints = [models.UniqueConstraint(fields=["source", "dedup_key"], name="receipt_identity")]
        indexes = [
            *Job.Meta.indexes,
            models.Index(fields=["source", "id"], name="receipt_source"),
            models.Index(
                fields=["state", "id"], name="receipt_unfinished", condition=~models.Q(state="done")
            ),
            models.Index(fields=["id"], name="receipt_conflict", condition=models.Q(conflict=True)),
            models.Index(
                fields=["id", "duplicates"], name="receipt_repeats", condition=models.Q(duplicates__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.created_at:%Y-%m-%d %H:%M:%S}"


class Refusal(models.Model):
    """How many requests were refused in one hour, by source and status answered; their bodies are not kept."""

    key = models.CharField(max_length=60, unique=True, editable=False)
    source = models.ForeignKey(Source, null=True, on_delete=models.CASCADE, related_name="refusals")
    hour = models.DateTimeField()
    status = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.count} × {self.status}"
