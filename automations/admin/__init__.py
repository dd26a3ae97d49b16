"""The admin pages of what we know, decide and do."""

from automations.admin import changes, columns, definitions, records, rules, runs

__all__ = ["changes", "columns", "definitions", "records", "rules", "runs"]
