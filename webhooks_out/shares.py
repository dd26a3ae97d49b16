"""Which due deliveries a sender takes: each webhook's fair share, as far as its concurrency, rate and health allow."""

from collections import Counter
from typing import NamedTuple

from django.db import connection

from webhooks_out import definitions, gates, turns
from webhooks_out.jobs import claim, clock
from webhooks_out.models import Delivery, Webhook

MARGIN = 15.0  # seconds a lease lasts beyond the request's own deadline
RESERVED = 8  # of a webhook's concurrency, the share that mass posts leave free


class Due(NamedTuple):
    """A webhook with something due, whether some of it belongs to a mass post, and what holds it up."""

    webhook: Webhook
    in_batches: bool
    gate: gates.Gate


def take(room: int) -> list[tuple[Delivery, Webhook]]:
    """Claims up to `room` due deliveries, shared fairly among their webhooks. Needs an open transaction."""
    found = _due_webhooks()
    running = _running([one.webhook for one in found])
    claimed: list[tuple[Delivery, Webhook]] = []
    for index, one in enumerate(found):
        left = room - len(claimed)
        share = max(1, left // (len(found) - index))
        free = one.webhook.concurrency - running[one.webhook.pk]
        claimed += [(delivery, one.webhook) for delivery in _let_in(one, min(share, left, free), free)]
    return claimed


def _due_webhooks() -> list[Due]:
    """Webhooks with something due. They are locked against other drains; those another drain locked are left to it."""
    lock = "" if connection.vendor == "sqlite" else "FOR NO KEY UPDATE SKIP LOCKED"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT w.id, EXISTS (
                    SELECT 1 FROM webhooks_out_delivery b
                    WHERE b.webhook_id = w.id AND b.batch_id IS NOT NULL AND b.due_at <= {clock()}
                ), {gates.columns()} FROM webhooks_out_webhook w WHERE 1 = (
                    SELECT 1 FROM webhooks_out_delivery d WHERE d.webhook_id = w.id AND d.due_at <= {clock()} LIMIT 1
                ) {lock}""",
            [],
        )
        found = {pk: (in_batches, gate) for pk, in_batches, *gate in cursor.fetchall()}
    webhooks = _webhooks.get(list(found)) if found else {}
    return [Due(webhook, bool(found[pk][0]), gates.Gate(*found[pk][1])) for pk, webhook in webhooks.items()]


_webhooks = definitions.Kept[int, Webhook](Webhook.objects.in_bulk)


def _running(webhooks: list[Webhook]) -> Counter[int]:
    """How many deliveries of each webhook are under way, in all workers."""
    if not webhooks:
        return Counter()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT webhook_id, count(*) FROM webhooks_out_delivery WHERE state = 'running'
                AND due_at > {clock()} AND webhook_id IN ({", ".join(["%s"] * len(webhooks))}) GROUP BY webhook_id""",
            [webhook.pk for webhook in webhooks],
        )
        return Counter(dict(cursor.fetchall()))


def _let_in(one: Due, limit: int, free: int) -> list[Delivery]:
    """Due deliveries of one webhook, `limit` at most and no more than its rate and its order allow."""
    pace = gates.pace_of(one.webhook, one.gate)
    limit = min(limit, pace.allowed) if pace else limit
    turns.supersede(one.webhook)
    claimed = (
        _past_breaker(one, limit)
        if one.gate.is_open and one.webhook.active
        else _longest_due(one, limit, free)
    )
    turns.park(one.webhook)
    if pace:
        gates.spread(one.webhook, pace, len(claimed), in_batches=one.in_batches)
    return claimed


def _past_breaker(one: Due, limit: int) -> list[Delivery]:
    """What people ask for, and the one probe when it is time for it; the rest waits."""
    asked = _claim(one.webhook, limit, among=gates.ASKED_FOR)
    spare = min(1, limit - len(asked)) if one.gate.probe_due else 0
    probe = _claim(one.webhook, spare, among=gates.BY_ITSELF)
    gates.keep(one.webhook, one.gate, probed=bool(probe))
    return asked + probe


def _longest_due(one: Due, limit: int, free: int) -> list[Delivery]:
    """Those longest due, mass posts last; of a webhook that is switched off only what people ask for."""
    among = "" if one.webhook.active else gates.ASKED_FOR
    first = _claim(one.webhook, limit, among=f"AND batch_id IS NULL {among}")
    spare = min(limit, free - _reserved(one.webhook)) - len(first) if one.in_batches else 0
    return first + _claim(one.webhook, spare, among=f"AND batch_id IS NOT NULL {among}")


def _reserved(webhook: Webhook) -> int:
    """Requests at once that a mass post leaves free for what rules and people send meanwhile."""
    return max(1, webhook.concurrency // RESERVED) if webhook.concurrency > 1 else 0


def _claim(webhook: Webhook, limit: int, *, among: str) -> list[Delivery]:
    """Due deliveries of one webhook."""
    if limit <= 0:
        return []
    where = f"AND webhook_id = %s {among} {turns.condition(webhook)}"
    return claim(Delivery, limit, lease=webhook.timeout + MARGIN, where=where, params=(webhook.pk,))
