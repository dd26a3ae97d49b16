"""An action that kills its worker, or fails whatever is tried, is dead after three starts; all others are done."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db.models import QuerySet
from django.db.models.functions import Now

from automations.actions import ACTIONS
from automations.models import Action, Certificate, Record, Rule, Run
from tests.automations.actions.steps import DEADLY, FAULTY
from tests.automations.certified import TITLE
from tests.automations.certified import make_template as make_certificate
from tests.automations.letters import make_member, make_template
from tests.clusters import Running, until
from tests.mail_sink import Sink
from tests.receiver import Receiver, receiver
from tests.world import ANA, make_source, make_webhook, post, update
from webhooks_in.tasks import step as receipt_step
from webhooks_out import definitions, drains
from webhooks_out.jobs import LOST, Job
from webhooks_out.models import Delivery, Watch

__all__ = ["receiver"]
Start = Callable[..., Running]
PATIENCE = 60.0  # seconds
WORKERS = "from tests.automations.actions import steps; steps.run_poisoned_cluster()"
OPTIONS: dict[str, dict[str, str]] = {
    "post_webhook": {},
    "update_record": {"field": "visits", "how": "increment"},
    "create_record": {"title": "Call {first_name}"},
    "send_email": {"template": "Welcome"},
    "notify_staff": {"role": "Trainers", "subject": "New", "text": "{first_name}"},
    "issue_certificate": {"template": TITLE},
    "recheck": {},
}


@pytest.fixture
def harbour(transactional_db: None, receiver: Callable[..., Receiver], settings: Any, tmp_path: Path) -> Path:
    """A rule for each kind of action, and three contacts that enrol; where documents are kept."""
    settings.MEDIA_ROOT = tmp_path / "files"
    make_certificate()
    make_template(to="{email}", subject="Welcome", text="Hello {first_name}")
    make_member("Trainers", "trainer@harbour.example")
    dialer = make_webhook(receiver(200).url)
    for kind, options in OPTIONS.items():
        rule = Rule.objects.create(name=kind, monitor="every")
        webhook = dialer if kind == "post_webhook" else None
        # With a once key it is a worker's work, of whatever kind it is.
        Action.objects.create(
            rule=rule, kind=kind, options=options, webhook=webhook, once_key=f"{kind}:{{id}}"
        )
    definitions.touch()
    drains.ensure_watches()
    source = make_source()
    for contact in (DEADLY, FAULTY, ANA["id"]):
        post(source, update({"stage": "Enrolled"}, id=contact))
    while receipt_step():
        pass
    return tmp_path / "files"


def runs(contact: Any) -> QuerySet[Run]:
    """What is to be done for a contact itself, without what becomes of that."""
    return Run.objects.filter(record__external_id=str(contact), change__origin="source")


def wake() -> None:
    """As if the hold of whoever was killed had run out."""
    Watch.objects.filter(until__gt=Now()).exclude(token="").update(until=Now(), token="")
    drains._promised.clear()
    drains.sweep()


def hurry() -> bool:
    """As if every lease and wait had run out; whether all that is poison has come to its end."""
    poison = Run.objects.filter(record__external_id__in=(DEADLY, FAULTY), due_at__isnull=False)
    poison.update(due_at=Now())
    wake()
    return not poison.exists()


def test_every_kind_is_tried(harbour: Path) -> None:
    assert OPTIONS.keys() == ACTIONS.keys()
    assert Run.objects.count() == 3 * len(ACTIONS)


def test_poison_is_dead_after_three_starts_while_all_else_is_done(
    harbour: Path, start: Start, sink: Sink, mail_port: int
) -> None:
    mail = {"EMAIL_URL": f"smtp://127.0.0.1:{mail_port}", "MEDIA_ROOT": str(harbour)}
    start("shell", "-c", WORKERS, WORKERS="2", **mail)
    until(lambda: wake() or not runs(ANA["id"]).exclude(state="done").exists(), PATIENCE, "all else")
    assert not runs(DEADLY).filter(due_at__isnull=True).exists()
    until(hurry, PATIENCE, "the end of what is poison")
    for contact, reason in ((DEADLY, LOST), (FAULTY, "ValueError: nothing good")):
        ended = runs(contact).values_list("state", "attempts", "reason")
        assert list(ended) == [(Job.State.DEAD, 3, reason)] * len(ACTIONS)
    assert_all_was_done_once(sink)


def assert_all_was_done_once(sink: Sink) -> None:
    """What the rules wanted for the contact that is no poison, and nothing else."""
    ana = Record.objects.get(external_id=str(ANA["id"]))
    assert ana.fields["visits"] == 1
    assert Record.objects.get(type="Task").fields["linked_id"] == ana.external_id
    assert sorted(one.recipients for one in sink.arrived) == [
        ["ana@harbour.example"],
        ["trainer@harbour.example"],
    ]
    assert Certificate.objects.get().record == ana
    assert Delivery.objects.get().record_id == ana.external_id
