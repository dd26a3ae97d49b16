"""What the brake holds of a rule, and what a person makes of it: released in order, each once, or discarded."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Count, QuerySet
from django.db.models.functions import Now

from automations.models import Rule, Run
from webhooks_out import drains
from webhooks_out.jobs import Job, clock

FIRST = 5  # runs that are released for a try
ALL = 1 << 31  # more than there ever are
PACE = 1_000  # released runs that are due in each second


@dataclass(frozen=True)
class Waiting:
    """A rule of which runs are held, and how many."""

    rule_id: int
    name: str
    count: int


def by_rule() -> list[Waiting]:
    """The rules of which runs are held, those with most of them first. One query of an index of held runs alone."""
    held = Run.objects.filter(braked_due_at__isnull=False, rule__isnull=False).order_by()
    counted = held.values_list("rule_id", "rule__name").annotate(count=Count("pk"))
    return sorted((Waiting(*row) for row in counted), key=lambda one: -one.count)


def of(rule: Rule, upto: UUID | None = None) -> QuerySet[Run]:
    """The held runs of a rule in their order; `upto`: no later ones than this."""
    held = Run.objects.filter(rule=rule, braked_due_at__isnull=False).order_by("id")
    return held.filter(id__lte=upto) if upto else held


def release(rule: Rule, upto: UUID, most: int = ALL) -> int:
    """Lets the first held runs be done, in their order and not before their time; returns how many.

    One statement, so that of two people who press at once only one releases each.
    """
    table, later = Run._meta.db_table, "max" if connection.vendor == "sqlite" else "greatest"
    last = Run._meta.pk.get_db_prep_value(upto, connection)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE {table} SET state = %s, reason = '', settled_at = NULL, braked_due_at = NULL,
                    due_at = {later}({clock("freed.place / %s")}, braked_due_at)
                FROM (
                    SELECT id AS held_id, row_number() OVER (ORDER BY id) AS place FROM {table}
                    WHERE rule_id = %s AND braked_due_at IS NOT NULL AND id <= %s ORDER BY id LIMIT %s
                ) AS freed
                WHERE id = freed.held_id AND braked_due_at IS NOT NULL""",
            [Job.State.WAITING.value, float(PACE), rule.pk, last, most],
        )
        released = cursor.rowcount
    if released:
        drains.wake_after_commit(Run.queue)
    return released


def discard(rule: Rule, upto: UUID, by: str) -> int:
    """Cancels the held runs of a rule; returns how many."""
    return _cancel(of(rule, upto), by)


def discard_with(rules: QuerySet[Rule], by: str) -> int:
    """Cancels what is held of rules that are about to be deleted; returns how many."""
    return _cancel(Run.objects.filter(rule__in=rules, braked_due_at__isnull=False), by)


def _cancel(held: QuerySet[Run], by: str) -> int:
    return held.update(
        state=Job.State.CANCELLED,
        reason=f"Held by the brake, and discarded by {by}."[:500],
        settled_at=Now(),
        braked_due_at=None,
    )
