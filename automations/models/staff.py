"""What staff see and keep of records: the columns of their lists, and documents."""

from django.conf import settings
from django.db import models

from automations.models.records import Record


class Column(models.Model):
    """One column of the list of records of one type, beside those every list has."""

    record_type = models.CharField(
        max_length=60, default="Contact", help_text="Contact, Company, Task or any other type of record."
    )
    path = models.CharField(
        "field", max_length=200, help_text="The field it shows, for example email or address.city."
    )
    label = models.CharField(
        "heading",
        max_length=60,
        blank=True,
        help_text="What stands above the column; empty: the field's name.",
    )
    position = models.PositiveSmallIntegerField(
        default=0, help_text="Columns stand in the order of these numbers."
    )

    class Meta:
        ordering = ["record_type", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["record_type", "path"], name="column_once")]

    def __str__(self) -> str:
        return f"{self.record_type}: {self.label or self.path}"


class Document(models.Model):
    """A file that belongs to a record. It is only ever handed out as an attachment, to those who may see the record."""

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="documents")
    file = models.FileField(upload_to="documents/%Y/%m/", max_length=300)
    name = models.CharField(max_length=200)  # as it was called where it came from
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(default=0)  # bytes
    digest = models.CharField(max_length=64)  # SHA-256, hexadecimal
    origin = models.CharField(max_length=200, blank=True)  # where it was copied from, if it was
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            # A copy that is repeated after a crash finds the first one.
            models.UniqueConstraint(fields=["record", "digest", "name"], name="document_once")
        ]

    def __str__(self) -> str:
        return self.name
