"""What we do: one action of one rule for one change, and what may happen only once."""

from django.db import models
from django.utils import timezone

from automations.models.records import Change, Record
from automations.models.rules import Action, Rule
from webhooks_out.jobs import Job
from webhooks_out.models import Delivery

# One comparison for each other state: in a list of values SQLite would not recognise the condition of its indexes.
PENDING = (
    ~models.Q(state=Job.State.DONE)
    & ~models.Q(state=Job.State.RUNNING)
    & ~models.Q(state=Job.State.DEAD)
    & ~models.Q(state=Job.State.CANCELLED)
)


class Run(Job):
    """One action of one rule for one change."""

    queue = "runs"
    drain_task = "automations.tasks.drain"

    change = models.ForeignKey(Change, on_delete=models.CASCADE, related_name="runs", db_index=False)
    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="runs")
    rule = models.ForeignKey(Rule, null=True, on_delete=models.SET_NULL, related_name="runs", db_index=False)
    rule_name = models.CharField(max_length=120)
    action = models.ForeignKey(Action, null=True, on_delete=models.SET_NULL, related_name="runs")
    kind = models.CharField(max_length=20)
    position = models.PositiveSmallIntegerField(default=0)
    planned_at = models.DateTimeField(default=timezone.now)  # when its rule wants it done, whatever its state
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.SET_NULL, related_name="runs")
    counted = models.BooleanField(default=True)  # by the brake; not what it holds, nor what paces itself
    braked_due_at = models.DateTimeField(null=True)  # of what the brake holds: when it would have been due

    class Meta(Job.Meta):
        constraints = [models.UniqueConstraint(fields=["change", "rule", "position"], name="run_once")]
        indexes = [
            *Job.Meta.indexes,
            models.Index(fields=["rule", "id"], name="run_rule"),
            models.Index(fields=["state", "id"], name="run_unfinished", condition=~models.Q(state="done")),
            models.Index(
                fields=["rule", "id"], name="run_braked", condition=models.Q(braked_due_at__isnull=False)
            ),
            # What the brake counts, however much it holds.
            models.Index(fields=["rule", "id"], name="run_counted", condition=models.Q(counted=True)),
            # What is pending, for the queue and its filters, and for the rule that fires again.
            models.Index(fields=["planned_at", "id"], name="run_pending", condition=PENDING),
            models.Index(fields=["rule", "planned_at", "id"], name="run_pending_rule", condition=PENDING),
            models.Index(fields=["kind", "planned_at", "id"], name="run_pending_kind", condition=PENDING),
            models.Index(fields=["state", "planned_at", "id"], name="run_pending_state", condition=PENDING),
            models.Index(
                fields=["rule", "state", "planned_at", "id"], name="run_pending_both", condition=PENDING
            ),
            models.Index(
                fields=["record", "rule", "planned_at"], name="run_pending_record", condition=PENDING
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_name}: {dict(Action.Kind.choices).get(self.kind, self.kind)}"


class _Pending(models.Manager["Run"]):
    def get_queryset(self) -> models.QuerySet[Run]:
        return super().get_queryset().filter(PENDING)


class Queued(Run):
    """A run that waits for its time or for a person, as the queue shows it."""

    objects = _Pending()  # type: ignore[assignment,misc] # - a proxy narrows what its manager returns

    class Meta:
        proxy = True
        verbose_name = "pending action"
        verbose_name_plural = "pending actions"
        default_permissions = ()  # those for runs count


class OnceKey(models.Model):
    """Something that may happen only once; the row is claimed before the work. Voided, it is history."""

    key = models.CharField(max_length=300)
    change = models.ForeignKey(Change, null=True, on_delete=models.SET_NULL)
    record = models.ForeignKey(Record, null=True, on_delete=models.SET_NULL, related_name="once_keys")
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="once_keys")
    what = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)
    voided_by = models.CharField(max_length=150, blank=True)
    void_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], name="once_key_live", condition=models.Q(voided_at__isnull=True)
            )
        ]
        indexes = [models.Index(fields=["key"], name="once_key")]
        permissions = [("void_oncekey", "Can void a once key, so that it happens again")]

    def __str__(self) -> str:
        return self.key
