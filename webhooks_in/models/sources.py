"""Where updates come from, and how they are verified and read."""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from automations.models import Rule, System
from webhooks_in.dialects import DIALECTS
from webhooks_in.presets import PRESETS
from webhooks_in.verification import Scheme
from webhooks_out.secrets import SecretField

CUSTOM = "custom"
DEFAULT_MAX_BODY = 1_048_576  # bytes
PATHS = ("record_type", "record_id", "event", "event_id", "changes", "snapshot", "occurred_at", "items")


def new_token() -> str:
    """The secret part of an ingest URL."""
    return secrets.token_urlsafe(30)


def digest_of(token: str) -> str:
    """What a token is looked up by; the token itself is stored only encrypted."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


class Source(models.Model):
    """Where updates come from: one ingest URL, how its requests are verified and how they are read."""

    class MatchAction(models.TextChoices):
        UPDATE = "update", "Updated: the existing record gets the new values"
        REJECT = "reject", "Rejected: nothing is stored of it, and the sender is told why"
        MARK = "mark", "Created anyway and marked as a duplicate"

    class Reply(models.TextChoices):
        RECEIPT = "receipt", "Receipt, at once"
        JSON = "json", "JSON with the record's id"
        TEXT = "text", "Plain text with the record's id"

    title = models.CharField(max_length=120, unique=True, help_text="For example “Insites: contacts”.")
    active = models.BooleanField(
        default=True, help_text="Switched off, its URL answers as if it did not exist."
    )
    system = models.ForeignKey(
        System,
        on_delete=models.PROTECT,
        related_name="sources",
        help_text="The CRM the records live in. Several sources of one CRM share its records.",
    )
    token = SecretField(default="", editable=False)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)

    dialect = models.CharField(
        max_length=24,
        choices=[(name, dialect.label) for name, dialect in DIALECTS.items()],
        default="json",
        help_text="How the sender writes its requests.",
    )
    record_type = models.CharField(
        max_length=60,
        blank=True,
        help_text="Contact, Company, Task …: if the request does not say, or if this URL serves one type only.",
    )
    event = models.CharField(
        max_length=60,
        blank=True,
        help_text="created, updated or a named event such as payment.returned: if the request does not say.",
    )
    allow_get = models.BooleanField(
        "accept GET",
        default=False,
        help_text="For posting URLs that are called with the data in the query string.",
    )
    path_record_type = models.CharField(max_length=200, blank=True, help_text="For example meta.entity.")
    path_record_id = models.CharField(max_length=200, blank=True, help_text="For example data.id.")
    path_event = models.CharField(max_length=200, blank=True, help_text="For example event.action.")
    path_event_id = models.CharField(max_length=200, blank=True, help_text="For example event.id.")
    path_changes = models.CharField(max_length=200, blank=True, help_text="An object of changed fields.")
    path_snapshot = models.CharField(
        max_length=200, blank=True, help_text="The record; empty means the whole body."
    )
    path_occurred_at = models.CharField(
        max_length=200,
        blank=True,
        help_text="When it happened: an older update never overwrites a newer one.",
    )
    path_items = models.CharField(
        max_length=200, blank=True, help_text="A list of events, if one request holds many."
    )

    preset = models.CharField(
        "verification",
        max_length=32,
        choices=[*((name, preset.label) for name, preset in PRESETS.items()), (CUSTOM, "Custom …")],
        default="none",
        help_text="How the sender proves that a request is its own. A secret URL alone is weaker.",
    )
    secret = SecretField(
        blank=True,
        default="",
        help_text="The shared secret, key or password. Stored encrypted, never shown again.",
    )
    previous_secret = SecretField(blank=True, default="", editable=False)
    previous_valid_until = models.DateTimeField(null=True, blank=True, editable=False)
    custom_scheme = models.JSONField(default=dict, blank=True, editable=False)

    dedup_template = models.CharField(
        "identity of an event",
        max_length=300,
        blank=True,
        help_text="Headers and fields in braces, for example {webhook-id} or {id}:{updated_at}. The same identity "
        "counts once. Empty: the dialect's own, or every request counts.",
    )
    dedup_window = models.PositiveIntegerField(
        "identical bodies within",
        default=0,
        validators=[MaxValueValidator(86_400)],
        help_text="Seconds. An identical body within this time counts as a repeat. 0: every request counts.",
    )
    max_body = models.PositiveIntegerField(
        "largest request",
        default=DEFAULT_MAX_BODY,
        validators=[MinValueValidator(1_024), MaxValueValidator(10 * DEFAULT_MAX_BODY)],
        help_text="Bytes. Larger requests are answered 413.",
    )
    match_field = models.CharField(
        "recognise duplicates by",
        max_length=200,
        blank=True,
        help_text="email, phone, or any field such as my_id. Empty: by the record id alone. E-mail is the safest, "
        "as two people may share a telephone.",
    )
    match_action = models.CharField(
        "a duplicate is",
        max_length=6,
        choices=MatchAction,
        default=MatchAction.UPDATE,
        help_text="What happens when a record with the same value is already there.",
    )
    reply = models.CharField(
        max_length=7,
        choices=Reply,
        default=Reply.RECEIPT,
        help_text="Receipt: answered as soon as it is stored. JSON or plain text: answered with the record's id, or "
        "with the reason why it was rejected, as lead vendors expect.",
    )
    imports_fire = models.BooleanField(
        "imports start rules",
        default=False,
        help_text="Whether records imported from a file start rules and posts as posted ones do.",
    )
    auto_post = models.ForeignKey(
        Rule,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    note = models.TextField(blank=True, help_text="Who owns the sender, whom to call.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["title"]
        verbose_name = "data source"

    def __str__(self) -> str:
        return self.title

    def renew_token(self, token: str = "") -> None:
        """Gives the source a new secret URL; the old one stops working when this is saved."""
        token = token or new_token()
        self.token, self.token_digest = token, digest_of(token)

    @property
    def path(self) -> str:
        """The path of its ingest URL, secret token included."""
        return f"/in/{self.token.reveal()}/"

    def scheme(self) -> Scheme:
        """How its requests are verified."""
        return Scheme(**self.custom_scheme) if self.preset == CUSTOM else PRESETS[self.preset].scheme

    def secrets_at(self, now: datetime) -> Iterator[str]:
        """The secrets that count now: the present one, and the previous one while it is still valid."""
        yield self.secret.reveal()
        if self.previous_secret and self.previous_valid_until and now < self.previous_valid_until:
            yield self.previous_secret.reveal()
