"""The admin pages of what comes in."""

from webhooks_in.admin import imports, receipts, sources

__all__ = ["imports", "receipts", "sources"]
