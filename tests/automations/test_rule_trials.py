"""A test run says whether a rule would fire and what each step would do, and does nothing."""

from datetime import time
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_httpserver import HTTPServer

from automations.models import Change, EmailTemplate, OnceKey, Record, Rule
from automations.rule_trials import VEILED
from automations.sensitive import DOTS
from automations.verdicts import once_key
from tests.automations.actions.acting import tell
from tests.automations.rehearsal import (
    OPTIONS,
    SATURDAY,
    add_action,
    enrol,
    everything,
    furnish,
    last_number,
    lines,
    rule_with,
    try_on,
)
from webhooks_out.models import Webhook

pytestmark = pytest.mark.django_db
ENROLLED = ("stage", "changed_to", "Enrolled")


@pytest.fixture
def ana() -> Record:
    return enrol()


@pytest.fixture
def dialer() -> Webhook:
    return furnish()


def text(body: bytes | memoryview) -> str:
    return bytes(body).decode()


def test_nothing_is_stored_sent_counted_or_claimed(httpserver: HTTPServer) -> None:
    dialer, ana = furnish(httpserver.url_for("/")), enrol()
    rule = rule_with(("email", "changed", ""), monitor="once")
    for kind in OPTIONS:
        add_action(rule, kind, dialer, once_key="{id}:" + kind)
    before = everything()
    trial = try_on(rule, ana, "changed")
    assert [step.outcome.state for step in trial.steps] == ["done"] * len(OPTIONS)
    assert everything() == before
    assert (mail.outbox, httpserver.log, last_number()) == ([], [], 0)


def test_it_would_fire_and_says_of_each_condition_what_was_seen(ana: Record) -> None:
    judgement = try_on(rule_with(ENROLLED, ("email", "is_not_empty", "")), ana).judgement
    assert judgement.fires
    assert [(one.held, one.words) for one in judgement.seen] == [
        (True, "stage changed from 'Lead' to 'Enrolled'"),
        (True, "email was 'ana@harbour.example'"),
    ]


def test_it_tells_every_condition_also_behind_one_that_fails(ana: Record) -> None:
    judgement = try_on(rule_with(("stage", "equals", "Won"), ("phone", "is_empty", "")), ana).judgement
    assert judgement.refusal == "stage was 'Enrolled', wanted 'Won'"
    assert [one.held for one in judgement.seen] == [False, False]


@pytest.mark.parametrize(
    ("rule", "change", "refusal"),
    [
        ({"monitor": "starts"}, {}, "its conditions already held before this change"),
        ({"event": "deleted"}, {}, "it answers “deleted”, and this was “updated”"),
        ({"source": "Forms"}, {}, "it is for what comes from “Forms” only"),
        ({}, {"quiet": True}, "what that action changes starts no rules"),
        ({}, {"hops": 9}, "a loop, so nothing answers it"),
    ],
)
def test_it_says_what_else_keeps_the_rule_silent(
    ana: Record, rule: dict[str, Any], change: dict[str, Any], refusal: str
) -> None:
    tell(phone="1")
    Change.objects.filter(pk=Change.objects.latest("id").pk).update(**change)
    stage = ("stage", "equals", "Enrolled")
    assert refusal in try_on(rule_with(stage, **rule), ana).judgement.refusal


def test_a_rule_that_fires_once_per_record_says_that_it_did(ana: Record) -> None:
    rule = rule_with(ENROLLED, monitor=Rule.Monitor.ONCE)
    assert try_on(rule, ana).judgement.fires
    OnceKey.objects.create(key=once_key(rule.pk, ana.pk), record=ana)
    assert "fires once per record" in try_on(rule, ana).judgement.refusal


@pytest.mark.parametrize(("occasion", "fires"), [("", False), ("created", True), ("changed", True)])
def test_a_change_that_never_happened_can_be_supposed(ana: Record, occasion: str, fires: bool) -> None:
    tell(phone="1")
    ana.refresh_from_db()
    assert try_on(rule_with(ENROLLED), ana, occasion).judgement.fires is fires


def test_an_earlier_change_is_tried_with_the_values_of_its_time(ana: Record, dialer: Webhook) -> None:
    earlier = Change.objects.latest("id")
    tell(stage="Won", email="new@harbour.example")
    rule = rule_with(ENROLLED)
    add_action(rule, "post_webhook", dialer)
    (step,) = try_on(rule, Record.objects.get(), earlier).steps
    assert step.foreseen.request
    assert text(step.foreseen.request.body) == "Email=ana%40harbour.example&Stage=Enrolled"


def test_each_step_finds_the_record_as_those_before_it_leave_it(ana: Record, dialer: Webhook) -> None:
    EmailTemplate.objects.update(attach="certificate", missing="hold")
    rule = rule_with(ENROLLED)
    for kind in ("send_email", "issue_certificate", "update_record", "send_email", "post_webhook"):
        add_action(rule, kind, dialer)
    held, _, _, sent, posted = try_on(rule, ana).steps
    assert "the record has no certificate yet" in held.outcome.reason
    assert "your stage is Certified" in sent.foreseen.text
    assert sent.foreseen.files == ("Level 2 0001-2026.pdf",)
    # What is posted at once is frozen as the rule fires.
    assert posted.foreseen.request
    assert "Stage=Enrolled" in text(posted.foreseen.request.body)


def test_later_steps_have_their_time_and_one_without_says_why(ana: Record, dialer: Webhook) -> None:
    rule = rule_with(ENROLLED, time_zone="Europe/Athens")
    add_action(rule, "post_webhook", dialer, weekdays=True, at_time=time(9))
    add_action(rule, "post_webhook", dialer, counts_from="before", date_field="due_date")
    monday, held = try_on(rule, ana, now=SATURDAY).steps
    assert monday.due.at
    assert monday.due.at.isoformat() == "2026-11-23T07:00:00+00:00"
    assert (held.due.at, held.outcome.state) == (None, "held")
    assert held.outcome.reason == "Its time cannot be told: due_date is not in the record."


def test_what_is_done_already_would_be_skipped(ana: Record, dialer: Webhook) -> None:
    OnceKey.objects.create(key="welcome:7", record=ana, done_at=SATURDAY)
    rule = rule_with(ENROLLED)
    add_action(rule, "post_webhook", dialer, once_key="welcome:{id}")
    add_action(rule, "post_webhook", dialer, once_key="call:{id}")
    add_action(rule, "post_webhook", dialer, once_key="call:{id}")
    done, first, again = try_on(rule, ana).steps
    assert (done.once, done.outcome.state) == ("welcome:7", "cancelled")
    assert done.outcome.reason == "Already done on 21 Nov 2026 12:00: welcome:7."
    assert (first.outcome.state, again.outcome.state) == ("done", "cancelled")
    assert again.outcome.reason.startswith("Step 2 would have done it")


def test_steps_behind_a_recheck_that_fails_would_be_skipped(ana: Record, dialer: Webhook) -> None:
    rule = rule_with(ENROLLED)
    for kind in ("update_record", "recheck", "post_webhook"):
        add_action(rule, kind, dialer)
    _, check, behind = try_on(rule, ana).steps
    assert check.outcome.reason == "Stopped: stage was 'Certified', wanted 'Enrolled'."
    assert behind.outcome.reason == "Stopped by the re-check, step 2."


def test_a_later_step_is_stopped_by_the_exit_condition(ana: Record, dialer: Webhook) -> None:
    rule = rule_with(ENROLLED, stops=Rule.Stops.LEFT)
    add_action(rule, "update_record")
    add_action(rule, "post_webhook", dialer, delay=3, delay_unit="days")
    stopped = try_on(rule, ana).steps[1]
    assert stopped.outcome.reason.startswith("Stopped: its stage was “Enrolled” and is “Certified”")


@pytest.mark.parametrize(
    ("kind", "options", "state", "words"),
    [
        ("update_record", {"missing": "hold"}, "held", "{nickname} is empty; held."),
        ("update_record", {}, "cancelled", "{nickname} is empty; left out. Nothing was written."),
        ("create_record", {"missing": "hold"}, "held", "{nickname} is empty; held."),
        ("create_record", {}, "done", "note: {nickname} is empty; left out."),
    ],
)
def test_a_value_that_is_missing_follows_its_policy(
    ana: Record, kind: str, options: dict[str, str], state: str, words: str
) -> None:
    rule = rule_with(ENROLLED)
    ours = {
        "update_record": {"field": "note", "value": "{nickname}"},
        "create_record": {"title": "Call", "fields": "note = {nickname}"},
    }[kind]
    add_action(rule, kind, options=ours | options)
    (step,) = try_on(rule, ana).steps
    assert step.outcome.state == state
    assert words in " ".join([step.outcome.reason, *step.foreseen.notes])
    assert "None" not in str(lines(step))


def test_what_is_sensitive_is_shown_as_dots(dialer: Webhook) -> None:
    ana = enrol(ssn="123-45-6789")
    rule = rule_with(ENROLLED, ("ssn", "equals", "123-45-6789"))
    add_action(rule, "update_record", options={"field": "note", "how": "copy", "value": "ssn"})
    add_action(rule, "update_record", options={"field": "ssn", "how": "increment"})
    add_action(rule, "create_record", options={"title": "Call", "fields": "note = {ssn}"}, once_key="{ssn}")
    add_action(rule, "post_webhook", dialer, once_key="{ssn}")
    trial = try_on(rule, ana)
    assert trial.judgement.fires
    assert lines(trial.steps[0]) == {"note": "••••••"}
    assert trial.steps[2].once == "••••••"
    assert trial.steps[3].outcome.reason.startswith("Step 3 would have done it")
    assert "6789" not in repr([trial.judgement, *(vars(step) for step in trial.steps)])


def test_a_sensitive_value_in_a_reason_is_dots(dialer: Webhook) -> None:
    ana, rule = enrol(ssn="123-45-6789"), rule_with(ENROLLED)
    OnceKey.objects.create(key="pay:123-45-6789", record=ana, done_at=SATURDAY)
    add_action(rule, "post_webhook", dialer, once_key="pay:{ssn}")
    add_action(rule, "post_webhook", dialer, counts_from="since", date_field="ssn")
    taken, untimed = try_on(rule, ana).steps
    assert taken.outcome.reason == "Already done on 21 Nov 2026 12:00: pay:••••••."
    assert untimed.outcome.reason == "Its time cannot be told: ssn is “••••••”, which is no date."


def test_no_part_of_a_sensitive_value_is_left_where_it_begins_with_another(dialer: Webhook) -> None:
    rule = rule_with(ENROLLED)
    add_action(rule, "send_email", once_key="{ssn}")
    (step,) = try_on(rule, enrol(pin="123", ssn="123-45-6789")).steps
    assert step.once == DOTS


def test_a_rule_does_not_tell_what_a_sensitive_field_is_compared_with(dialer: Webhook) -> None:
    judgement = try_on(rule_with(("ssn", "equals", "123-45-6789")), enrol(ssn="9")).judgement
    assert "123-45" not in f"{judgement}"


def test_an_address_that_is_sensitive_is_not_taken_for_a_wrong_one(dialer: Webhook) -> None:
    EmailTemplate.objects.update(to="{pin}")
    ana, rule = enrol(pin="ana@harbour.example"), rule_with(ENROLLED)
    add_action(rule, "send_email")
    (step,) = try_on(rule, ana).steps
    assert (step.outcome.state, step.foreseen.text) == ("done", "")
    assert step.foreseen.notes == (VEILED,)


def test_an_e_mail_that_lacks_its_attachment_says_so(ana: Record, dialer: Webhook) -> None:
    EmailTemplate.objects.update(attach="certificate", text="Dear {nickname}", missing="empty")
    rule = rule_with(ENROLLED)
    add_action(rule, "send_email")
    (step,) = try_on(rule, ana).steps
    assert step.foreseen.notes == (
        "text: {nickname} is empty; left empty.",
        "the record has no certificate yet; it would go without.",
    )


def test_a_linked_record_is_named_with_the_old_and_the_new_value(ana: Record) -> None:
    tell("42", "Company", name="Harbour Ltd", contacts=1)
    tell(company_id="42", stage="Lead")
    tell(stage="Enrolled")
    rule = rule_with(ENROLLED)
    linked = {"record_type": "Company", "link_field": "company_id"}
    add_action(rule, "update_record", options={"field": "contacts", "how": "increment", **linked})
    (step,) = try_on(rule, Record.objects.get(external_id="7")).steps
    assert str(step.foreseen.target) == "Harbour Ltd"
    assert [(line.before, line.value) for line in step.foreseen.lines] == [("1", "2")]


def test_what_is_pushed_back_is_shown_and_whether_it_would_go_out(ana: Record, dialer: Webhook) -> None:
    rule = rule_with(ENROLLED)
    add_action(rule, "update_record", options=OPTIONS["update_record"] | {"webhook": "Dialer"})
    (sent,) = try_on(rule, ana).steps
    assert sent.foreseen.request
    assert text(sent.foreseen.request.body) == "Email=ana%40harbour.example&Stage=Certified"
    Webhook.objects.update(active=False)
    (unsent,) = try_on(rule, ana).steps
    assert unsent.foreseen.notes == ("What is pushed back would not go out. The webhook is switched off.",)


def test_later_steps_that_are_pending_are_counted(ana: Record, dialer: Webhook) -> None:
    rule = rule_with(("stage", "changed", ""), active=True)
    add_action(rule, "post_webhook", dialer, delay=3, delay_unit="days")
    assert try_on(rule, ana).pending == 0
    tell(stage="Lead")
    assert try_on(rule, ana).pending == 1


def test_a_record_with_many_changes_costs_what_one_with_few_does(ana: Record, dialer: Webhook) -> None:
    rule, costs = rule_with(ENROLLED), []
    add_action(rule, "post_webhook", dialer)
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            try_on(rule, ana)
        costs.append(len(captured))
        for number in range(20):
            tell(phone=str(number))
    assert costs[0] == costs[1] <= 14
