"""The admin pages of what comes in."""

from webhooks_in.admin import receipts, sources

__all__ = ["receipts", "sources"]
