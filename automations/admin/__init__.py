"""The admin pages of what we know, decide and do."""

from automations.admin import batches, changes, columns, definitions, records, rules, runs

__all__ = ["batches", "changes", "columns", "definitions", "records", "rules", "runs"]
