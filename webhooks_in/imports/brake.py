"""Keeps an import whose rows start rules from flooding the receivers: it waits while too much is still to be sent."""

from django.db.models import Q

from webhooks_in.models import Import
from webhooks_out.models import Delivery

MOST_OUTSTANDING = 2_000  # deliveries of one import that may wait to be sent
WAIT = 2.0  # seconds until it looks again
WORDS = f"Waiting for its posts: {MOST_OUTSTANDING:,} are still to be sent. It goes on by itself."


def holds(load: Import) -> bool:
    """Whether the import has to wait. The deliveries of all are counted first, which a small index answers."""
    unsent = Q(due_at__isnull=False)
    return _many(unsent) and _many(unsent & Q(correlation_id=load.correlation_id))


def _many(which: Q) -> bool:
    return Delivery.objects.filter(which).order_by()[:MOST_OUTSTANDING].count() >= MOST_OUTSTANDING
