"""Two real hubs, each with its database, files, web and workers, exchange a contact with all that belongs to it."""

import os
import signal
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import psycopg
import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import connection, connections

from automations import documents, posting
from automations.models import Document, DocumentCopy, Hub, Record, System, Tag
from config.hub_rows import rows
from tests.clusters import Running, until
from tests.world import make_webhook
from webhooks_in.dialects.special_keys import PERSON
from webhooks_in.models import Source, SourceField
from webhooks_out import drains, outbox
from webhooks_out.models import Delivery, KeyValue, Webhook
from webhooks_out.outbox import Definition

pytestmark = pytest.mark.alone
Start = Callable[..., Running]
THEIRS = "their_hub"  # the alias of the other hub's database
SECRET = "what the two hubs share, at length"
PATIENCE = 90.0  # seconds
LONG_AGO = "2020-01-01T00:00Z"  # when a lease or a wait is over that no test waits for
FIELDS: dict[str, Any] = {
    "first_name": "Ana",
    "last_name": "López",
    "email": "ana@harbour.example",
    "home_phone": "+1 555 010 7788",
    "coapplicant": {
        "first_name": "Bo",
        "last_name": "López",
        "email": "bo@harbour.example",
        "dob": "1980-02-29",
    },
    "creditors": [
        {
            "name": "First Bank",
            "debt": "5000.10",
            "account": "4111",
            "type": "card",
            "current_payment": "90.00",
        },
        {
            "name": "Čistá půjčka",
            "debt": "120",
            "holder": "both",
            "last_payment": "2026-10-01",
            "notes": "late & angry",
        },
    ],
    "bank": {"name": "Harbour Bank", "account": "000123", "routing": "026009593"},
    "budget": {"net_income": "3200.00", "rent": "1100", "fuel": "0.10"},
    "plan_data": {
        "months": 48,
        "fee": Decimal("0.10"),
        "payments": [{"date": "2026-12-01", "amount": "310.50"}],
        "note": "“ü”",
    },
}
FILES = {"contract ü.pdf": b"%PDF-1.7" + bytes(range(256)) * 900, "id card.png": b"\x89PNG" + b"x" * 70_000}


@dataclass
class Hubs:
    """Ours runs on the test database, theirs on a second one; each knows of the other."""

    start: Start
    ours: int  # port
    theirs: int  # port
    environment: dict[str, str]  # makes a process one of theirs
    ana: Record
    webhook: Webhook

    def start_ours(self, only: str) -> Running:
        """Our web server or our workers."""
        return self.start("hub", "--bind", f"127.0.0.1:{self.ours}", "--only", only, WEB_WORKERS="1")

    def start_theirs(self) -> Running:
        """Their web server and their workers."""
        return self.start("hub", "--bind", f"127.0.0.1:{self.theirs}", **self.environment)

    def execute(self) -> None:
        """A person posts Ana to the other hub."""
        until(lambda: listens(self.theirs), PATIENCE, "their web server")
        tags = dict(Tag.objects.values_list("name", "path"))
        outbox.store([posting.freeze(Definition.of(self.webhook), self.ana, tags, "maria")])
        until(lambda: Delivery.objects.get().state == "done", PATIENCE, "the delivery")

    def copies(self) -> list[tuple[str, str]]:
        """State and reason of each copy over there."""
        found = DocumentCopy.objects.using(THEIRS).order_by("document_id")
        return list(found.values_list("state", "reason"))

    def wait_for(self, state: str, reason: str = "") -> None:
        """Comes back when every copy is in this state for this reason."""
        until(
            lambda: (
                len(self.copies()) == len(FILES)
                and all(found == state and reason in why for found, why in self.copies())
            ),
            PATIENCE,
            f"{state} {reason}",
        )

    def files(self) -> dict[str, bytes]:
        """The documents over there, by name."""
        found = Document.objects.using(THEIRS).filter(record__external_id="7")
        assert len({one.name for one in found}) == len(found)
        return {one.name: Path(self.environment["MEDIA_ROOT"], one.file.name).read_bytes() for one in found}


@pytest.fixture
def hubs(start: Start, tmp_path: Path) -> Iterator[Hubs]:
    seed_tags()
    with second_database(tmp_path) as url:
        ours, theirs = free_port(), free_port()
        environment = {
            "DATABASE_URL": url,
            "MEDIA_ROOT": str(tmp_path / "files"),
            "ACCOUNT_ID": "2",
            "WEB_WORKERS": "1",
            "PUBLIC_URL": f"http://127.0.0.1:{theirs}",
        }
        Hub.objects.create(account="2", title="Theirs", url=f"http://127.0.0.1:{theirs}/", secret=SECRET)
        Hub.objects.using(THEIRS).create(
            account="1", title="Ours", url=f"http://127.0.0.1:{ours}/", secret=SECRET, max_file_size=1
        )
        webhook = our_webhook(f"http://127.0.0.1:{theirs}{their_source().path}")
        drains.ensure_watches()
        yield Hubs(start, ours, theirs, environment, our_ana(), webhook)


@contextmanager
def second_database(folder: Path) -> Iterator[str]:
    """The DATABASE_URL of a copy of the test database, reached here as THEIRS."""
    ours = connection.settings_dict
    name, url = str(folder / "theirs.sqlite3"), f"sqlite:///{folder / 'theirs.sqlite3'}"
    if connection.vendor == "postgresql":
        name = f"{ours['NAME']}_theirs"
        url = f"postgres://{ours['USER']}@/{ours['HOST']}/{name}"
        make_database(f'CREATE DATABASE "{name}" TEMPLATE "{ours["NAME"]}"')
    else:
        with closing(sqlite3.connect(name)) as copy:
            connection.connection.backup(copy)
    connections.settings[THEIRS] = {**connection.settings_dict, "NAME": name}
    there = connections[THEIRS]
    del connections.settings[THEIRS]  # Django's tests allow connections they know nothing of
    try:
        yield url
    finally:
        there.close()
        del connections[THEIRS]
        if connection.vendor == "postgresql":
            make_database(f'DROP DATABASE "{name}" WITH (FORCE)')


def make_database(statement: str) -> None:
    """Runs a statement while nobody is connected to the test database."""
    ours = connection.settings_dict
    connection.close()
    with psycopg.connect(host=ours["HOST"], user=ours["USER"], dbname="postgres", autocommit=True) as server:
        server.execute(statement)


def seed_tags() -> None:
    """The standard tags, which the end of an earlier test took away."""
    seed = import_module("automations.migrations.0004_tag_groups").seed
    seed(apps, SimpleNamespace(connection=connection))


def their_source() -> Source:
    """A posting URL over there: plain keys are mapped, the special ones are not."""
    system = System.objects.using(THEIRS).create(name="Posted leads")
    source = Source(title="Partner", system=system, dialect="key_values", record_type="Contact")
    source.renew_token()
    source.save(using=THEIRS)
    for key, field in PERSON.items():
        SourceField.objects.using(THEIRS).create(source=source, key=key, field=field)
    return source


def our_webhook(url: str) -> Webhook:
    """The webhook that posts to the other hub."""
    webhook = make_webhook(url, "Partner")
    for position, (key, value) in enumerate(rows(dict(Tag.objects.values_list("name", "path"))).items()):
        KeyValue.objects.create(webhook=webhook, position=position, key=key, value=value, kind="text")
    return webhook


def our_ana() -> Record:
    """Ana, with two documents."""
    system = System.objects.create(name="Harbour CRM")
    ana = Record.objects.create(
        system=system, type="Contact", external_id="7", name="Ana López", fields=FIELDS
    )
    for name, content in FILES.items():
        documents.store(ana, name, ContentFile(content))
    return ana


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody accepts connections."""
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def fetching(hub: Running, port: int) -> list[psutil.Process]:
    """A hub's processes that are connected to this port."""
    return [
        process
        for process in hub.workers()
        for one in process.net_connections("tcp")
        if one.raddr and one.raddr.port == port
    ]


def test_a_contact_arrives_whole_with_its_documents(hubs: Hubs) -> None:
    hubs.start_ours("web")
    hubs.start_ours("workers")
    hubs.start_theirs()
    hubs.execute()
    hubs.wait_for("done")
    received = Record.objects.using(THEIRS).get(external_id="7")
    assert {name: received.fields.get(name) for name in FIELDS} == FIELDS
    assert hubs.files() == FILES
    assert received.name == "Ana López"


def test_a_hub_that_is_down_at_first_is_asked_again(hubs: Hubs) -> None:
    hubs.start_ours("workers")
    hubs.start_theirs()
    hubs.execute()
    hubs.wait_for("waiting", "Ours did not send it. No connection")
    hubs.start_ours("web")
    until(lambda: listens(hubs.ours), PATIENCE, "our web server")
    DocumentCopy.objects.using(THEIRS).update(due_at=LONG_AGO)
    hubs.wait_for("done")
    assert hubs.files() == FILES


def test_a_wrong_secret_ends_with_the_reason(hubs: Hubs) -> None:
    Hub.objects.using(THEIRS).update(secret="x" * 30)
    hubs.start_ours("web")
    hubs.start_ours("workers")
    hubs.start_theirs()
    hubs.execute()
    hubs.wait_for("dead", "Both hubs need the same secret")
    assert hubs.files() == {}


def test_a_document_over_the_cap_is_not_copied(hubs: Hubs) -> None:
    documents.store(hubs.ana, "large.bin", ContentFile(b"x" * (1024 * 1024 + 1)))
    hubs.start_ours("web")
    hubs.start_ours("workers")
    hubs.start_theirs()
    hubs.execute()
    until(lambda: [state for state, _ in hubs.copies()].count("done") == 2, PATIENCE)
    until(lambda: "dead" in dict(hubs.copies()), PATIENCE)
    assert dict(hubs.copies())["dead"] == "The document is larger than 1 MB, the most that is copied."
    assert hubs.files() == FILES


def test_a_killed_worker_duplicates_nothing(hubs: Hubs) -> None:
    web, theirs = hubs.start_ours("web"), hubs.start_theirs()
    hubs.start_ours("workers")
    until(lambda: listens(hubs.ours), PATIENCE, "our web server")
    for process in web.workers():
        process.suspend()  # accepts, and says nothing
    hubs.execute()
    until(lambda: fetching(theirs, hubs.ours), PATIENCE, "a worker that fetches")
    for process in fetching(theirs, hubs.ours):
        os.kill(process.pid, signal.SIGKILL)
    for process in web.workers():
        process.resume()
    DocumentCopy.objects.using(THEIRS).filter(state="running").update(due_at=LONG_AGO)
    hubs.wait_for("done")
    assert hubs.files() == FILES
