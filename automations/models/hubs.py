"""Other hubs that contacts are exchanged with, and the documents fetched from them."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from automations.models.records import Record
from webhooks_out.jobs import Job
from webhooks_out.secrets import SecretField


class Hub(models.Model):
    """Another hub that documents are fetched from and given to, by a secret both share."""

    account = models.CharField(
        "account id",
        max_length=60,
        unique=True,
        help_text="The other hub's ACCOUNT_ID: what {ACCTID} stands for in what it posts to us.",
    )
    title = models.CharField(max_length=120, unique=True, help_text="How you call it.")
    url = models.CharField(
        "URL",
        max_length=500,
        help_text="Where the other hub is reached, for example https://hub.example.com/.",
    )
    secret = SecretField(
        default="",
        help_text="The same on both hubs, at least 24 characters. Stored encrypted, never shown again.",
    )
    active = models.BooleanField(
        default=True, help_text="Switched off, no document is fetched from it or given to it."
    )
    max_file_size = models.PositiveIntegerField(
        "largest document",
        default=20,
        validators=[MinValueValidator(1), MaxValueValidator(200)],
        help_text="MB. Larger documents are not copied.",
    )

    class Meta:
        ordering = ["title"]
        verbose_name = "linked hub"

    def __str__(self) -> str:
        return self.title


class DocumentCopy(Job):
    """One document to be copied to a record: from another of our own records, or from a linked hub."""

    queue = "document copies"
    drain_task = "automations.tasks.drain_copies"

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="document_copies")
    account = models.CharField(max_length=60)
    external_record_id = models.CharField(max_length=255)
    document_id = models.CharField(max_length=60)

    class Meta(Job.Meta):
        verbose_name_plural = "document copies"
        constraints = [
            models.UniqueConstraint(
                fields=["record", "account", "external_record_id", "document_id"], name="document_copy_once"
            )
        ]

    def __str__(self) -> str:
        return f"Document {self.document_id} for {self.record}"
