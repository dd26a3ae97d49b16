"""What the workers tell each other: who sees to a queue, which definitions count, and that they live."""

from datetime import UTC, datetime

from django.db import models

from webhooks_out.jobs import new_id


class Watch(models.Model):
    """Who sees to a queue: a drain is waiting or at work in this slot until the time given."""

    queue = models.CharField(max_length=20)
    slot = models.PositiveSmallIntegerField()
    until = models.DateTimeField(default=datetime(1970, 1, 1, tzinfo=UTC))
    token = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["queue", "slot"], name="watch_slot")]
        verbose_name_plural = "watches"

    def __str__(self) -> str:
        return f"{self.queue} {self.slot}"


class Definitions(models.Model):
    """One row whose version is another one after every change to rules, webhooks or tags; workers then reload."""

    version = models.UUIDField(default=new_id)

    class Meta:
        verbose_name_plural = "definitions"

    def __str__(self) -> str:
        return f"version {self.version}"


class Heartbeat(models.Model):
    """When the workers last proved that a task travels through the queue."""

    name = models.CharField(max_length=40, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
