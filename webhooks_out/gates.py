"""What holds up a webhook's due deliveries, and the later time they are given so that nobody looks at them in vain."""

from typing import NamedTuple

from django.db import connection

from webhooks_out import breaker
from webhooks_out.jobs import clock
from webhooks_out.models import Webhook

CHUNK = 1000  # deliveries given a later time by one statement
ASKED_FOR = "AND requested_by <> ''"
BY_ITSELF = "AND requested_by = ''"


class Gate(NamedTuple):
    """A webhook's breaker as its locked row has it now."""

    is_open: bool
    probe_due: bool
    probes: int


def columns() -> str:
    """SQL for what a Gate is made of, of the webhook called `w`."""
    return (
        f"w.breaker_opened_at IS NOT NULL, COALESCE(w.breaker_probe_at <= {clock()}, FALSE), w.breaker_probes"
    )


def keep(webhook: Webhook, gate: Gate, *, probed: bool) -> None:
    """Has what is due wait for the next probe, whose time is set when the last one was sent; no attempt is counted."""
    with connection.cursor() as cursor:
        if probed:
            cursor.execute(
                f"""UPDATE webhooks_out_webhook SET breaker_probes = breaker_probes + 1,
                    breaker_probe_at = {clock("%s")} WHERE id = %s""",
                [breaker.wait_after(gate.probes + 1), webhook.pk],
            )
        if probed or not gate.probe_due:
            probe_at = "(SELECT breaker_probe_at FROM webhooks_out_webhook WHERE id = %s)"
            cursor.execute(_postponement(probe_at), [webhook.pk, webhook.pk, CHUNK])


def _postponement(due_at: str) -> str:
    """The statement that gives due deliveries of a webhook, which nobody asked for by hand, another time."""
    lock = "" if connection.vendor == "sqlite" else "FOR UPDATE SKIP LOCKED"
    return f"""UPDATE webhooks_out_delivery SET state = 'waiting', token = '', due_at = {due_at}
        WHERE id IN (
            SELECT id FROM webhooks_out_delivery WHERE webhook_id = %s AND due_at <= {clock()} {BY_ITSELF}
                AND attempts < max_attempts ORDER BY due_at LIMIT %s {lock}
        )"""
