"""What came in, the rules, and what went out."""

from django.db import models


class Event(models.Model):
    """One update of a contact."""

    changes = models.JSONField(default=dict)
    snapshot = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"Event {self.pk}"


class Rule(models.Model):
    """When this field has this value, post the contact to this URL."""

    field = models.CharField(max_length=100)
    value = models.CharField(max_length=100)
    url = models.CharField(max_length=500)

    def __str__(self) -> str:
        return f"{self.field} = {self.value}"


class Delivery(models.Model):
    """One request to make."""

    url = models.CharField(max_length=500)
    body = models.TextField()
    state = models.CharField(max_length=10, default="waiting")
    attempts = models.PositiveIntegerField(default=0)
    settled_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Delivery {self.pk}"


class Attempt(models.Model):
    """One try of a delivery."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    status = models.PositiveIntegerField(null=True)
    response = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"Attempt {self.pk}"
