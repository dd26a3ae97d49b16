"""Tells Django of the tables."""

from django.apps import AppConfig


class NaiveConfig(AppConfig):
    name = "tests.benchmarks.naive"
    label = "naive"
