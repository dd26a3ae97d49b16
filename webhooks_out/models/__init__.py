"""What goes out, as rows: webhooks, deliveries, and what the workers need to know of each other."""

from webhooks_out.models.alerts import Alert
from webhooks_out.models.deliveries import Attempt, Delivery
from webhooks_out.models.key_values import KeyValue
from webhooks_out.models.webhooks import Webhook
from webhooks_out.models.working import Definitions, Heartbeat, Watch

__all__ = ["Alert", "Attempt", "Definitions", "Delivery", "Heartbeat", "KeyValue", "Watch", "Webhook"]
