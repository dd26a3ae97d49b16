"""Certificates: how they look, and each one that was issued."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone

from automations.models.records import Record
from automations.models.runs import Run
from automations.models.staff import Document
from webhooks_out.jobs import new_id

_COLOUR = RegexValidator(
    r"^#[0-9A-Fa-f]{6}\Z", "Write a colour as # and six digits or letters A to F: #1F2937."
)

_VOIDED = models.Q(voided_at__isnull=False)


class CertificateTemplate(models.Model):
    """What certificates of one kind look like and say."""

    class Page(models.TextChoices):
        A4 = "a4", "A4"
        LETTER = "letter", "Letter"

    class Orientation(models.TextChoices):
        LANDSCAPE = "landscape", "Landscape"
        PORTRAIT = "portrait", "Portrait"

    class Missing(models.TextChoices):
        HOLD = "hold", "Stop and hold the certificate"
        EMPTY = "empty", "Leave a gap"
        DEFAULT = "default", "Write the default"

    title = models.CharField(
        max_length=120, unique=True, help_text="What rules call it. It stands in the file's name, too."
    )
    page = models.CharField("page size", max_length=6, choices=Page, default=Page.A4, help_text="Of the PDF.")
    orientation = models.CharField(
        max_length=9, choices=Orientation, default=Orientation.LANDSCAPE, help_text="Wide or upright."
    )
    background_colour = models.CharField(
        max_length=7, default="#FFFFFF", validators=[_COLOUR], help_text="Of the whole page."
    )
    text_colour = models.CharField(
        max_length=7, default="#1F2937", validators=[_COLOUR], help_text="Of everything that is written."
    )
    heading = models.TextField(
        default="Certificate of completion", blank=True, help_text="Large, at the top. {TAGS} are filled in."
    )
    body = models.TextField(
        default="This is to certify that\n\n{FIRSTNAME} {LASTNAME}\n\nhas passed.",
        blank=True,
        help_text="In the middle. {TAGS} are filled in from the record; text becomes smaller until it fits.",
    )
    footer = models.TextField(
        default="Certificate {NUMBER}\nissued on {ISSUED_ON}",
        blank=True,
        help_text="Small, at the foot. Beside your tags there are {NUMBER}, {ISSUED_ON} and {VERIFY_URL}.",
    )
    missing = models.CharField(
        "when a tag is empty",
        max_length=7,
        choices=Missing,
        default=Missing.HOLD,
        help_text="What happens when the record has nothing for a tag.",
    )
    default = models.CharField(
        max_length=200, blank=True, help_text="Written instead of an empty tag, if that is chosen above."
    )
    background = models.BinaryField(blank=True, default=b"")  # images: PNG or JPEG, none when empty
    logo = models.BinaryField(blank=True, default=b"")
    signature = models.BinaryField(blank=True, default=b"")
    number_format = models.CharField(
        max_length=60,
        default="{NUMBER}/{YEAR}",
        help_text="How a number is written. {NUMBER} runs on through the years, {YEAR} is that of the issue.",
    )
    digits = models.PositiveSmallIntegerField(
        default=4,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
        help_text="Digits of {NUMBER} at least: 4 writes 0001.",
    )
    last_number = models.PositiveIntegerField(default=0, editable=False)
    qr_code = models.BooleanField(
        "QR code", default=True, help_text="Draws a code that leads to the page where anybody can verify it."
    )
    public_fields = models.TextField(
        "shown when verified",
        blank=True,
        default="Number: {NUMBER}\nIssued: {ISSUED_ON}",
        help_text="What the public page shows beside whether it is valid, and nothing else: one line each, a name, "
        "a colon, and a text with {TAGS}. For example: Name: {FIRSTNAME} {LASTNAME}",
    )

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


def as_written(key: str) -> str:
    """A certificate's once key without the system and the type of record that stand before it."""
    return key.split(":", 2)[-1]


class Certificate(models.Model):
    """One certificate that was issued. The row is made before the work: its number, code and words stay as they are."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    template = models.ForeignKey(
        CertificateTemplate, on_delete=models.PROTECT, related_name="certificates", db_index=False
    )
    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="certificates")
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="certificates")
    key = models.CharField("once key", max_length=500)
    sequence = models.PositiveIntegerField()
    number = models.CharField(max_length=120, db_index=True)
    code = models.CharField(max_length=43, unique=True)  # of its public page; nobody can guess it
    values = models.JSONField(default=dict)  # what was filled in; owned by automations.issuing
    document = models.OneToOneField(
        Document, null=True, on_delete=models.SET_NULL, related_name="certificate"
    )  # none until it is drawn
    issued_at = models.DateTimeField(default=timezone.now)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField("reason", max_length=300, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(voided_at__isnull=True), name="certificate_once"
            ),
            models.UniqueConstraint(fields=["template", "sequence"], name="certificate_number"),
        ]
        indexes = [
            models.Index(fields=["template", "id"], name="certificate_template"),
            models.Index(fields=["id"], name="certificate_voided", condition=_VOIDED),
            models.Index(fields=["template", "id"], name="certificate_voided_of", condition=_VOIDED),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_valid(self) -> bool:
        """Whether it was not voided."""
        return self.voided_at is None

    @property
    def key_as_written(self) -> str:
        """The once key as the rule says it, its tags filled in."""
        return as_written(self.key)
