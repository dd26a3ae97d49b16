"""What we know: the systems we hear from, our mirror of their records, and every change to one."""

from django.db import models
from django.utils import timezone

from webhooks_out.exact_json_field import ExactJSONField
from webhooks_out.jobs import new_id

# Events of which every record has some; any other is a named one, such as payment.returned.
EVERYDAY = ("created", "deleted", "imported", "updated")


class System(models.Model):
    """A system that records live in, usually a CRM; two of them may each have a contact 7."""

    name = models.CharField(
        max_length=120,
        unique=True,
        help_text="The CRM the records live in. Data sources of the same system share their records.",
    )
    identified_by = models.JSONField(default=list, editable=False)  # see automations.identifiers.register

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Record(models.Model):
    """Our mirror of one record, as far as we were told."""

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="records", db_index=False)
    type = models.CharField(max_length=60)
    external_id = models.CharField("id", max_length=255)
    name = models.CharField(max_length=200, blank=True)
    fields = ExactJSONField(default=dict)
    # The fields that rules and staff added, and of which its system never spoke.
    ours = models.JSONField(default=list, editable=False)
    source = models.CharField(
        "data source", max_length=120, blank=True, editable=False
    )  # first heard through
    # What lists are filtered by, read from the fields whenever these change.
    stage = models.CharField(max_length=100, blank=True, editable=False)
    status = models.CharField(max_length=100, blank=True, editable=False)
    campaign = models.CharField(max_length=100, blank=True, editable=False)
    deleted = models.BooleanField(default=False)
    occurred_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["system", "type", "external_id"], name="record_identity")
        ]
        indexes = [
            models.Index(fields=["type", "external_id"], name="record_type_id"),
            models.Index(fields=["type", "id"], name="record_type"),
            models.Index(fields=["system", "type", "id"], name="record_system"),
            models.Index(fields=["type", "id"], name="record_deleted", condition=models.Q(deleted=True)),
            models.Index(
                fields=["type", "source", "id"], name="record_source", condition=~models.Q(source="")
            ),
            models.Index(fields=["type", "stage", "id"], name="record_stage", condition=~models.Q(stage="")),
            models.Index(
                fields=["type", "status", "id"], name="record_status", condition=~models.Q(status="")
            ),
            models.Index(
                fields=["type", "campaign", "id"], name="record_campaign", condition=~models.Q(campaign="")
            ),
        ]
        permissions = [
            ("execute_webhook", "Can execute a webhook on a record"),
            ("mass_post", "Can post many records at once"),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.type} {self.external_id}"


class _OfType(models.Manager["Record"]):
    def __init__(self, record_type: str) -> None:
        super().__init__()
        self.record_type = record_type

    def get_queryset(self) -> models.QuerySet[Record]:
        return super().get_queryset().filter(type=self.record_type)


class Contact(Record):
    """A person."""

    objects = _OfType("Contact")  # type: ignore[assignment,misc] # - a proxy narrows what its manager returns

    class Meta:
        proxy = True


class Company(Record):
    """An organisation."""

    objects = _OfType("Company")  # type: ignore[assignment,misc] # - a proxy narrows what its manager returns

    class Meta:
        proxy = True
        verbose_name_plural = "companies"


class Task(Record):
    """Something to do."""

    objects = _OfType("Task")  # type: ignore[assignment,misc] # - a proxy narrows what its manager returns

    class Meta:
        proxy = True


class Identifier(models.Model):
    """Something a record is known by beside its id, normalised so that it can be looked up: its name, its e-mail
    address, a telephone number, or any field a data source recognises duplicates by."""

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="identifiers", db_index=False)
    kind = models.CharField(max_length=200)  # one of automations.identifiers, or the path of a field
    value = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "kind", "value"], name="identifier_once")]
        indexes = [
            # The operator class lets PostgreSQL find values by how they start, whatever its collation.
            models.Index(fields=["kind", "value"], name="identifier", opclasses=["", "varchar_pattern_ops"])
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.value}"


class Change(models.Model):
    """What one update did to one record, and what each rule made of it."""

    class ChangesSource(models.TextChoices):
        SENDER = "sender", "The sender named them"
        DERIVED = "derived", "Compared with what we knew"
        UNKNOWN = "unknown", "Nothing to compare with"

    class Origin(models.TextChoices):
        SOURCE = "source", "Data source"
        STAFF = "staff", "Staff"
        ACTION = "action", "Action"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="changes", db_index=False)
    receipt_id = models.UUIDField(null=True)
    item = models.PositiveIntegerField(default=0)
    event = models.CharField(max_length=60)
    diff = ExactJSONField(default=dict)
    fields = ExactJSONField(default=dict)
    changes_source = models.CharField(max_length=8, choices=ChangesSource, default=ChangesSource.DERIVED)
    occurred_at = models.DateTimeField(null=True)
    actor = models.CharField(max_length=200, blank=True)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.SOURCE)
    source = models.CharField(max_length=120, blank=True)
    hops = models.PositiveSmallIntegerField(default=0)  # between hubs
    depth = models.PositiveSmallIntegerField(default=0)  # actions in a row that led here
    quiet = models.BooleanField(default=False)  # made by an action whose changes start no rules
    run_id = models.UUIDField(null=True, editable=False)  # the run that made it, if one did
    stale = models.BooleanField(default=False)
    notes = ExactJSONField(default=list)
    verdicts = ExactJSONField(default=list)
    correlation_id = models.UUIDField(default=new_id)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["receipt_id", "item"], name="change_receipt_item"),
            models.UniqueConstraint(
                fields=["run_id"], name="change_run", condition=models.Q(run_id__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["record", "id"], name="change_record"),
            models.Index(fields=["correlation_id"], name="change_correlation"),
            models.Index(fields=["event"], name="change_named", condition=~models.Q(event__in=EVERYDAY)),
        ]

    def __str__(self) -> str:
        return f"{self.record} {self.event}"
