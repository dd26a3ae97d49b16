"""Whatever keeps a rule from acting is told by the engine, on the pages of rule, change and record."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from automations import editing, engine, matching
from automations.changes import RecordUpdate
from automations.models import Action, Change, Record, Rule, Run, System
from automations.records import Heard
from tests.automations.actions.acting import rule_that, tell
from tests.staff import person, signed_in, text
from tests.world import insites, make_webhook, post, update, work
from webhooks_in.models import Source
from webhooks_out import definitions
from webhooks_out.models import KeyValue

__all__ = ["insites"]
pytestmark = pytest.mark.django_db
LEAD = ("stage", "equals", "Lead")


def rule(**options: Any) -> Rule:
    """Leads are marked as greeted, in the way the options of the rule say."""
    made = rule_that("update_record", LEAD, field="greeted", value="yes")
    Rule.objects.update(**options)
    definitions.touch()
    return made


def again() -> None:
    """The record changes a second time while the conditions hold."""
    tell(stage="Lead")
    tell(stage="Lead", visits=2)


def heard(event: str = "", at: datetime | None = None, **options: Any) -> None:
    """An update of the lead that reached us like this."""
    system, _ = System.objects.get_or_create(name="Harbour CRM")
    said = RecordUpdate(
        "Contact", "7", event, {"stage": "Lead"}, complete=False, changes=None, occurred_at=at
    )
    engine.handle(said, Heard(system.pk, **options), matching.rules())


def only_starts() -> None:
    rule(monitor="starts")
    again()


def only_once() -> None:
    rule(monitor="once")
    again()


def first_heard() -> None:
    rule(monitor="starts", event="updated")
    heard("updated")


def once_key() -> None:
    rule()
    Action.objects.update(once_key="greet:{id}")
    again()
    work()


def own_change() -> None:
    rule()
    heard(origin="action", quiet=True, depth=1)


def many_actions() -> None:
    rule()
    heard(origin="action", depth=6)


def many_hubs() -> None:
    rule()
    heard(hops=6)


def brake() -> None:
    rule(brake_runs=1)
    again()


def switched_off() -> None:
    rule(active=False)
    tell(stage="Lead")


def stale() -> None:
    rule()
    for day in (2, 1):
        heard(at=datetime(2026, 3, day, tzinfo=UTC))


def pending() -> None:
    rule()
    Action.objects.update(delay=3)
    definitions.touch()
    again()


def has_left() -> None:
    rule(stops="left")
    Action.objects.update(delay=3)
    definitions.touch()
    tell(stage="Lead")
    tell(stage="Left")
    Run.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    work()


# What happens, which change it keeps the rule from acting for (the newest is 0), and the words: of the rule's and the
# change's page, and of the record's, which leads to the change for what is not its own.
ALL: list[tuple[Callable[[], None], int, str, str]] = [
    (only_starts, 0, "its conditions already held before this change", ""),
    (only_once, 0, "it fired for this record before, and fires once per record", ""),
    (first_heard, 0, "first time we hear of this record", ""),
    (once_key, 1, "Already done on", ""),
    (own_change, 0, "an action of a rule made this change", ""),
    (many_actions, 0, "6 actions in a row led to this change: a loop", ""),
    (many_hubs, 0, "this change has passed through 6 hubs: a loop", ""),
    (brake, 0, "Held by the brake: the rule started 1 run within 10 min.", ""),
    (switched_off, 0, "it is switched off", "No rule fired"),
    (
        stale,
        0,
        "older than what",
        "older than what we knew already: it overwrote nothing and no rule was asked",
    ),
    (pending, 0, "its later steps were not made again: those of an earlier change are pending", ""),
    (has_left, 1, "Stopped: ", ""),
]


@pytest.mark.parametrize(
    ("happen", "number", "words", "on_record"), ALL, ids=lambda one: getattr(one, "__name__", "")
)
def test_it_is_told_on_every_page(
    happen: Callable[[], None], number: int, words: str, on_record: str
) -> None:
    happen()
    client = signed_in(superuser=True)
    change = Change.objects.order_by("-id")[number]
    rule = Rule.objects.get()
    assert escape(words).casefold() in page(client, f"rule/{rule.pk}/why/?q={change.pk}")
    assert escape(words).casefold() in page(client, f"change/{change.pk}/change/")
    assert escape(on_record or words).casefold() in page(client, f"record/{change.record_id}/change/")


def test_a_request_that_came_twice_is_no_second_change_and_says_so(insites: Source) -> None:
    insites.dedup_template = "{x-id}"
    insites.save()
    rule()
    for _ in range(2):
        post(insites, update({"stage": "Lead"}), **{"X-Id": "1"})
    work()
    client = signed_in(superuser=True)
    assert Change.objects.filter(origin="source").count() == 1
    receipt = Change.objects.earliest("id").receipt_id
    said = text(client.get(f"/admin/webhooks_in/receipt/{receipt}/change/"))
    assert "1 time; a repeat starts nothing" in said


def test_a_value_that_was_pushed_back_and_comes_again_is_nothing_new(insites: Source) -> None:
    make_webhook("http://127.0.0.1:9/", "CRM")
    made = rule()
    Action.objects.update(options={"field": "greeted", "value": "yes", "webhook": "CRM"})
    definitions.touch()
    post(insites, update({"stage": "Lead"}))
    work()
    before = Change.objects.count()
    assert Record.objects.get().fields["greeted"] == "yes"
    answer = post(insites, update({"greeted": "yes"}))
    work()
    assert (Change.objects.count(), made.runs.count()) == (before, 1)
    said = text(
        signed_in(superuser=True).get(f"/admin/webhooks_in/receipt/{answer.json()['receipt']}/change/")
    )
    assert "nothing in it was new" in said


def test_what_staff_edit_is_answered_like_any_change() -> None:
    made = rule()
    tell(stage="New")
    editing.edit(Record.objects.get(), {"stage": "Lead"}, person(name="bea"))
    assert made.runs.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("ssn", "123-45-6789", "ssn was '••••••', wanted '••••••'"),
        ("bank", {"account": "77889911"}, "bank was '{\"account\":\"••••••\"}', wanted 'x'"),
        ("marked", "secret", "marked was '••••••', wanted '••••••'"),
        ("ssn", "", "ssn was empty, wanted '••••••'"),
    ],
)
def test_what_is_sensitive_stays_out_of_the_words(field: str, value: Any, words: str) -> None:
    KeyValue.objects.create(
        webhook=make_webhook("http://127.0.0.1:9/"), key="m", value="marked", sensitive=True
    )
    made = rule_that("notify_staff", (field, "equals", "x"))
    change = tell(**{field: value})
    assert change
    (said,) = Change.objects.get().verdicts
    assert said["words"].replace(" ", "") == f"did not fire: {words}".replace(" ", "")
    shown = page(signed_in(superuser=True), f"rule/{made.pk}/why/?q={change.pk}")
    assert "as the rule is now" not in shown


def test_what_is_sensitive_stays_out_of_why_a_sequence_stopped() -> None:
    made = rule_that("update_record", ("ssn", "equals", "123-45-6789"), field="greeted", value="yes")
    Rule.objects.update(stops="unmet")
    Action.objects.update(delay=3)
    definitions.touch()
    tell(ssn="123-45-6789")
    tell(ssn="987-65-4321")
    Run.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    work()
    assert made.runs.get().reason.startswith("Stopped: ssn was '••••••'")


def page(client: Client, path: str) -> str:
    return text(client.get(f"/admin/automations/{path}")).casefold()
