"""What an action foresees is what it does: each kind is foreseen, then done, on the same record."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import transaction

from automations import engine, matching
from automations.actions import ACTIONS
from automations.models import Certificate, Change, Record, Rule, Run
from automations.rule_trials import Told
from tests.automations.actions.steps import work_to_the_end
from tests.automations.rehearsal import OPTIONS, add_action, enrol, furnish, lines, rule_with, try_on
from webhooks_out import definitions
from webhooks_out.models import Delivery

pytestmark = pytest.mark.django_db


def posted(told: Told) -> tuple[Any, Any]:
    assert told.foreseen.request
    return _request(told.foreseen.request), _request(Delivery.objects.get())


def _request(delivery: Delivery) -> list[Any]:
    about = [delivery.title, delivery.record_id, delivery.state]
    return [*about, delivery.method, delivery.url, delivery.headers, bytes(delivery.body)]


def updated(told: Told) -> tuple[Any, Any]:
    return lines(told)["stage"], Record.objects.get(external_id="7").fields["stage"]


def created(told: Told) -> tuple[Any, Any]:
    made = Record.objects.get(type="Task")
    return lines(told), {"Type": made.type, **made.fields}


def mailed(told: Told) -> tuple[Any, Any]:
    (sent,) = mail.outbox
    said = lines(told)
    return [told.foreseen.text, said["To"], said["Subject"]], [sent.body, ", ".join(sent.to), sent.subject]


def notified(told: Told) -> tuple[Any, Any]:
    (sent,) = mail.outbox
    return (told.foreseen.text, lines(told)["To everybody in Trainers"]), (sent.body, ", ".join(sent.bcc))


def issued(told: Told) -> tuple[Any, Any]:
    made = Certificate.objects.select_related("document").get()
    assert made.document
    said = lines(told)
    foreseen = [said["Number"].split(",")[0], said["File"], said["Body"], said["Once key"]]
    return foreseen, [made.number, made.document.name, made.values["body"], made.key_as_written]


def went_on(told: Told) -> tuple[Any, Any]:
    return told.outcome.state, Run.objects.get().state


SAME: dict[str, Callable[[Told], tuple[Any, Any]]] = {
    "post_webhook": posted,
    "update_record": updated,
    "create_record": created,
    "send_email": mailed,
    "notify_staff": notified,
    "issue_certificate": issued,
    "recheck": went_on,
}


def test_every_kind_of_action_is_foreseen_and_compared_with_its_deed() -> None:
    assert set(SAME) == set(OPTIONS) == set(ACTIONS)


@pytest.mark.parametrize("kind", SAME)
def test_what_is_foreseen_is_what_is_done(kind: str) -> None:
    webhook, record, rule = furnish(), enrol(), rule_with(("stage", "changed_to", "Enrolled"))
    add_action(rule, kind, webhook)
    (told,) = try_on(rule, record).steps
    assert told.outcome.state == "done"
    switch_on(rule)
    foreseen, made = SAME[kind](told)
    assert foreseen == made


def switch_on(rule: Rule) -> None:
    """Lets the rule answer the newest change after all, and does what it asks for."""
    Rule.objects.filter(pk=rule.pk).update(active=True)
    definitions.touch()
    with transaction.atomic():
        assert engine.decide(Change.objects.latest("id"), matching.rules())
    work_to_the_end()
