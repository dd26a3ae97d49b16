"""What we know, decide and do."""

from django.apps import AppConfig


class Automations(AppConfig):
    name = "automations"
    verbose_name = "Automations"
    default_auto_field = "django.db.models.BigAutoField"
