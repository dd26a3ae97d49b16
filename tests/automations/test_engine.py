"""One update, one transaction: the change, the verdicts, the runs and the deliveries, however often it is repeated."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from automations import engine, matching, performing
from automations.actions import ACTIONS
from automations.changes import RecordUpdate
from automations.models import Action, Change, OnceKey, Run, System
from automations.models.rules import Condition
from automations.operators import OPERATORS
from automations.records import Heard
from tests.world import make_rule, make_webhook
from webhooks_out.jobs import new_id
from webhooks_out.models import Delivery

pytestmark = pytest.mark.django_db


def handle(fields: dict[str, Any], **heard: Any) -> Change | None:
    """What the engine makes of one update about contact 7."""
    system, _ = System.objects.get_or_create(name="Harbour CRM")
    said = RecordUpdate(
        record_type="Contact", record_id="7", event="", fields=fields, complete=True, changes=None
    )
    return engine.handle(said, Heard(system_id=system.pk, **heard), matching.rules())


def test_registries_and_choices_are_the_same() -> None:
    assert set(ACTIONS) == set(Action.Kind.values)
    assert set(OPERATORS) == {name for name, _ in Condition._meta.get_field("operator").choices}


def test_a_rule_with_two_actions_makes_two_runs_and_deliveries() -> None:
    rule = make_rule(make_webhook("http://127.0.0.1/"))
    Action.objects.create(rule=rule, webhook=make_webhook("http://127.0.0.1/", "Partner"), position=1)
    handle({"stage": "Lead"})
    assert sorted(Delivery.objects.values_list("title", flat=True)) == ["Dialer", "Partner"]
    assert Run.objects.filter(state="done", delivery__isnull=False).count() == 2


def test_the_statements_do_not_grow_with_the_rules(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    webhook = make_webhook("http://127.0.0.1/")
    for number in range(8):
        make_rule(webhook, name=f"Rule {number}", monitor="every")
    handle({"stage": "Lead"})
    rules, system = matching.rules(), System.objects.get()
    said = RecordUpdate("Contact", "7", "", {"stage": "Enrolled"}, complete=True, changes=None)
    with django_assert_num_queries(7):  # savepoint, record, mirror, changes, deliveries, runs, release
        engine.handle(said, Heard(system_id=system.pk), rules)
    assert Delivery.objects.count() == 16


def test_all_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    make_rule(make_webhook("http://127.0.0.1/"))
    monkeypatch.setattr(engine.outbox, "store", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        handle({"stage": "Lead"})
    assert not Change.objects.exists()


def test_the_same_item_of_a_receipt_cannot_be_handled_twice() -> None:
    receipt = new_id()
    handle({"stage": "Lead"}, receipt_id=receipt)
    with pytest.raises(IntegrityError), transaction.atomic():
        handle({"stage": "Enrolled"}, receipt_id=receipt)


def test_once_per_record_leaves_a_key_and_says_so() -> None:
    make_rule(make_webhook("http://127.0.0.1/"), monitor="once")
    handle({"stage": "Lead"})
    change = handle({"stage": "Enrolled"})
    assert change is not None
    assert OnceKey.objects.count() == Delivery.objects.count() == 1
    assert "once per record" in change.verdicts[0]["words"]


def test_a_webhook_that_is_off_leaves_a_trace() -> None:
    make_rule(make_webhook("http://127.0.0.1/", active=False))
    handle({"stage": "Lead"})
    assert Delivery.objects.values_list("state", "reason").get() == (
        "cancelled",
        "The webhook is switched off.",
    )


def test_starting_again_repeats_nothing() -> None:
    make_rule(make_webhook("http://127.0.0.1/"))
    change = handle({"stage": "Lead"})
    assert change is not None
    with transaction.atomic():
        assert engine.decide(Change.objects.get(), matching.rules()) == []
    assert Delivery.objects.count() == 1


def test_missing_data_may_hold_the_delivery() -> None:
    webhook = make_webhook("http://127.0.0.1/", pairs={"mail": "email"})
    webhook.key_values.update(missing="hold")
    make_rule(webhook)
    handle({"stage": "Lead"})
    delivery = Delivery.objects.get()
    assert delivery.state == "held"
    assert "email" in delivery.reason


def test_a_delayed_post_whose_webhook_is_gone_is_cancelled() -> None:
    rule = make_rule(make_webhook("http://127.0.0.1/"), delay=5)
    handle({"stage": "Lead"})
    rule.delete()
    assert performing.perform(Run.objects.get()).state == "cancelled"


def test_a_delayed_post_is_made_once_even_after_a_crash() -> None:
    make_rule(make_webhook("http://127.0.0.1/"), delay=5)
    handle({"stage": "Lead"})
    for _ in range(2):
        assert performing.perform(Run.objects.get()).state == "done"
    assert Delivery.objects.count() == 1


def test_a_batch_takes_no_more_statements_than_one(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_rule(make_webhook("http://127.0.0.1/"), monitor="every")
    handle({"stage": "Lead"})
    rules, system = matching.rules(), System.objects.get()
    said = [
        (
            RecordUpdate("Contact", "7", "", {"stage": f"Stage {n}"}, complete=True, changes=None),
            Heard(system.pk, item=n),
        )
        for n in range(20)
    ]
    with django_assert_num_queries(7):
        changes = engine.handle_all(said, rules)
    assert [change.diff["stage"] for change in changes if change][:2] == [
        ["Lead", "Stage 0"],
        ["Stage 0", "Stage 1"],
    ]
    assert Delivery.objects.count() == 21
