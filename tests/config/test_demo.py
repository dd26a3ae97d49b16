"""The demo's world is whole, its samples tell what the tour promises, and it comes and goes as one."""

import re
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.conf import settings
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_httpserver import HTTPServer

from automations.models import Certificate, Change, Record, Run
from config.demo import fair, world
from config.demo.samples import Morning, Sample
from config.demo.tour import BLOCK, NOT_READY, Tour
from config.files import export
from config.management.commands import demo
from tests.architecture import ORDER
from tests.clusters import Running, until
from tests.world import received, work
from webhooks_in.imports.tasks import step
from webhooks_in.models import Receipt, Source
from webhooks_out.models import Delivery, Webhook

END = BLOCK.strip().splitlines()[-1]


@pytest.fixture
def northgate(db: None, httpserver: HTTPServer) -> None:
    """The loaded world; its webhooks post to a receiver that answers 200, or 500 where they are told it does."""
    httpserver.expect_request(re.compile("/status/500/.*")).respond_with_data("no", status=500)
    httpserver.expect_request(re.compile(".*")).respond_with_data("thanks")
    world.load(httpserver.port)


def send(sample: Sample) -> int:
    """The status the hub answers with, after all that follows was done."""
    url = Source.objects.get(title=sample.source).path + (f"?{sample.query}" if sample.query else "")
    headers = dict(sample.headers)
    kind = headers.pop("Content-Type", "")
    status = Client().generic(sample.method, url, sample.body, kind, headers=headers).status_code
    work()
    return status


def morning(later: timedelta = timedelta()) -> list[int]:
    """The statuses of a whole morning's samples."""
    return [send(sample) for sample in Morning(timezone.now() + later, world.environment()).samples()]


def test_the_world_lacks_nothing(db: None) -> None:
    outcomes = world.load(8800)
    assert {outcome.state for outcome in outcomes} == {"created"}
    assert not [outcome for outcome in outcomes if outcome.warnings]
    assert Source.objects.count() == 6
    assert all((source.scheme().mode != "none") == bool(source.secret) for source in Source.objects.all())


def test_the_world_loads_again_and_changes_nothing(db: None) -> None:
    world.load(8800)
    before = export()
    assert {outcome.state for outcome in world.load(8800)} == {"left"}
    assert export() == before


def test_the_catcher_can_listen_elsewhere(db: None) -> None:
    world.load(8800)
    world.load(9911)
    assert {urlsplit(url).port for url in Webhook.objects.values_list("url", flat=True)} == {9911}
    assert Webhook.objects.get(title="Certificates: level 2").signing_secret


def test_what_a_person_added_stays(db: None) -> None:
    world.load(8800)
    Webhook.objects.create(title="Mine", url="https://mine.example/")
    world.load(8800)
    assert Webhook.objects.filter(title="Mine").exists()


def test_the_secrets_differ_from_machine_to_machine(settings: Any) -> None:
    here = world.environment()
    assert world.environment() == here
    settings.SECRET_KEY = "another machine's key"
    assert not set(world.environment().values()) & set(here.values())


def test_a_morning_shows_a_bit_of_everything(northgate: None) -> None:
    statuses = morning()
    assert (statuses.count(202), statuses.count(200), statuses.count(401), len(statuses)) == (9, 4, 1, 14)
    assert Receipt.objects.get(state="held").reason.startswith("the signature does not fit")
    assert Delivery.objects.filter(state="done").count() == 10
    assert Delivery.objects.get(state="waiting").title == "Payments desk: returned payment"
    assert Run.objects.filter(state="waiting").count() == 2
    assert {delivery.record_name for delivery in Delivery.objects.filter(title="Dialer: new lead")} == {
        "Maya Okafor",
        "Tomas Lindqvist",
    }


def test_a_known_lead_is_rejected_and_each_new_one_is_posted_and_welcomed(northgate: None) -> None:
    morning()
    website = Source.objects.get(title="Lead form")
    assert website.receipts.latest("pk").notes[0].startswith("Rejected as a duplicate: Contact W-")
    assert set(Change.objects.filter(source=website.title).values_list("record__name", "record__stage")) == {
        ("Rosa Marin", "New"),
        ("Kofi Mensah", "New"),
    }
    assert {one.subject for one in mail.outbox} == {
        "Thank you for asking, Rosa",
        "Thank you for asking, Kofi",
        "You have passed, Priya",
    }
    posted = Delivery.objects.filter(title="Team chat: message", record_type="Contact")
    assert set(posted.values_list("record_name", flat=True)) == {"Rosa Marin", "Kofi Mensah"}


def test_the_list_of_the_fair_is_imported_once(northgate: None, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path

    def wait(condition: Callable[[], bool]) -> bool:
        step()
        return condition()

    load = fair.bring_home(wait)
    assert load is not None
    assert (load.created, load.rejected) == (76, fair.UNREADABLE)
    assert Record.objects.filter(campaign=fair.CAMPAIGN, stage="Enquired").count() == 76
    assert not Delivery.objects.exists()
    assert fair.bring_home(wait) is None


def test_a_lead_tells_why_a_rule_did_not_fire(northgate: None) -> None:
    morning()
    words = [verdict["words"] for verdict in Change.objects.earliest("pk").verdicts]
    assert sorted(words) == ["did not fire: total_debt was '18400', wanted more than 50000", "fired"]


def test_the_certificate_is_ordered_once_and_signed(northgate: None, httpserver: HTTPServer) -> None:
    morning()
    (order,) = [request for request in received(httpserver) if request.path == "/certificates"]
    assert order.json["name"] == "Priya Raman"
    assert order.headers["webhook-signature"].startswith("v1,")


def test_the_certificate_is_issued_and_sent_once(northgate: None) -> None:
    morning()
    (letter,) = [one for one in mail.outbox if one.to == ["Priya Raman <priya@northgate.example>"]]
    ((name, content, kind),) = letter.attachments
    assert (name, kind) == (
        f"Level 2 {Certificate.objects.get().number.replace('/', '-')}.pdf",
        "application/pdf",
    )
    assert content.startswith(b"%PDF-")


def test_a_second_morning_is_as_good_as_the_first(northgate: None) -> None:
    first = morning()
    deliveries = Delivery.objects.count()
    assert morning(timedelta(minutes=1)) == first
    assert Delivery.objects.count() == deliveries * 2


def test_the_login_works_and_stays_signed_in(db: None) -> None:
    world.ensure_login()
    user = User.objects.get()
    world.ensure_login()
    assert User.objects.get().password == user.password
    user.set_password("changed")
    user.save()
    world.ensure_login()
    user.refresh_from_db()
    assert user.check_password(world.password())


def test_a_tour_of_a_hub_that_does_not_answer_says_so(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setattr("config.demo.tour.READY_WITHIN", 0.1)
    said: list[str] = []
    Tour(f"http://127.0.0.1:{free_port()}", said.append, lambda: False).guide([])
    assert said == [NOT_READY.format(0.1)]


def test_another_database_is_not_touched() -> None:
    with pytest.raises(CommandError, match=r"keeps its data in \.demo/"):
        call_command("demo")


def test_a_taken_port_is_named(monkeypatch: pytest.MonkeyPatch, httpserver: HTTPServer) -> None:
    monkeypatch.setattr(demo, "_check_database", lambda: None)
    with pytest.raises(
        CommandError, match=rf"Cannot listen on 127\.0\.0\.1:{httpserver.port} .* with --port\."
    ):
        call_command("demo", port=httpserver.port)
    with pytest.raises(CommandError, match=rf"127\.0\.0\.1:{httpserver.port} .* with --catch-port\."):
        call_command("demo", port=free_port(), catch_port=httpserver.port)
    with pytest.raises(CommandError, match="there is no such port"):
        call_command("demo", port=70_000)
    with pytest.raises(CommandError, match="need a port each"):
        call_command("demo", port=8800)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Clone:
    """A copy of the project, as somebody else would have it, with a demo of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in (*ORDER, "templates", "static"):
            shutil.copytree(
                settings.BASE_DIR / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        shutil.copy(settings.BASE_DIR / "manage.py", folder)
        self.started: list[Running] = []

    def demo(self) -> Running:
        """A demo that has come to the end of its tour."""
        command = [sys.executable, str(self.folder / "manage.py"), "demo"]
        ports = ["--port", str(free_port()), "--catch-port", str(free_port())]
        environment = {"DEMO": "on", "DATABASE_URL": f"sqlite:///{self.folder}/.demo/fieldhook.sqlite3"}
        log = self.folder / f"{len(self.started)}.log"
        self.started.append(Running([*command, *ports], log, environment))
        self.started[-1].wait_for(END)
        return self.started[-1]


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    made = Clone(tmp_path / "fieldhook")
    yield made
    for running in made.started:
        running.end()
        print(running.output)  # pytest shows it when the test failed


@pytest.mark.alone
def test_the_demo_runs_shows_itself_and_leaves_nobody_behind(clone: Clone) -> None:
    running = clone.demo()
    until(lambda: "answered 500" in running.output, what="the request that fails")
    assert (
        "Pushed 14 requests through the front door: 11 accepted, 1 a repeat, 1 a duplicate lead, 1 in quarantine."
        in running.output
    )
    assert running.output.count("signature verified") == 5
    assert "NOT verified" not in running.output
    session, links = requests.Session(), re.findall(r"http://\S+/admin/\S*", running.output)
    sign_in(session, links[0], *re.findall(r"Log in as +(\S+) / (\S+)", running.output)[0])
    pages = [session.get(link) for link in links]
    assert [page.status_code for page in pages] == [200] * 6
    assert "wanted more than 50000" in pages[2].text
    assert "Priya Raman" in pages[4].text
    assert "76 contacts" in pages[5].text
    assert re.search(r"Level 2 L2-0001-\d+\.pdf", running.output)
    assert re.search(r"^\[[\d,]+ bytes\]$", running.output, re.MULTILINE)
    assert running.stop(signal.SIGINT) == 0
    until(lambda: not running.family(), what="the end of every process")


@pytest.mark.alone
def test_the_demo_starts_again_where_it_was_and_ends_when_told(clone: Clone) -> None:
    clone.demo().stop(signal.SIGTERM)
    again = clone.demo()
    assert "Put back" in again.output  # its webhooks, as the catcher listens elsewhere
    assert again.stop(signal.SIGTERM) == 0
    until(lambda: not again.family() + clone.started[0].family(), what="the end of every process")


def sign_in(session: requests.Session, admin: str, name: str, password: str) -> None:
    """Signs in as a person would."""
    login = f"{admin}login/"
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', session.get(login).text)[0]
    session.post(
        login, {"username": name, "password": password, "csrfmiddlewaretoken": token, "next": "/admin/"}
    )
