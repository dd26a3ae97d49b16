"""What may happen only once: a text with tags, claimed by a unique row before the work, voided by people."""

import hashlib
from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.formats import date_format

from automations import tag_names
from automations.freezing import drawn
from automations.models import OnceKey, Run
from webhooks_out import mapping
from webhooks_out.jobs import Job, Outcome, cancelled, done, held
from webhooks_out.mapping import Pair, Values

MAX_KEY = 300  # characters; of a longer one the rest is kept as a digest
RESERVED = ("rule:", "hub:")  # how keys of the hub itself begin
UNDER_WAY = (Job.State.WAITING, Job.State.RUNNING, Job.State.HELD)


def problem(template: str, own: Collection[str] = ()) -> str:
    """Why an action cannot have this once key, or "". `own`: tags of its kind, which tell no two records apart."""
    if not template:
        return ""
    if template.lower().startswith(RESERVED):
        return f"A once key cannot begin with “{template.partition(':')[0]}:”."
    if not set(mapping.tags_in(template)) - set(own):
        return "A once key needs a tag, such as {id}: without one it could happen only once in all."
    return tag_names.problem(template, *own)


def filled(template: str, known: Values) -> tuple[str, str]:
    """The key with its tags filled in, and what it lacks."""
    rendered = mapping.render([Pair("key", "text", template, missing="hold")], known)
    if rendered.held or not rendered.pairs:
        lacks = ", ".join(rendered.missing).removeprefix("key: ").partition(";")[0]
        return "", f"Its once key {template} cannot be told: {lacks}."
    return str(rendered.pairs[0][1]), ""


def cut(key: str, most: int = MAX_KEY) -> str:
    """The key, or of a longer one the beginning and a digest of all of it."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    return key if len(key) <= most else f"{key[: most - len(digest) - 1]}:{digest}"


def claim(run: Run) -> Outcome | None:
    """Takes the action's key for this run, before the work; what becomes of the run instead when it cannot be had.

    A run that was cut short finds its own key and goes on. The key of one that failed or was cancelled is taken over.
    """
    template = run.action.once_key if run.action else ""
    if not template:
        return None
    own = OnceKey.objects.filter(run=run, voided_at__isnull=True).first()
    if own is not None:
        return _of_own(own, run)
    key, lacking = filled(template, drawn(run))
    if lacking:
        return held(lacking)
    key = cut(key)
    try:
        with transaction.atomic():
            OnceKey.objects.create(
                key=key, run=run, change=run.change, record=run.record, what=str(run.action)[:200]
            )
    except IntegrityError:
        return _taken(key, run)
    return None


def foreseen(run: Run) -> tuple[str, Outcome | None]:
    """The key a run would claim, "" for none, and what would become of it instead if it could not have the key.

    Claims nothing; the run need not be stored.
    """
    template = run.action.once_key if run.action else ""
    if not template:
        return "", None
    key, lacking = filled(template, drawn(run))
    if lacking:
        return template, held(lacking)
    key = cut(key)
    holder = OnceKey.objects.select_related("run").filter(key=key, voided_at__isnull=True).first()
    return key, _refused(holder) if holder else None


def mark_done(run: Run) -> None:
    """Says that what the run's key stands for has happened; nothing for a run without one."""
    if run.action and run.action.once_key:
        OnceKey.objects.filter(run=run, voided_at__isnull=True, done_at__isnull=True).update(done_at=Now())


def void(key: OnceKey, by: str, reason: str) -> bool:
    """Frees the key, so that it may happen again; False when somebody has done so before."""
    return bool(
        OnceKey.objects.filter(pk=key.pk, voided_at__isnull=True).update(
            voided_at=Now(), voided_by=by[:150], void_reason=reason[:300]
        )
    )


def _of_own(own: OnceKey, run: Run) -> Outcome | None:
    """Goes on with what was cut short; what a person repeats, once done, is not done again."""
    if own.done_at is None:
        return None
    return done() if run.attempts > 1 else cancelled(_already(own))


def _taken(key: str, run: Run) -> Outcome | None:
    holder = OnceKey.objects.select_related("run").filter(key=key, voided_at__isnull=True).first()
    if holder is None:
        return Outcome(Job.State.WAITING, "Its once key was voided just now.", 1.0)
    if refused := _refused(holder):
        return refused
    free = OnceKey.objects.filter(pk=holder.pk, run=holder.run_id, done_at__isnull=True)
    if holder.run_id is None:
        free = OnceKey.objects.filter(pk=holder.pk, run__isnull=True, done_at__isnull=True)
    taken = free.update(run=run, change=run.change, record=run.record, created_at=Now())
    return None if taken else cancelled(f"Already under way by another run: {key}.")


def _refused(holder: OnceKey) -> Outcome | None:
    """Why nobody else may have the key that is held; None when it can be taken over."""
    if holder.done_at:
        return cancelled(_already(holder))
    if holder.run and holder.run.state in (*UNDER_WAY, Job.State.DONE):
        return cancelled(f"Already under way by another run: {holder.key}.")
    return None


def _already(key: OnceKey) -> str:
    at = timezone.localtime(key.done_at)
    return f"Already done on {date_format(at, 'j M Y H:i')}: {key.key}."
