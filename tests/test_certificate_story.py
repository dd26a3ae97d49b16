"""An administrator sets the review to Passed: the certificate is issued and e-mailed, once, and reads right."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from automations.models import Action, Certificate, Rule, Run
from automations.tasks import step as run_step
from tests.automations.certified import TITLE, make_template, words_of
from tests.automations.letters import make_template as make_letter
from tests.mail_sink import Sink, sink
from tests.world import insites, post, update, work
from webhooks_in.models import Source
from webhooks_in.tasks import step as receipt_step
from webhooks_out import definitions

__all__ = ["insites", "sink"]
pytestmark = pytest.mark.django_db
PASSED, FAILED = {"level2_review_status": "Passed"}, {"level2_review_status": "Failed"}


@pytest.fixture(autouse=True)
def rule(db: None) -> Rule:
    """Whoever passes gets a certificate, and an e-mail with it; neither a second time."""
    make_template()
    make_letter(attach="certificate", subject="Your certificate, {FIRSTNAME}", text="Well done.")
    rule = Rule.objects.create(name="Passed: certificate", monitor=Rule.Monitor.EVERY)
    rule.conditions.create(field="level2_review_status", operator="changed_to", value="Passed")
    Action.objects.create(rule=rule, kind="issue_certificate", options={"template": TITLE})
    Action.objects.create(
        rule=rule, kind="send_email", options={"template": "Welcome"}, position=1, once_key="letter:{id}"
    )
    definitions.touch()
    return rule


def pdfs(sink: Sink) -> list[bytes]:
    """What was attached to the e-mails that arrived."""
    return [part.get_content() for one in sink.arrived for part in one.message.iter_attachments()]


def test_who_passes_gets_the_certificate_by_e_mail(insites: Source, sink: Sink) -> None:
    post(insites, update(PASSED))
    work()
    (letter,) = sink.arrived
    assert (letter.recipients, letter.message["Subject"]) == (
        ["ana@harbour.example"],
        "Your certificate, Ana",
    )
    (pdf,) = pdfs(sink)
    assert "Ana Lopez has passed level 2." in words_of(pdf)
    assert {run.state for run in Run.objects.all()} == {"done"}


def test_ten_events_and_a_second_pass_give_one_of_each(insites: Source, sink: Sink) -> None:
    for changes in (*[PASSED] * 10, FAILED, PASSED):
        post(insites, update(changes))
    work()
    assert (
        Certificate.objects.count()
        == len(sink.arrived)
        == len({one.message["Message-ID"] for one in sink.arrived})
        == 1
    )
    assert set(Run.objects.values_list("kind", "state")) == {
        ("issue_certificate", "done"),
        ("send_email", "done"),
        ("send_email", "cancelled"),
    }


def test_the_e_mail_waits_for_a_certificate_that_is_being_issued(insites: Source, sink: Sink) -> None:
    post(insites, update(PASSED))
    receipt_step()
    Run.objects.filter(kind="issue_certificate").update(due_at=timezone.now() + timedelta(seconds=30))
    assert run_step() == 1
    letter = Run.objects.get(kind="send_email")
    assert (letter.state, letter.attempts, sink.arrived) == ("waiting", 0, [])
    Run.objects.update(due_at=timezone.now())
    work()
    assert len(pdfs(sink)) == 1
    assert {run.state for run in Run.objects.all()} == {"done"}


def test_each_e_mail_takes_the_certificate_of_its_own_rule(insites: Source, sink: Sink, rule: Rule) -> None:
    make_template(title="Level 3", body="{first_name} has passed level 3.")
    other = Rule.objects.create(name="Passed: level 3")
    other.conditions.create(field="level2_review_status", operator="changed_to", value="Passed")
    Action.objects.create(rule=other, kind="issue_certificate", options={"template": "Level 3"})
    Action.objects.create(rule=other, kind="send_email", options={"template": "Welcome"}, position=1)
    definitions.touch()
    post(insites, update(PASSED))
    work()
    told = " ".join(words_of(pdf) for pdf in pdfs(sink))
    assert sorted(re.findall(r"passed level \d", told)) == ["passed level 2", "passed level 3"]


def test_an_e_mail_waits_for_its_own_certificate_rather_than_take_another(
    insites: Source, sink: Sink, rule: Rule
) -> None:
    post(insites, update(PASSED))
    work()
    make_template(title="Level 3", body="{first_name} has passed in {town}.", missing="hold")
    rule.actions.filter(kind="issue_certificate").update(options={"template": "Level 3"})
    rule.actions.filter(kind="send_email").update(once_key="")
    post(insites, update(FAILED))
    post(insites, update(PASSED))
    work()
    assert len(sink.arrived) == 1
    assert "has no certificate yet" in Run.objects.filter(kind="send_email").latest("id").reason
