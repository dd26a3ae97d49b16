"""The webhook, as an administrator defines it, and what the senders note of its health."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from webhooks_out.bodies import BODY_KINDS
from webhooks_out.secrets import SecretField

DEFAULT_SCHEDULE = "30, 300"  # seconds; Insightly and DebtPayPro users expect two more tries


class Webhook(models.Model):
    """An outgoing HTTP definition: where to, how, and with what."""

    class Method(models.TextChoices):
        GET = "GET", "GET"
        POST = "POST", "POST"
        PUT = "PUT", "PUT"
        PATCH = "PATCH", "PATCH"
        DELETE = "DELETE", "DELETE"

    class Mode(models.TextChoices):
        BACKGROUND = "background", "Background job"
        INLINE = "inline", "Inline"

    class Per(models.TextChoices):
        SECOND = "second", "Second"
        MINUTE = "minute", "Minute"

    class Order(models.TextChoices):
        ANY = "any", "Any order"
        IN_ORDER = "in_order", "In order for each record"
        LATEST = "latest", "Latest wins for each record"

    title = models.CharField(
        max_length=120, unique=True, help_text="How staff will find it, for example “Dialer: new lead”."
    )
    active = models.BooleanField(
        default=True,
        help_text="Switched off, it sends nothing; what would have been sent is shown as cancelled.",
    )
    disabled_reason = models.CharField(max_length=300, blank=True, editable=False)
    url = models.CharField(
        "URL",
        max_length=2000,
        help_text="The posting URL, with https:// and without the keys. "
        "Changing its host blanks the stored credentials.",
    )
    method = models.CharField(
        max_length=6, choices=Method, default=Method.POST, help_text="If you are unsure, start with POST."
    )
    port = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(65535)],
        help_text="Only if the posting instructions name one.",
    )
    mode = models.CharField(
        max_length=10,
        choices=Mode,
        default=Mode.BACKGROUND,
        help_text="Background: queued and sent by a worker. Inline: a person who executes it waits for the answer.",
    )
    offered_to = models.CharField(
        "offered for",
        max_length=200,
        blank=True,
        help_text="The types of records people may execute it on, separated by commas, for example “Contact, Task”. "
        "Empty: every type.",
    )
    auth_username = models.CharField(
        "user name",
        max_length=200,
        blank=True,
        help_text="HTTP Basic authentication, if the receiver asks for it. Not a key of the mapping.",
    )
    auth_password = SecretField(
        "password",
        blank=True,
        default="",
        help_text="Stored encrypted and never shown again. Leave empty to keep it.",
    )
    headers = models.TextField(
        "extra headers", blank=True, help_text="One per line, as “Name: value”. Shown in the log."
    )
    secret_headers = SecretField(
        blank=True,
        default="",
        help_text="One per line, as “Authorization: Bearer …”. Stored encrypted and never shown again. "
        "Leave empty to keep them.",
    )
    body_kind = models.CharField(
        "body",
        max_length=24,
        choices=[(name, kind.label) for name, kind in BODY_KINDS.items()],
        default="form",
        help_text="What the receiver expects. Form is what most posting instructions mean.",
    )
    signing_secret = SecretField(
        blank=True,
        default="",
        help_text="Signs each request by the Standard Webhooks specification (whsec_…). Leave empty to keep it.",
    )
    previous_signing_secret = SecretField(blank=True, default="", editable=False)
    previous_valid_until = models.DateTimeField(null=True, blank=True, editable=False)
    max_attempts = models.PositiveSmallIntegerField(
        "attempts",
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text="Requests made at most for one delivery, the first included.",
    )
    schedule = models.CharField(
        max_length=120,
        default=DEFAULT_SCHEDULE,
        help_text="Seconds to wait before the second, third … attempt, separated by commas; each varies by ±20 %.",
    )
    timeout = models.PositiveSmallIntegerField(
        default=20,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text="Seconds until an attempt is given up, from look-up to the last byte of the answer.",
    )
    concurrency = models.PositiveSmallIntegerField(
        default=32,
        validators=[MinValueValidator(1), MaxValueValidator(512)],
        help_text="Requests under way to this receiver at once, over all workers.",
    )
    rate = models.PositiveIntegerField(
        "at most",
        default=0,
        validators=[MaxValueValidator(1000)],
        help_text="Requests per second or minute, over all workers; they are spread evenly. 0: no limit.",
    )
    rate_per = models.CharField(
        "requests per",
        max_length=6,
        choices=Per,
        default=Per.SECOND,
        help_text="What the receiver's documentation says.",
    )
    order = models.CharField(
        max_length=8,
        choices=Order,
        default=Order.ANY,
        help_text="In order: one delivery of a record at a time, the next once it is delivered, failed or cancelled. "
        "Latest wins: an older one that is not delivered yet is cancelled. Counts for deliveries made from then on.",
    )
    breaker_after = models.PositiveSmallIntegerField(
        "pause after failures",
        default=10,
        help_text="After so many failures in a row its deliveries wait, and single ones are tried after 1, 5, 15 and "
        "then every 30 minutes until one succeeds. 0: never.",
    )
    disable_after = models.PositiveSmallIntegerField(
        "switch off after hours",
        default=24,
        help_text="Hours of nothing but failures after which it is switched off. 0: never.",
    )
    verify_tls = models.BooleanField(
        "verify the certificate",
        default=True,
        help_text="Leave on. Without it anybody on the way can read and change what is sent.",
    )
    ca = models.TextField(
        "own certificate authority",
        blank=True,
        help_text="PEM text, if the receiver uses a private authority.",
    )
    note = models.TextField(blank=True, help_text="Who owns the receiver, whom to call.")
    failures_in_row = models.PositiveIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    breaker_opened_at = models.DateTimeField(null=True, blank=True, editable=False)
    breaker_probes = models.PositiveIntegerField(default=0, editable=False)
    breaker_probe_at = models.DateTimeField(null=True, blank=True, editable=False)
    paced_until = models.FloatField(default=0.0, editable=False)  # seconds of the database's clock
    last_success_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_failure_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["title"]
        permissions = [("send_unverified", "Can switch off the check of a receiver's certificate")]

    def __str__(self) -> str:
        return self.title

    def is_offered_to(self, record_type: str) -> bool:
        """Whether people may execute it on records of this type."""
        types = {name.strip().casefold() for name in self.offered_to.split(",")} - {""}
        return not types or record_type.casefold() in types

    def delays(self) -> tuple[float, ...]:
        """Seconds before the second, third … attempt."""
        return tuple(float(part) for part in self.schedule.split(",") if part.strip())
