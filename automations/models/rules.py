"""What we decide: rules with their conditions and actions."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from automations.conditions import Row
from automations.models.records import System
from automations.operators import OPERATORS
from automations.timing import Timing, zones
from webhooks_out.models import Webhook

ANY_CHANGE = "created or updated"


class Rule(models.Model):
    """When this happens to a record of this type and these conditions hold, do these things."""

    class Monitor(models.TextChoices):
        EVERY = "every", "Every time"
        STARTS = "starts", "When the conditions start to hold"
        ONCE = "once", "Once per record"

    class Stops(models.TextChoices):
        NEVER = "never", "Do not look again"
        UNMET = "unmet", "Stop when the conditions no longer hold"
        LEFT = "left", "Stop when the record has left its stage"

    class Again(models.TextChoices):
        KEEP = "keep", "Keep what is pending"
        RESTART = "restart", "Start anew"

    name = models.CharField(max_length=120, unique=True, help_text="What it does, in your words.")
    active = models.BooleanField(default=True, help_text="Switched off, it is not even looked at.")
    record_type = models.CharField(
        max_length=60, default="Contact", help_text="Contact, Company, Task or any other type your CRM sends."
    )
    event = models.CharField(
        max_length=60,
        default=ANY_CHANGE,
        help_text="created, updated, created or updated, deleted, imported, or a named event such as payment.returned.",
    )
    system = models.ForeignKey(
        System,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        help_text="Only records of this system; empty means any.",
    )
    source = models.CharField(
        "data source",
        max_length=120,
        blank=True,
        help_text="Only what comes in through the data source of this title; empty means any.",
    )
    monitor = models.CharField(
        "how often",
        max_length=6,
        choices=Monitor,
        default=Monitor.STARTS,
        help_text="Every time: at each change while the conditions hold. Start to hold: only when they did not hold "
        "before. Once: never again for the same record.",
    )
    brake_runs = models.PositiveIntegerField(
        "at most this many runs",
        default=1_000,
        validators=[MaxValueValidator(1_000_000)],
        help_text="What it starts beyond that is held until a person releases or discards it. 0: no brake.",
    )
    brake_minutes = models.PositiveIntegerField(
        "within minutes",
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(10_080)],
        help_text="The time these runs are counted over, up to now.",
    )
    stops = models.CharField(
        "before each later step",
        max_length=5,
        choices=Stops,
        default=Stops.NEVER,
        help_text="Looked at on the record as it is when the step comes due.",
    )
    again = models.CharField(
        "if it fires again meanwhile",
        max_length=7,
        choices=Again,
        default=Again.KEEP,
        help_text="While later steps for the same record are pending: keep them and make no others, or cancel them and "
        "count anew.",
    )
    time_zone = models.CharField(
        max_length=60,
        blank=True,
        choices=zones,
        help_text="Whose clock times of day, days and dates without a time zone follow.",
    )
    note = models.TextField(blank=True, help_text="Why this rule exists and who asked for it.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Condition(models.Model):
    """One row of a rule: a field, an operator and a value."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="conditions")
    group = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1)],
        help_text="Rows with the same number must all hold (AND). Of several numbers one is enough (OR).",
    )
    field = models.CharField(
        max_length=200, help_text="The field's name or path, as the data source sends it."
    )
    operator = models.CharField(
        max_length=20,
        choices=[(name, operator.label) for name, operator in OPERATORS.items()],
        default="equals",
    )
    value = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["group", "pk"]

    def __str__(self) -> str:
        return f"{self.field} {self.get_operator_display()} {self.value}".strip()

    def row(self) -> Row:
        """This condition as the evaluator reads it."""
        return Row(group=self.group, field=self.field, operator=self.operator, value=self.value)


class Action(models.Model):
    """One thing a rule does."""

    class Kind(models.TextChoices):
        POST_WEBHOOK = "post_webhook", "Post webhook"
        UPDATE_RECORD = "update_record", "Update record"
        CREATE_RECORD = "create_record", "Create record"
        SEND_EMAIL = "send_email", "Send e-mail"
        NOTIFY_STAFF = "notify_staff", "Notify staff"
        ISSUE_CERTIFICATE = "issue_certificate", "Issue certificate"
        RECHECK = "recheck", "Wait and re-check"

    class Unit(models.TextChoices):
        MINUTES = "minutes", "minutes"
        HOURS = "hours", "hours"
        DAYS = "days", "days"

    class CountsFrom(models.TextChoices):
        AFTER = "after", "after the change"
        BEFORE = "before", "before a date of the record"
        SINCE = "since", "after a date of the record"

    class IfPast(models.TextChoices):
        NOW = "now", "do it at once"
        SKIP = "skip", "skip it"

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="actions")
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.POST_WEBHOOK)
    webhook = models.ForeignKey(
        Webhook, null=True, blank=True, on_delete=models.PROTECT, related_name="actions"
    )
    options = models.JSONField(
        default=dict, blank=True, help_text="What else there is to say of this kind of action."
    )  # texts by name; which there are is known to automations.actions
    delay = models.PositiveIntegerField(default=0, help_text="0 means at once.")
    delay_unit = models.CharField("unit", max_length=7, choices=Unit, default=Unit.MINUTES)
    counts_from = models.CharField(
        max_length=6,
        choices=CountsFrom,
        default=CountsFrom.AFTER,
        help_text="What the delay counts from.",
    )
    date_field = models.CharField(
        "field with the date", max_length=200, blank=True, help_text="Such as due_date."
    )
    at_time = models.TimeField(
        "at",
        null=True,
        blank=True,
        help_text="The time of day, such as 09:00, by the rule's time zone. Empty: no particular one.",
    )
    weekdays = models.BooleanField(
        "on weekdays only", default=False, help_text="Never on Saturday or Sunday."
    )
    if_past = models.CharField(
        "if that is past",
        max_length=4,
        choices=IfPast,
        default=IfPast.NOW,
        help_text="When the date has passed already.",
    )
    once_key = models.CharField(
        "only once per",
        max_length=500,
        blank=True,
        help_text="A text with {TAGS}, such as welcome:{id}:{level}. What was done under the same text is never done "
        "again. Empty: no limit, but certificates are issued once per record and template, as if you had written "
        "certificate:{id}:{template}. Void what was done, and it may happen once more.",
    )

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.webhook}" if self.webhook else self.get_kind_display()

    @property
    def timing(self) -> Timing:
        """When it is due."""
        return Timing(
            count=self.delay,
            unit=self.delay_unit,
            counts_from=self.counts_from,
            field=self.date_field,
            at=self.at_time,
            weekdays=self.weekdays,
            if_past=self.if_past,
        )
