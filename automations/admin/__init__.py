"""The admin pages of what we know, decide and do."""

from automations.admin import changes, definitions, records, rules, runs

__all__ = ["changes", "definitions", "records", "rules", "runs"]
