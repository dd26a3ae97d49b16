"""The composing app: settings, URLs, home page, health and the commands that see everything."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "config"
    verbose_name = "Fieldhook"
