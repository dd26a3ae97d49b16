"""How a source's keys become fields, and what a new record gets beside them."""

from collections.abc import Iterable

from django.db import models

from automations import sensitive
from webhooks_in.models.sources import Source
from webhooks_out.transforms import TRANSFORMS


class SourceField(models.Model):
    """One row of a source's field map: a key the sender uses, and our name for it."""

    class Missing(models.TextChoices):
        KEEP = "keep", "Leave the field as it is"
        EMPTY = "empty", "Empty the field"
        DEFAULT = "default", "Use the default"

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="field_map")
    key = models.CharField(max_length=200, help_text="Exactly as the sender writes it.")
    field = models.CharField(max_length=200, help_text="The record's field it fills.")
    required = models.BooleanField(default=False)
    transform = models.CharField(
        max_length=24,
        blank=True,
        choices=[
            (name, transform.label) for name, transform in TRANSFORMS.items() if not transform.check("")
        ],
    )

    missing = models.CharField(
        "if it is missing",
        max_length=7,
        choices=Missing,
        default=Missing.KEEP,
        help_text="What the field gets when the sender leaves the key out or empty.",
    )
    default = models.CharField(max_length=200, blank=True, help_text="For “Use the default”.")
    sensitive = models.BooleanField(
        default=False, help_text="Shown as dots in lists, logs and samples; sent as it is."
    )
    owner = models.CharField(max_length=120, blank=True, help_text="The team that answers for this value.")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="source_field_key")]

    def __str__(self) -> str:
        return f"{self.key} → {self.field}"


def marked_sensitive() -> Iterable[str]:
    """The fields that any data source marks as sensitive."""
    return SourceField.objects.filter(sensitive=True).values_list("field", flat=True)


# Pages of records belong to the automations, which know nothing of data sources.
sensitive.MARKED.append(marked_sensitive)


class SourceConstant(models.Model):
    """A field that every record created through a source gets: its stage, campaign, file type …"""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="constants")
    field = models.CharField(max_length=200, help_text="For example stage, status, campaign or file_type.")
    value = models.CharField(
        max_length=500, help_text="What a new record gets unless the sender says otherwise."
    )

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["source", "field"], name="source_constant_field")]

    def __str__(self) -> str:
        return f"{self.field} = {self.value}"
