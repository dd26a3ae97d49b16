"""What the brake holds of a rule, and what a person makes of it: released in order, each once, or discarded."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
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

    One statement, so that of two people who press at once only one releases each. What somebody else is changing
    just then, such as a rule that starts anew, is left: who waited for it could be waited for in turn.
    """
    is_sqlite = connection.vendor == "sqlite"
    table, later, lock = (
        Run._meta.db_table,
        "max" if is_sqlite else "greatest",
        "" if is_sqlite else "FOR UPDATE SKIP LOCKED",
    )
    last = Run._meta.pk.get_db_prep_value(upto, connection)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE {table} SET state = %s, reason = '', settled_at = NULL, braked_due_at = NULL,
                    due_at = {later}({clock("freed.place / %s")}, braked_due_at)
                FROM (
                    WITH first AS MATERIALIZED (
                        SELECT id AS held_id FROM {table}
                        WHERE rule_id = %s AND braked_due_at IS NOT NULL AND id <= %s ORDER BY id LIMIT %s {lock}
                    ) SELECT held_id, row_number() OVER (ORDER BY held_id) AS place FROM first
                ) AS freed
                WHERE id = freed.held_id AND braked_due_at IS NOT NULL""",
            [Job.State.WAITING.value, float(PACE), rule.pk, last, most],
        )
        released = cursor.rowcount
    if released:
        drains.wake_after_commit(Run.queue)
    return released


def discard(rule: Rule, upto: UUID, by: str) -> int:
    """Cancels the held runs of a rule, but for what somebody else is changing just then; returns how many."""
    with transaction.atomic():
        free = of(rule, upto).order_by().select_for_update(skip_locked=True).values("pk")
        return _cancel(Run.objects.filter(pk__in=free), by)


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
