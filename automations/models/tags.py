"""The tags that texts and mappings may use."""

from django.db import models


class Tag(models.Model):
    """A name that mappings may use in {BRACES}, and the field it stands for."""

    class Group(models.TextChoices):
        CONTACT = "contact", "Contact"
        COAPPLICANT = "coapplicant", "Co-applicant"
        CREDITOR = "creditor", "Creditors"
        BANK = "bank", "Banking"
        BUDGET = "budget", "Budget"
        SYSTEM = "system", "System"
        CUSTOM = "custom", "Custom"

    name = models.CharField(
        max_length=60, unique=True, help_text="Written in braces in a mapping: {FIRSTNAME}. Case matters."
    )
    path = models.CharField(max_length=200, help_text="The field it stands for, for example first_name.")
    group = models.CharField(
        max_length=11, choices=Group, default=Group.CUSTOM, help_text="Where it is listed."
    )
    label = models.CharField(max_length=120, blank=True, help_text="What it means, in your words.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{{{self.name}}}"
