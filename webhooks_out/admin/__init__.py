"""The pages of what goes out: webhooks and the log of their deliveries."""

from webhooks_out.admin.deliveries import DeliveryAdmin
from webhooks_out.admin.webhooks import WebhookAdmin

__all__ = ["DeliveryAdmin", "WebhookAdmin"]
