"""A file of records to import, and the rows of it that could not be."""

from django.db import models

from webhooks_in.models.sources import Source
from webhooks_out.exact_json_field import ExactJSONField
from webhooks_out.jobs import Job


class Import(Job):
    """One CSV or XLSX file, read in chunks: looked at, tried without storing anything, then imported."""

    queue = "imports"
    drain_task = "webhooks_in.imports.tasks.drain"

    class Stage(models.TextChoices):
        UNPACKING = "unpacking", "Being unpacked"
        MAPPING = "mapping", "Columns to be mapped"
        TRYING = "trying", "Dry run"
        READY = "ready", "Ready to import"
        IMPORTING = "importing", "Importing"
        PAUSED = "paused", "Paused"
        FINISHED = "finished", "Finished"
        CANCELLED = "cancelled", "Cancelled"

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="imports")
    stage = models.CharField(max_length=9, choices=Stage, default=Stage.MAPPING)
    file = models.FileField(upload_to="imports/%Y/%m/", max_length=300)
    name = models.CharField(max_length=200)  # as the file was called
    digest = models.CharField(max_length=64)  # SHA-256, hexadecimal
    size = models.PositiveBigIntegerField(default=0)  # bytes
    layout = models.JSONField(default=dict)  # owned by webhooks_in.imports.layouts
    # A workbook's sheet as CSV.
    table = models.FileField(upload_to="imports/%Y/%m/", max_length=300, blank=True)
    headings = ExactJSONField(default=list)  # one for each column, made unique
    mapping = ExactJSONField(default=list)  # a field for each column, "" for those left out
    id_column = models.PositiveSmallIntegerField(null=True)  # counted from 0; none: made from the values
    requested_by = models.CharField(max_length=150)
    rows = models.PositiveIntegerField(null=True)  # in the file, known after the dry run
    position = models.PositiveIntegerField(default=0)  # rows done in this stage
    offset = models.PositiveBigIntegerField(default=0)  # bytes of the file that are done in this stage
    tried = models.JSONField(default=dict)  # what the dry run counted
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True)  # this stage; a pause moves it on by its length
    paused_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(Job.Meta):
        indexes = [*Job.Meta.indexes, models.Index(fields=["digest"], name="import_digest")]

    def __str__(self) -> str:
        return self.name


class ImportReject(models.Model):
    """One row of a file that was not imported, and why. `dry`: found by the dry run."""

    load = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rejects", db_index=False)
    dry = models.BooleanField(default=False)
    row = models.PositiveIntegerField()  # counted from 1, the heading not counted
    reason = models.CharField(max_length=500)
    values = ExactJSONField(default=list)  # the row as it was read

    class Meta:
        ordering = ["row"]
        constraints = [models.UniqueConstraint(fields=["load", "dry", "row"], name="import_reject_row")]

    def __str__(self) -> str:
        return f"Row {self.row}: {self.reason}"


class ImportKey(models.Model):
    """A record id met in a file, hashed, and the first good row that has it; kept until the import is over."""

    load = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="keys", db_index=False)
    key = models.UUIDField()
    row = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["load", "key"], name="import_key")]

    def __str__(self) -> str:
        return f"Row {self.row}"
