"""Rules that answer themselves or each other come to rest by themselves, and say so; other records go on."""

from urllib.parse import urlsplit

import pytest
from django.test import Client

from automations.loops import MAX_DEPTH, MAX_HOPS
from automations.models import Change, Run
from tests.automations.actions.acting import fields_of, rule_that, tell
from tests.world import make_rule, make_source, make_webhook, post, update, work
from webhooks_out.models import Delivery

pytestmark = pytest.mark.django_db


def test_a_rule_that_updates_its_own_trigger_stops_and_says_so() -> None:
    rule_that("update_record", ("visits", "changed", ""), field="visits", how="increment")
    tell(visits=1)
    work()
    change = Change.objects.get(origin="action")
    assert fields_of()["visits"] == 2
    assert "what that action changes starts no rules" in change.verdicts[0]["words"]


def test_a_rule_that_may_answer_itself_is_stopped_as_a_loop() -> None:
    rule_that("update_record", ("visits", "changed", ""), field="visits", how="increment", starts_rules="yes")
    tell(visits=0)
    tell("8", visits=100)
    work()
    last = Change.objects.filter(record__external_id="7").order_by("-depth")[0]
    assert (last.depth, fields_of()["visits"]) == (MAX_DEPTH + 1, MAX_DEPTH + 1)
    assert "a loop, so nothing answers it" in last.verdicts[0]["words"]
    assert fields_of("8")["visits"] == 100 + MAX_DEPTH + 1


def test_two_rules_that_answer_each_other_stop() -> None:
    options = {"how": "increment", "starts_rules": "yes"}
    rule_that("update_record", ("a", "changed", ""), name="A to B", field="b", **options)
    rule_that("update_record", ("b", "changed", ""), name="B to A", field="a", **options)
    tell(a=1)
    work()
    assert Run.objects.count() == MAX_DEPTH + 1
    assert Change.objects.filter(depth=MAX_DEPTH + 1).count() == 1


def test_a_change_that_came_through_too_many_hubs_is_not_answered() -> None:
    make_rule(make_webhook("http://127.0.0.1:9/"), monitor="every")
    source = make_source()
    for hops in (MAX_HOPS, MAX_HOPS + 1):
        post(source, update({"stage": f"after {hops}"}), **{"X-Fieldhook-Hops": str(hops)})
        work()
    run = Run.objects.select_related("delivery").get()
    assert run.delivery is not None
    assert run.delivery.headers["X-Fieldhook-Hops"] == str(MAX_HOPS + 1)
    assert f"passed through {MAX_HOPS + 1} hubs: a loop" in Change.objects.latest("id").verdicts[0]["words"]


def test_two_hubs_that_post_to_each_other_stop() -> None:
    hubs = [make_source(name, system=name, dialect="key_values", event="ping") for name in ("Here", "There")]
    for ours, theirs in (hubs, reversed(hubs)):
        webhook = make_webhook(f"http://127.0.0.1:9{theirs.path}", f"To {theirs}", {"id": "id", "n": "n"})
        make_rule(webhook, monitor="every", event="ping", source=ours.title)
    Client().post(hubs[0].path, {"id": "7", "n": "1"})
    work()
    for number in range(MAX_HOPS + 1):
        assert Delivery.objects.count() == number + 1
        arrive(Delivery.objects.latest("id"))
    assert list(Change.objects.order_by("id").values_list("hops", flat=True)) == list(range(MAX_HOPS + 2))
    assert Delivery.objects.count() == MAX_HOPS + 1
    assert "a loop, so nothing answers it" in Change.objects.latest("id").verdicts[0]["words"]


def arrive(delivery: Delivery) -> None:
    """The very request, at the hub it is for."""
    kind = delivery.headers["Content-Type"]
    path = urlsplit(delivery.url).path
    Client().post(path, bytes(delivery.body), content_type=kind, headers=delivery.headers)
    work()
