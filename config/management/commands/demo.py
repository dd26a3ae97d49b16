"""`manage.py demo`: a complete hub with an example world, in a database of its own, until Ctrl-C."""

import os
import socket
import sys
from argparse import ArgumentParser
from pathlib import Path
from threading import Thread
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from config.demo import world
from config.demo.samples import Morning
from config.demo.tour import Tour
from config.supervisor import Child, Supervisor, web, workers
from webhooks_out.management.commands.catch import SECRET_VARIABLE


class Command(BaseCommand):
    help = "Runs a hub with example data: web, workers and a catcher for what it sends. Everything is kept in .demo/."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen."""
        parser.add_argument("--port", type=int, default=8000, help="of the hub's pages")
        parser.add_argument("--catch-port", type=int, default=world.CATCH_PORT, help="of the catcher")

    def handle(self, *_: Any, **options: Any) -> None:
        """Prepares the world, starts everything, shows people round, and ends everything on a signal."""
        port, catch_port = options["port"], options["catch_port"]
        _check_database()
        if port == catch_port:
            raise CommandError("The hub and the catcher need a port each.")
        _check_port(port, "--port")
        _check_port(catch_port, "--catch-port")
        try:
            self._prepare(catch_port)
        except KeyboardInterrupt:
            return
        address = f"http://127.0.0.1:{port}"
        os.environ.update(PUBLIC_URL=address, **{SECRET_VARIABLE: world.environment()["DEMO_SIGNING_SECRET"]})
        supervisor = Supervisor([web(f"127.0.0.1:{port}"), workers(), _catcher(catch_port)])
        tour = Tour(address, self._say, lambda: supervisor.stopping)
        samples = Morning(timezone.now(), world.environment()).samples()
        Thread(target=tour.guide, args=(samples,), daemon=True).start()
        supervisor.run()
        self._say("Everything has ended.")

    def _prepare(self, catch_port: int) -> None:
        """The database, the world and the login; a world that was changed by hand is put back, and said so."""
        self._say("Preparing the demo …")
        call_command("migrate", verbosity=0, interactive=False)
        for outcome in world.load(catch_port):
            if outcome.state == "changed":
                self._say(f"Put back as it is in config/demo.yaml: {outcome.noun} {outcome.name}")
        world.ensure_login()
        connection.close()

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _catcher(port: int) -> Child:
    return Child("catcher", [sys.executable, "manage.py", "catch", "--port", str(port)])


def _check_database() -> None:
    """Refuses any database that is not the demo's own: what is in it would be changed."""
    name = Path(str(settings.DATABASES["default"]["NAME"]))
    if not settings.DEMO or settings.DEMO_DIR not in name.parents:
        raise CommandError(
            "The demo keeps its data in .demo/, but the environment says otherwise: unset DATABASE_URL and DEMO."
        )


def _check_port(port: int, option: str) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", "") or "there is no such port"
            raise CommandError(
                f"Cannot listen on 127.0.0.1:{port} ({reason}): end what listens there, "
                f"or choose another port with {option}."
            ) from None
