"""The rows of a webhook's mapping, as an administrator defines them."""

from django.db import models

from webhooks_out.mapping import Pair
from webhooks_out.models.webhooks import Webhook
from webhooks_out.secrets import SecretField
from webhooks_out.transforms import TRANSFORMS


class KeyValue(models.Model):
    """One row of a webhook's mapping: a key, verbatim, and where its value comes from."""

    class Kind(models.TextChoices):
        FIELD = "field", "Field"
        CONSTANT = "constant", "Custom value"
        SECRET = "secret", "Secret custom value"
        TEXT = "text", "Text with {TAGS}"

    class Missing(models.TextChoices):
        OMIT = "omit", "Leave the key out"
        EMPTY = "empty", "Send it empty"
        DEFAULT = "default", "Send the default"
        HOLD = "hold", "Hold the delivery"

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="key_values")
    position = models.PositiveSmallIntegerField(default=0, db_index=True)
    key = models.CharField(
        max_length=200, help_text="Exactly as in the posting instructions: case, spaces and spelling."
    )
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.FIELD)
    value = models.CharField(
        max_length=2000,
        blank=True,
        help_text="A field of the record, a custom value, or text such as “{FIRSTNAME} {LASTNAME}”.",
    )
    secret = SecretField(
        "secret value", blank=True, default="", help_text="Only for a secret custom value. Never shown again."
    )
    missing = models.CharField("if there is no data", max_length=7, choices=Missing, default=Missing.EMPTY)
    default = models.CharField(max_length=500, blank=True)
    transform = models.CharField(
        max_length=24,
        blank=True,
        choices=[(name, transform.label) for name, transform in TRANSFORMS.items()],
    )
    argument = models.CharField("transform option", max_length=500, blank=True)
    sensitive = models.BooleanField(
        default=False, help_text="Sent, but shown as dots in previews and the log."
    )
    owner = models.CharField("owner team", max_length=120, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = "key-value pair"

    def __str__(self) -> str:
        return self.key

    def pair(self) -> Pair:
        """This row as the mapping reads it, its secret revealed."""
        return Pair(
            key=self.key,
            kind=self.kind,
            value=self.secret.reveal() if self.kind == self.Kind.SECRET else self.value,
            missing=self.missing,
            default=self.default,
            transform=self.transform,
            argument=self.argument,
            sensitive=self.sensitive,
        )
