"""What goes out: durable HTTP."""

from django.apps import AppConfig


class WebhooksOut(AppConfig):
    name = "webhooks_out"
    verbose_name = "Outgoing"
    default_auto_field = "django.db.models.BigAutoField"
