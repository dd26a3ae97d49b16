"""`manage.py rotate_keys`: every stored secret is encrypted anew, with the newest of FIELD_KEYS."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from webhooks_out.secrets import Secret, SecretField, SecretUnreadable

BATCH = 500  # rows of one transaction
MAX_LISTED = 50  # unreadable secrets named in full


@dataclass
class Tally:
    """What became of the secrets of one column."""

    renewed: int = 0
    current: int = 0
    unreadable: int = 0


class Command(BaseCommand):
    help = (
        "Encrypts every stored secret with the first of FIELD_KEYS. Put the new key before the old one, restart web "
        "and workers, run this, and then drop the old key. It may be stopped and run again at any time."
    )

    def handle(self, *_: Any, **options: Any) -> None:
        """Goes through every secret column there is; a secret no key fits stays as it is and is listed."""
        tallies = [self._rotate(model, field) for model, field in secret_columns()]
        unreadable = sum(tally.unreadable for tally in tallies)
        self.stdout.write(
            f"{sum(tally.renewed for tally in tallies)} encrypted anew, "
            f"{sum(tally.current for tally in tallies)} already had the newest key, {unreadable} unreadable."
        )
        if unreadable:
            raise CommandError(
                f"{unreadable} secrets were encrypted with a key that FIELD_KEYS no longer holds. "
                "Restore that key and run this again, or enter them anew."
            )

    def _rotate(self, model: type[models.Model], field: SecretField) -> Tally:
        tally = Tally()
        for batch in _batches(model, field):
            with transaction.atomic():
                for key, secret in batch:
                    self._renew(model, field, (key, secret), tally)
        if tally != Tally():
            self.stdout.write(
                f"{model._meta.label} {field.name}: {tally.renewed} of {_total(tally)} encrypted anew"
            )
        return tally

    def _renew(
        self, model: type[models.Model], field: SecretField, row: tuple[Any, Secret], tally: Tally
    ) -> None:
        """One secret, unless somebody changed it meanwhile: then it has the newest key anyway."""
        key, secret = row
        try:
            renewed = secret.renewed()
        except SecretUnreadable:
            tally.unreadable += 1
            if tally.unreadable <= MAX_LISTED:
                self.stderr.write(f"{model._meta.label} {key} {field.name}: unreadable")
            return
        if renewed is secret:
            tally.current += 1
        else:
            rows = model._default_manager.filter(**{"pk": key, field.name: secret})
            tally.renewed += rows.update(**{field.name: renewed})


def secret_columns() -> Iterator[tuple[type[models.Model], SecretField]]:
    """Every column of every table that holds secrets."""
    for model in apps.get_models():
        if not model._meta.proxy:
            yield from (
                (model, field) for field in model._meta.local_fields if isinstance(field, SecretField)
            )


def _batches(model: type[models.Model], field: SecretField) -> Iterator[list[tuple[Any, Secret]]]:
    """The rows that hold a secret, by primary key, so that no row is met twice however long it takes."""
    rows = model._default_manager.exclude(**{field.name: ""}).order_by("pk").values_list("pk", field.name)
    batch = list(rows[:BATCH])
    while batch:
        yield batch
        batch = list(rows.filter(pk__gt=batch[-1][0])[:BATCH])


def _total(tally: Tally) -> int:
    return tally.renewed + tally.current + tally.unreadable
