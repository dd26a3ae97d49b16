"""A request that has come back."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from webhooks_out.http import Answer
from webhooks_out.models import Delivery, Webhook

UNSENT = Answer(error="unsent")  # the request was never begun, because its turn came too late


@dataclass(frozen=True)
class Sent:
    """One request that has come back, with or without an answer."""

    delivery: Delivery
    webhook: Webhook
    answer: Answer
    at: datetime = field(default_factory=timezone.now)

    @property
    def succeeded(self) -> bool:
        """Whether the receiver took it."""
        return self.answer.status is not None and 200 <= self.answer.status < 300
