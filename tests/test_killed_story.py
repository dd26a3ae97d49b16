"""The whole story of a certificate on real workers, of which one is killed between every two steps of it."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from django.db.models.functions import Now

from automations import issuing
from automations.models import Action, Certificate, Document, EmailMessage, Record, Rule, Run
from tests.automations.actions.steps import EVERY_RUN, MAILING, READING, STEPS, THE_WORK, WRITING
from tests.automations.certified import TITLE, make_template, pdf_of, words_of
from tests.automations.letters import make_template as make_letter
from tests.clusters import Running, until
from tests.mail_sink import Sink, free_port
from tests.test_two_hubs import listens
from tests.world import ANA, make_source, post
from webhooks_in.models import Receipt, Source
from webhooks_in.tasks import step as receipt_step
from webhooks_out import definitions, drains
from webhooks_out.jobs import Job
from webhooks_out.models import Watch

Start = Callable[..., Running]
PATIENCE = 60.0  # seconds
TIMES = 10  # the same webhook is posted
AT_ONCE = 2
STATUS = "level2_review_status"
WORKER = "from tests.automations.actions import steps; steps.run_cluster({!r})"

KILLS = [
    *(("", step) for step in READING),
    *(("issue_certificate", step) for step in (*STEPS, THE_WORK, "settling")),
    *(("send_email", step) for step in (*MAILING, THE_WORK, *EVERY_RUN)),
    *(("update_record", step) for step in (*WRITING, THE_WORK, *EVERY_RUN)),
    *(("create_record", step) for step in (*WRITING, THE_WORK, *EVERY_RUN)),
]  # the kind of action and the step of it that a worker does not outlive
TOLD_TWICE = ("send_email", "the e-mail's data")  # only who dies before it is noted sends it again
IN_DOUBT = (("send_email", "the e-mail's row"), TOLD_TWICE)  # where nobody can know whether it was sent


def changes_only(person: dict[str, Any]) -> dict[str, Any]:
    return {"id": person["id"], "changes": {STATUS: "Passed"}}


def with_snapshot(person: dict[str, Any]) -> dict[str, Any]:
    """Says the old value as well, so that each of the ten is a change."""
    return {
        "changes": {STATUS: {"old": "Pending", "new": "Passed"}},
        "snapshot": {**person, STATUS: "Passed"},
    }


def full_object(person: dict[str, Any]) -> dict[str, Any]:
    return {**person, STATUS: "Passed"}


SHAPES = (changes_only, with_snapshot, full_object)


@dataclass
class Harbour:
    """A hub whose web server and workers are processes of their own, and what the mail server got from it."""

    source: Source
    url: str
    orders: Path
    sink: Sink

    def passes(self, person: dict[str, Any], shape: Callable[[dict[str, Any]], Any]) -> None:
        """The CRM posts the same webhook ten times, two at once each time."""
        together = threading.Barrier(AT_ONCE)

        def send() -> None:
            for _ in range(TIMES // AT_ONCE):
                together.wait(PATIENCE)
                answers.append(requests.post(self.url, json=shape(person), timeout=PATIENCE).status_code)

        answers: list[int] = []
        threads = [threading.Thread(target=send) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [202] * TIMES

    def kill_at(self, kind: str, step: str) -> None:
        """The worker that does this next is killed right after it; what it left is taken up by the next one."""
        until(lambda: not self.orders.exists(), PATIENCE, f"a worker at {step} of {kind or 'reading'}")
        # As if the lease and the promise of who was killed had run out.
        jobs = Run if kind else Receipt
        jobs._default_manager.filter(state=Job.State.RUNNING).update(due_at=Now())
        Watch.objects.filter(queue=jobs.queue).update(until=Now(), token="")
        drains._promised.clear()
        drains.sweep()
        until(lambda: not unsettled(), PATIENCE, f"the rest after {step} of {kind or 'reading'}")

    def letters_to(self, person: dict[str, Any]) -> list[Any]:
        """The e-mails that arrived there."""
        return [one.message for one in self.sink.arrived if one.recipients == [person["email"]]]


def unsettled() -> bool:
    """Whether anything is still to be done."""
    return any(jobs._default_manager.filter(due_at__isnull=False).exists() for jobs in (Receipt, Run))


@pytest.fixture
def harbour(start: Start, sink: Sink, mail_port: int, settings: Any, tmp_path: Path) -> Harbour:
    settings.MEDIA_ROOT = tmp_path / "files"
    make_rule()
    source = make_source()
    for person in people():
        post(source, person)
    while receipt_step():
        pass
    port, orders = free_port(), tmp_path / "orders"
    environment = {"MEDIA_ROOT": str(settings.MEDIA_ROOT), "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}"}
    start("hub", "--bind", f"127.0.0.1:{port}", "--only", "web", WEB_WORKERS="3")
    start("shell", "-c", WORKER.format(str(orders)), WORKERS="3", **environment)
    until(lambda: listens(port), PATIENCE, "the web server")
    return Harbour(source, f"http://127.0.0.1:{port}{source.path}", orders, sink)


def make_rule() -> None:
    """Whoever passes gets a certificate and an e-mail with it, is counted, and is called; each once."""
    make_template()
    make_letter(to="{email}", attach="certificate", subject="Your certificate", text="Well done.")
    rule = Rule.objects.create(name="Passed", monitor=Rule.Monitor.EVERY)
    rule.conditions.create(field=STATUS, operator="changed_to", value="Passed")
    deeds: list[tuple[str, dict[str, str]]] = [
        ("issue_certificate", {"template": TITLE}),
        ("send_email", {"template": "Welcome"}),
        ("update_record", {"field": "passes", "how": "increment"}),
        ("create_record", {"title": "Call {first_name}", "record_type": "Task"}),
    ]
    for position, (kind, options) in enumerate(deeds):
        key = "" if kind == "issue_certificate" else f"{kind}:{{id}}"
        Action.objects.create(rule=rule, kind=kind, options=options, position=position, once_key=key)
    definitions.touch()
    drains.ensure_watches()


def people() -> list[dict[str, Any]]:
    """One for each kill, and one who is spared."""
    return [
        {**ANA, "id": number, "first_name": f"Ana {number}", "email": f"ana{number}@harbour.example"}
        for number in range(len(KILLS) + 1)
    ]


def test_whoever_is_killed_when_each_thing_happens_once(harbour: Harbour) -> None:
    for number, (person, (kind, step)) in enumerate(zip(people(), KILLS, strict=False)):
        harbour.orders.write_text(f"{kind}\n{step}")
        harbour.passes(person, SHAPES[number % len(SHAPES)])
        harbour.kill_at(kind, step)
        arrivals = 1 + ((kind, step) == TOLD_TWICE)
        assert_told_once(harbour, person, arrivals, in_doubt=(kind, step) in IN_DOUBT)
    spared = people()[-1]
    harbour.passes(spared, with_snapshot)
    until(lambda: not unsettled() and harbour.letters_to(spared), PATIENCE, "who is spared")
    assert_told_once(harbour, spared, arrivals=1, in_doubt=False)
    assert sorted(Certificate.objects.values_list("sequence", flat=True)) == list(range(1, len(people()) + 1))


def assert_told_once(harbour: Harbour, person: dict[str, Any], arrivals: int, *, in_doubt: bool) -> None:
    """One number, one PDF, one Message-ID, one call to make, and nothing left undone."""
    record = Record.objects.get(type="Contact", external_id=str(person["id"]))
    certificate = Certificate.objects.get(record=record)
    pdf = pdf_of(certificate)
    assert Document.objects.get(record=record) == certificate.document
    assert_reads_right(pdf, person, certificate)
    letters = harbour.letters_to(person)
    assert len(letters) == arrivals
    message = EmailMessage.objects.get(record=record)
    assert {letter["Message-ID"] for letter in letters} == {message.message_id}
    assert (message.state, message.doubtful) == ("sent", in_doubt)
    assert [part.get_content() for letter in letters for part in letter.iter_attachments()] == [
        pdf
    ] * arrivals
    assert (
        record.fields["passes"],
        Record.objects.filter(type="Task", fields__linked_id=record.external_id).count(),
    ) == (1, 1)
    assert set(record.runs.values_list("state", flat=True)) <= {"done", "cancelled"}
    done = Counter(
        record.runs.filter(state="done").exclude(kind="issue_certificate").values_list("kind", flat=True)
    )
    assert done == {"send_email": 1, "update_record": 1, "create_record": 1}


def assert_reads_right(pdf: bytes, person: dict[str, Any], certificate: Certificate) -> None:
    """The name, the number, and where everybody can verify it."""
    words = words_of(pdf)
    assert f"{person['first_name']} Lopez has passed level 2." in words
    assert certificate.number in words
    assert issuing.address_of(certificate.code) in words.replace(" ", "")
