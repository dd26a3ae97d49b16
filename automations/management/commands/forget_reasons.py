"""`manage.py forget_reasons`: changes of long ago forget why rules did not fire."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from automations import retention

DAYS = 90


class Command(BaseCommand):
    help = "Takes from old changes why rules did not fire; that a rule fired stays. Run it every night."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How old."""
        parser.add_argument(
            "--days", type=int, default=DAYS, help=f"how old a change must be; {DAYS} by default"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Forgets chunk by chunk, and says how many changes that was."""
        days = options["days"]
        if not 1 <= days <= 36_500:
            raise CommandError("Say a number of days from 1 to 36500, such as --days 90.")
        count = sum(retention.forget_reasons(timezone.now() - timedelta(days=days)))
        self.stdout.write(f"{count:,} changes of more than {days} days ago forgot why rules did not fire.")
