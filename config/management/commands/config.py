"""`manage.py config`: everything that is defined, as one file to review, keep in version control and take elsewhere."""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import files


class Command(BaseCommand):
    help = "Writes systems, data sources, webhooks, rules and tags to a YAML file, or takes such a file over."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Two commands, each with a file."""
        commands = parser.add_subparsers(dest="command", required=True, title="commands")
        out = commands.add_parser("export", help="write the file; secrets and ingest URLs are left out")
        out.add_argument("file", help="where to write it; - for standard output")
        into = commands.add_parser("load", help="create and change what the file names, all or nothing")
        into.add_argument("file", help="the file; - for standard input")
        into.add_argument("--dry-run", action="store_true", help="only say what would be created and changed")

    def handle(self, *_: Any, **options: Any) -> None:
        """Exports or loads; what is wrong with a file or its path is one sentence each."""
        try:
            if options["command"] == "export":
                self._export(options["file"])
            else:
                self._load(options["file"], dry_run=options["dry_run"])
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}.") from None

    def _export(self, name: str) -> None:
        text = files.export()
        if name == "-":
            self.stdout.write(text, ending="")
        else:
            Path(name).write_text(text, encoding="utf-8", newline="\n")
            self.stdout.write(f"Written to {name}. Secrets and ingest URLs are not in it.")

    def _load(self, name: str, *, dry_run: bool) -> None:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        try:
            outcomes = files.load(raw, os.environ, dry_run=dry_run)
        except files.NotLoadable as problem:
            raise CommandError(f"{name} was not loaded, and nothing was changed.\n{problem}") from None
        self.stdout.write(files.report(outcomes, dry_run=dry_run))
