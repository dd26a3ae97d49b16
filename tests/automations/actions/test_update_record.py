"""A field of a record is written by a rule: every way, exactly, once, and pushed back if the rule says so."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from automations import performing, replays
from automations.actions import ACTIONS, writing
from automations.models import Action, Change, Rule, Run
from config.files import export, load
from tests.automations.actions.acting import fields_of, rule_that, tell
from tests.world import make_webhook, work
from webhooks_out.models import Delivery, Webhook

pytestmark = pytest.mark.django_db
KIND = ACTIONS["update_record"]


def refused(**options: str) -> str:
    return KIND.problem({"field": "stage", **options})


@pytest.mark.parametrize(
    ("how", "value", "before", "after"),
    [
        ("set", "Enrolled", "Lead", "Enrolled"),
        ("set", "1200.50", Decimal("7.00"), Decimal("1200.50")),
        ("set", "yes", False, True),
        ("set", "for {name}", None, "for Ana"),
        ("clear", "", "Lead", None),
        ("append", "{name}", "Bo", "Bo, Ana"),
        ("append", "{name}", "", "Ana"),
        ("increment", "", 41, 42),
        ("increment", "0.10", Decimal("0.20"), Decimal("0.30")),
        ("increment", "-0.01", "1,200.50", "1200.49"),
        ("increment", "1", 12345678901234567890123456789012345, 12345678901234567890123456789012346),
        ("increment", "5", None, 5),
        ("copy", "owner.name", "Lead", "Cy"),
        ("copy", "total", "", Decimal("10.10")),
    ],
)
def test_each_way_to_write_a_field_is_exact(how: str, value: str, before: Any, after: Any) -> None:
    rule_that("update_record", ("name", "changed", ""), field="spot", how=how, value=value)
    tell(name="Ana", spot=before, owner={"name": "Cy"}, total=Decimal("10.10"))
    work()
    assert repr(fields_of()["spot"]) == repr(after)


def test_a_field_that_is_not_there_is_made_and_a_nested_one_too() -> None:
    rule_that("update_record", ("name", "changed", ""), field="address.city", value="Rome")
    tell(name="Ana")
    work()
    assert fields_of()["address"] == {"city": "Rome"}


def test_the_change_says_where_it_comes_from() -> None:
    rule_that("update_record", ("name", "changed", ""), field="stage", value="Enrolled")
    first = tell(name="Ana")
    work()
    change = Change.objects.get(origin="action")
    assert first is not None
    assert (change.depth, change.correlation_id, change.actor) == (1, first.correlation_id, "Rule: Act")
    assert change.diff == {"stage": [None, "Enrolled"]}


@pytest.mark.parametrize(
    ("missing", "state", "written"),
    [("leave", "cancelled", "Lead"), ("hold", "held", "Lead"), ("empty", "done", "to ")],
)
@pytest.mark.parametrize("tag", ["absent", "nothing"])
def test_a_missing_value_follows_the_policy(missing: str, state: str, written: str, tag: str) -> None:
    options = {"field": "stage", "value": f"to {{{tag}}}", "missing": missing}
    rule_that("update_record", ("name", "changed", ""), **options)
    tell(name="Ana", stage="Lead", nothing=None)
    work()
    assert (Run.objects.get().state, fields_of()["stage"]) == (state, written)


@pytest.mark.parametrize(
    ("options", "before", "words"),
    [
        ({"value": "many"}, 7, "is no number"),
        ({"how": "increment"}, "Lead", "“Lead” is no number"),
        ({"how": "append", "value": "x"}, 7, "holds no text"),
        ({"value": "x"}, ["a"], "holds further fields or a list"),
    ],
)
def test_what_cannot_be_written_fails_with_the_reason(
    options: dict[str, str], before: Any, words: str
) -> None:
    rule_that("update_record", ("name", "changed", ""), field="spot", **options)
    tell(name="Ana", spot=before)
    work()
    run = Run.objects.get()
    assert run.state == "dead"
    assert words in run.reason
    assert fields_of()["spot"] == before


def test_a_repeat_after_a_crash_changes_nothing_twice() -> None:
    make_webhook("http://127.0.0.1:9/", "CRM")
    options = {"field": "visits", "how": "increment", "webhook": "CRM"}
    rule_that("update_record", ("name", "changed", ""), **options)
    tell(name="Ana", visits=1)
    for _ in range(3):
        assert performing.perform(Run.objects.get()).state == "done"
    assert fields_of()["visits"] == 2
    assert Delivery.objects.count() == 1


def test_a_crash_in_the_middle_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    make_webhook("http://127.0.0.1:9/", "CRM")
    rule_that("update_record", ("name", "changed", ""), field="visits", how="increment", webhook="CRM")
    tell(name="Ana", visits=1)
    with monkeypatch.context() as patch:
        patch.setattr(writing.outbox, "store", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            performing.perform(Run.objects.get())
    assert fields_of()["visits"] == 1
    work()
    assert fields_of()["visits"] == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_once() -> None:
    rule_that("update_record", ("name", "changed", ""), field="visits", how="increment")
    tell(name="Ana", visits=1)
    both = Barrier(2)

    def work_too() -> str:
        run = Run.objects.select_related("action", "change__record", "record").get()
        both.wait(timeout=10)
        state = performing.perform(run).state
        connection.close()
        return state

    with ThreadPoolExecutor(2) as pool:
        assert [one.result() for one in [pool.submit(work_too) for _ in range(2)]] == ["done", "done"]
    assert fields_of()["visits"] == 2


def test_a_repeat_by_hand_counts_once_more() -> None:
    rule_that("update_record", ("name", "changed", ""), field="visits", how="increment")
    tell(name="Ana", visits=1)
    work()
    replays.repeat(Run.objects.all())
    work()
    assert fields_of()["visits"] == 3


def test_a_file_holds_it_and_brings_it_back() -> None:
    make_webhook("https://crm.example/", "CRM")
    rule = rule_that("update_record", field="stage", value="Won", webhook="CRM")
    Rule.objects.filter(pk=rule.pk).update(brake_runs=7)
    written = export()
    Rule.objects.all().delete()
    Webhook.objects.all().delete()
    load(written.encode(), {})
    assert Action.objects.get().options == {"field": "stage", "value": "Won", "webhook": "CRM"}
    assert export() == written


def test_the_change_is_pushed_back_as_it_was_made() -> None:
    make_webhook("http://127.0.0.1:9/", "CRM", body_kind="insites_changes")
    rule_that("update_record", ("name", "changed", ""), field="stage", value="Enrolled", webhook="CRM")
    tell(name="Ana", stage="Lead")
    performing.perform(Run.objects.get())
    delivery = Delivery.objects.get()
    assert b'"stage":"Enrolled"' in bytes(delivery.body).replace(b" ", b"")
    assert Run.objects.get().delivery == delivery


def test_a_webhook_that_is_gone_leaves_the_field_alone() -> None:
    rule_that("update_record", ("name", "changed", ""), field="stage", value="Enrolled", webhook="CRM")
    tell(name="Ana", stage="Lead")
    work()
    assert Run.objects.get().reason == "There is no webhook “CRM” any more. Choose another in the rule."
    assert fields_of()["stage"] == "Lead"


def test_a_linked_record_is_written() -> None:
    linked = {"record_type": "Company", "link_field": "company_id"}
    options = {"field": "last_contact", "value": "{name}", **linked}
    rule_that("update_record", ("name", "changed", ""), **options)
    tell("c1", "Company", title="Harbour")
    tell(name="Ana", company_id="c1")
    work()
    assert fields_of("c1")["last_contact"] == "Ana"
    assert "last_contact" not in fields_of()


@pytest.mark.parametrize(
    ("company", "state", "words"),
    [("c9", "waiting", "not heard of the Company c9 yet"), ("", "cancelled", "no record is linked")],
)
def test_a_link_that_leads_nowhere_says_so(company: str, state: str, words: str) -> None:
    linked = {"record_type": "Company", "link_field": "company_id"}
    rule_that("update_record", ("name", "changed", ""), field="x", value="y", **linked)
    tell(name="Ana", company_id=company)
    work()
    run = Run.objects.get()
    assert run.state == state
    assert words in run.reason


def test_a_deleted_record_is_left_alone() -> None:
    rule_that("update_record", ("name", "changed", ""), field="stage", value="Enrolled")
    change = tell(name="Ana")
    assert change is not None
    type(change.record).objects.update(deleted=True)
    work()
    assert Run.objects.get().state == "cancelled"
    assert "stage" not in fields_of()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"value": " "}, "choose “Empty it”"),
        ({"field": "a..b", "value": "x"}, "a dot between them"),
        ({"field": "id", "value": "x"}, "The id stays"),
        ({"how": "increment", "value": "one"}, "is no number"),
        ({"value": "to {name"}, "no other half"),
        ({"value": "x", "record_type": "Company"}, "by both its type and the field"),
        ({"value": "x", "webhook": "CRM"}, "there is no “CRM”"),
    ],
)
def test_what_cannot_work_is_refused(options: dict[str, str], words: str) -> None:
    assert words in refused(**options)


def test_what_can_work_is_told() -> None:
    assert not refused(value="x")
    assert KIND.deed(KIND.filled({"field": "stage", "value": "Won"})) == "set stage to “Won”"
