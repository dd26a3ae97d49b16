"""What comes in: from a raw request to record updates."""

from django.apps import AppConfig


class WebhooksIn(AppConfig):
    name = "webhooks_in"
    verbose_name = "Incoming"
    default_auto_field = "django.db.models.BigAutoField"
