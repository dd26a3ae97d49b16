"""An action's time is entered, told, kept in files, and followed when the rule fires."""

from datetime import time
from typing import Any

import pytest
import time_machine
from django.test import Client

from automations.models import Action, Rule, Run
from automations.sentences import sentence
from config.files import NotLoadable, export, load
from tests.automations.test_rule_admin import add, change_url
from tests.staff import form_of, signed_in, text
from tests.world import make_rule, make_source, make_webhook, post, update, work
from webhooks_in.tasks import step as receipt_step
from webhooks_out.models import Delivery

pytestmark = pytest.mark.django_db
WHEN = "actions-0-when"
BEFORE = {
    f"{WHEN}-from": "before",
    f"{WHEN}-field": "due_date",
    f"{WHEN}-at": "09:00",
    f"{WHEN}-past": "skip",
}
ENTERED = {**BEFORE, "actions-0-delay": 2, "actions-0-delay_unit": "days", f"{WHEN}-weekdays": "on"}


@pytest.fixture
def client() -> Client:
    return signed_in(superuser=True)


def timed(**columns: Any) -> Rule:
    """A rule for every change whose post has this time."""
    rule = make_rule(make_webhook("http://127.0.0.1:9/"), monitor="every", time_zone="Europe/Berlin")
    Action.objects.update(**columns)
    return rule


def happens(**fields: Any) -> Run:
    """The run that an update of these fields started."""
    post(make_source(), update(fields))
    work()
    return Run.objects.get()


def test_a_time_is_entered_and_told(client: Client) -> None:
    add(client, make_webhook("http://127.0.0.1:9/"), time_zone="Europe/Berlin", **ENTERED)
    action = Action.objects.get()
    assert (action.date_field, action.at_time, action.weekdays, action.if_past) == (
        "due_date",
        time(9),
        True,
        "skip",
    )
    assert "2 days before due_date at 09:00 on a weekday post to Dialer." in sentence(Rule.objects.get())


def test_a_time_stands_in_the_form_again_and_goes_with_its_date(client: Client) -> None:
    add(client, make_webhook("http://127.0.0.1:9/"), **ENTERED)
    page = change_url(Rule.objects.get())
    assert 'value="due_date"' in text(client.get(page))
    client.post(page, form_of(client, page, **ENTERED | {f"{WHEN}-from": "after"}))
    action = Action.objects.get()
    assert (action.counts_from, action.date_field, action.if_past) == ("after", "", "now")
    assert action.at_time == time(9)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({f"{WHEN}-from": "before"}, "Say which field holds the date."),
        ({f"{WHEN}-at": "soon"}, "Write a time of day such as 09:00."),
        ({f"{WHEN}-at": "25:00"}, "Write a time of day such as 09:00."),
        ({f"{WHEN}-from": "moon"}, "Choose what the delay counts from."),
        ({"time_zone": "Mars/Base"}, "Select a valid choice"),
    ],
)
def test_a_time_that_cannot_be_is_refused(client: Client, fields: dict[str, str], words: str) -> None:
    assert words in add(client, make_webhook("http://127.0.0.1:9/"), **fields)
    assert not Rule.objects.exists()


@time_machine.travel("2026-03-27T12:00:00Z", tick=False)
def test_a_run_is_due_by_the_clock_of_the_rule() -> None:
    timed(delay=3, delay_unit="days", at_time=time(9))
    post(make_source(), update({"stage": "Enrolled"}))
    receipt_step()
    run = Run.objects.get()
    assert run.due_at == run.planned_at
    assert f"{run.planned_at:%d %H:%M}" == "30 07:00"  # 9:00 in Berlin, where summer time began on the 29th


def test_a_time_that_cannot_be_told_holds_the_run_with_the_reason() -> None:
    timed(counts_from="before", date_field="due_date", delay=2, delay_unit="days")
    run = happens(due_date="")
    assert (run.state, run.due_at) == ("held", None)
    assert run.reason == "Its time cannot be told: due_date is empty."
    assert not Delivery.objects.exists()


def test_a_time_that_has_passed_is_skipped_with_the_reason() -> None:
    timed(counts_from="since", date_field="due_date", if_past="skip")
    run = happens(due_date="2020-01-01")
    assert run.state == "cancelled"
    assert "which had passed" in run.reason


@pytest.mark.parametrize(
    "columns",
    [
        {"delay": 3, "delay_unit": "days", "at_time": time(9, 5), "weekdays": True},
        {"at_time": time(9), "weekdays": True},
        {"weekdays": True},
        {
            "counts_from": "before",
            "date_field": "due_date",
            "delay": 2,
            "delay_unit": "hours",
            "at_time": time(9),
        },
        {"counts_from": "since", "date_field": "due at 09:00", "at_time": time(9), "weekdays": True},
        {"counts_from": "since", "date_field": "weekdays", "weekdays": True, "if_past": "skip"},
        {"counts_from": "before", "date_field": "custom.end"},
    ],
)
def test_a_file_brings_a_time_back_as_it_was(columns: dict[str, Any]) -> None:
    timed(**columns)
    written, before = export(), Action.objects.get()
    Rule.objects.all().delete()
    load(written.encode(), {})
    assert Action.objects.get().timing == before.timing
    assert export() == written
    assert Rule.objects.get().time_zone == "Europe/Berlin"


def test_a_file_says_a_time_as_a_person_would() -> None:
    timed(counts_from="before", date_field="due_date", delay=2, delay_unit="hours", at_time=time(9))
    assert "        when: 2 hours before due_date at 09:00\n" in export()


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["when: soon"], "write “2 hours before due_date”"),
        (["when: at 9"], "write “2 hours before due_date”"),
        (["when: 2 weeks before due_date"], "write a delay such as"),
        (["delay: 1 day", "when: 2 days after due_date"], "stands here already"),
    ],
)
def test_a_file_with_a_time_that_cannot_be_is_refused(lines: list[str], words: str) -> None:
    make_webhook("http://127.0.0.1:9/")
    said = "".join(f"        {line}\n" for line in lines)
    with pytest.raises(NotLoadable, match=words):
        load(f"rules:\n  - name: Paint\n    actions:\n      - webhook: Dialer\n{said}".encode(), {})
