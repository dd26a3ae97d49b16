"""How webhooks are doing, written down in bulk: one look at all of them, two statements more when something changed."""

from collections.abc import Collection, Iterable
from dataclasses import fields
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.formats import date_format

from webhooks_out import alerts, breaker, definitions, drains, outbox
from webhooks_out.batches import rows, table
from webhooks_out.breaker import Health, Limits, Seen
from webhooks_out.jobs import Job
from webhooks_out.judging import GONE
from webhooks_out.models import Alert, Delivery, Webhook
from webhooks_out.sent import Sent

NAMES = tuple(one.name for one in fields(Health))
# Noted by the senders while people have the webhook before them.
KEPT_BY_SENDERS = {*NAMES, "paced_until"} - {"active", "disabled_reason"}
LIMITS = tuple(one.name for one in fields(Limits))
TYPES = {bool: "boolean", int: "integer", str: "text"}
WRITTEN = {one.name: TYPES.get(one.type, "timestamptz") for one in fields(Health)}  # type: ignore[arg-type]  # - no text


def note(sent: Iterable[Sent]) -> None:
    """Moves the breakers of these webhooks. What a person asked for says nothing about health.

    Needs an open transaction.
    """
    seen = _seen(one for one in sent if not one.delivery.requested_by)
    if changed := [pk for pk, (before, after) in _judged(seen, lock=False).items() if before != after]:
        judged = _judged({pk: seen[pk] for pk in changed}, lock=True)
        _change(judged)
        recovered = [pk for pk, (before, after) in judged.items() if _failed(before) and not _failed(after)]
        if recovered:
            alerts.close(dict.fromkeys(recovered, "A request succeeded."))


def close(webhook: Webhook, words: str) -> bool:
    """Closes the breaker by hand and lets go what waits; False when it was closed. Needs an open transaction.

    Whoever was told of the trouble is told these words.
    """
    before = _locked(webhook)
    if before.is_open:
        _start_anew(webhook, before, words)
    return before.is_open


def save(webhook: Webhook, by: str) -> None:
    """Stores what people entered of a webhook, and leaves alone what the senders keep. Needs an open transaction.

    Switched on again it starts anew, without its failures; switched off it says by whom, and cancels what waits.
    """
    was_active = Webhook.objects.filter(pk=webhook.pk).values_list("active", flat=True).first()
    if webhook.active:
        webhook.disabled_reason = ""
    elif was_active is not False:
        at = date_format(timezone.localtime(), "j M Y H:i:s")
        webhook.disabled_reason = f"Switched off by {by} on {at}."
    if was_active is None:
        webhook.save()
        return
    entered = [one.name for one in webhook._meta.fields if one.name not in {"id", *KEPT_BY_SENDERS}]
    webhook.save(update_fields=entered)
    if not webhook.active:
        outbox.cancel_waiting(webhook, webhook.disabled_reason)
    elif not was_active:
        _start_anew(webhook, _locked(webhook), f"Switched on again by {by}.")


def _locked(webhook: Webhook) -> Health:
    return _of(Webhook.objects.select_for_update(no_key=True).filter(pk=webhook.pk).values(*NAMES).get())


def _start_anew(webhook: Webhook, before: Health, words: str) -> None:
    _change({webhook.pk: (before, breaker.closed(before))})
    alerts.close({webhook.pk: words})


def _seen(sent: Iterable[Sent]) -> dict[int, Seen]:
    """What came back, by the id of its webhook."""
    groups = groupby(sorted(sent, key=attrgetter("webhook.pk")), attrgetter("webhook.pk"))
    return {pk: _sum(list(group)) for pk, group in groups}


def _sum(sent: list[Sent]) -> Seen:
    """Failures count from the last success on."""
    goods = [place for place, one in enumerate(sent) if one.succeeded]
    failures = len(sent) - 1 - goods[-1] if goods else len(sent)
    return Seen(failures, bool(goods), any(one.answer.status == GONE for one in sent))


def _judged(seen: dict[int, Seen], *, lock: bool) -> dict[int, tuple[Health, Health]]:
    """The health of these webhooks before and after; locked, each in the order that every sender keeps to."""
    found = Webhook.objects.filter(pk__in=seen).order_by("pk")
    found = found.select_for_update(no_key=True) if lock else found
    judged = {}
    for row in found.values("pk", *NAMES, *LIMITS, now=Now()):
        before = _of(row)
        limits = Limits(**{name: row[name] for name in LIMITS})
        judged[row["pk"]] = before, breaker.after(before, seen[row["pk"]], limits, row["now"])
    return judged


def _of(row: dict[str, Any]) -> Health:
    return Health(**{name: row[name] for name in NAMES})


def _change(judged: dict[int, tuple[Health, Health]]) -> None:
    """Writes the health down, lets go what a closed breaker kept, and cancels what waits for what is now off."""
    closing = [pk for pk, (before, after) in judged.items() if before.is_open and not after.is_open]
    if closing:
        _let_go(closing)
    _write(judged)
    for pk, (before, after) in judged.items():
        if before.active and not after.active:
            outbox.cancel_waiting(Webhook(pk=pk), after.disabled_reason)
            definitions.touch()

    alerts.raise_for(_troubles(judged))


def _failed(health: Health) -> bool:
    return health.failures_in_row > 0


def _troubles(judged: dict[int, tuple[Health, Health]]) -> dict[tuple[int, str], str]:
    """What staff are to know, in words, by webhook and kind."""
    found: dict[tuple[int, str], str] = {}
    for pk, (before, after) in judged.items():
        if before.active and not after.active:
            found[pk, Alert.Kind.DISABLED] = after.disabled_reason
        elif after.is_open and not before.is_open:
            failed = f"{after.failures_in_row} requests in a row failed"
            found[pk, Alert.Kind.PAUSED] = f"{failed}. Its deliveries wait; one is tried now and then."
    return found


def _let_go(pks: Collection[int]) -> None:
    """What waits for the next probe is due at once; what waits for its own next attempt goes on waiting."""
    kept = Delivery.objects.filter(
        webhook__in=pks, state=Job.State.WAITING, due_at=F("webhook__breaker_probe_at")
    )
    kept.update(due_at=Now())
    drains.wake_after_commit(Delivery.queue)


def _write(judged: dict[int, tuple[Health, Health]]) -> None:
    columns = {**WRITTEN, "webhook_id": "bigint"}
    said = ((*(getattr(after, name) for name in NAMES), pk) for pk, (_, after) in judged.items())
    assigned = ", ".join(f"{name} = said.{name}" for name in NAMES)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE webhooks_out_webhook SET {assigned} FROM {table(columns)} "
            "WHERE webhooks_out_webhook.id = said.webhook_id",
            [rows(columns, said)],
        )
