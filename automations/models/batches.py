"""A mass post: which records it covers, and what became of each."""

from django.db import models

from automations.models.records import Record
from webhooks_out.jobs import Job
from webhooks_out.models import Delivery, Webhook


class Batch(Job):
    """One mass post, done in chunks: its records are frozen, checked, and after a person's word posted."""

    queue = "batches"
    drain_task = "automations.tasks.drain_batches"

    class Stage(models.TextChoices):
        CHECKING = "checking", "Being checked"
        READY = "ready", "Ready to post"
        POSTING = "posting", "Posting"
        PAUSED = "paused", "Paused"
        FINISHED = "finished", "Finished"
        CANCELLED = "cancelled", "Cancelled"

    stage = models.CharField(max_length=9, choices=Stage, default=Stage.CHECKING)
    webhook = models.ForeignKey(Webhook, null=True, on_delete=models.SET_NULL, related_name="batches")
    webhook_title = models.CharField(max_length=120)
    record_type = models.CharField(max_length=60)
    selection = models.CharField(max_length=500)  # what was chosen, in words
    requested_by = models.CharField(max_length=150)
    pace = models.PositiveIntegerField(
        "records per second", null=True, blank=True, help_text="Empty: as fast as the receiver takes them."
    )
    only_new = models.BooleanField(
        "only those not yet posted",
        default=True,
        help_text="Leaves out records this webhook was already sent for with success.",
    )
    total = models.PositiveIntegerField(default=0)  # records frozen
    # Counted at the end, so that a list of past mass posts counts nothing.
    skipped = models.PositiveIntegerField(default=0)
    delivered = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    paced_until = models.DateTimeField(null=True)  # what is handed over is due up to then
    paused_seconds = models.FloatField(default=0.0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(Job.Meta):
        verbose_name = "mass post"
        verbose_name_plural = "mass posts"

    def __str__(self) -> str:
        return f"{self.webhook_title}: {self.selection}"


class BatchItem(models.Model):
    """One record of a mass post. Its delivery is stored in the transaction that marks it as posted."""

    class State(models.TextChoices):
        UNCHECKED = "unchecked", "Not checked yet"
        READY = "ready", "To be posted"
        SKIPPED = "skipped", "Skipped"
        POSTED = "posted", "Handed over"

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items", db_index=False)
    record = models.ForeignKey(Record, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.UNCHECKED)
    reason = models.CharField(max_length=300, blank=True)  # why it was skipped
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["batch", "record"], name="batch_record")]
        indexes = [models.Index(fields=["batch", "state", "id"], name="batch_state")]

    def __str__(self) -> str:
        return f"{self.record}: {self.state}"
