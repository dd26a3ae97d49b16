"""`manage.py hub`: the web server and the workers under one supervisor."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from config.supervisor import Supervisor, web, workers


class Command(BaseCommand):
    """Runs until SIGINT or SIGTERM, and leaves no process behind."""

    help = "Runs the web server and the workers, restarts what dies or falls silent, and ends both together."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen, and which half to run when they are split over hosts."""
        parser.add_argument("--bind", default="127.0.0.1:8000", help="address and port of the web server")
        parser.add_argument("--only", choices=["web", "workers"], help="run only this half")

    def handle(self, *_: Any, **options: Any) -> None:
        """Starts the supervisor."""
        children = {"web": web(options["bind"]), "workers": workers()}
        Supervisor([children[options["only"]]] if options["only"] else list(children.values())).run()
