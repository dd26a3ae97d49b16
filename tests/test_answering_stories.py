"""Rules and hubs that answer themselves or each other come to rest, say so on the change, and hold nobody else up."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from django.db import connection

from automations.loops import MAX_DEPTH, MAX_HOPS
from automations.models import Action, Change, Condition, Record, Rule, Run, System
from tests.automations.actions.acting import fields_of, rule_that
from tests.clusters import Running, until
from tests.receiver import Receiver, receiver
from tests.staff import signed_in, text
from tests.test_two_hubs import THEIRS, free_port, listens, second_database
from tests.world import insites, make_rule, make_webhook, post, update, work
from webhooks_in.models import Receipt, Source
from webhooks_out import drains
from webhooks_out.models import Delivery, KeyValue, Webhook

__all__ = ["insites", "receiver"]
pytestmark = pytest.mark.django_db
Start = Callable[..., Running]
PATIENCE = 60.0  # seconds
COUNTS = {"how": "increment"}


def page_of(change: Change) -> str:
    """What an administrator reads about the change."""
    return text(signed_in(superuser=True).get(f"/admin/automations/change/{change.pk}/change/"))


def test_a_rule_that_changes_its_own_trigger_does_so_once(insites: Source) -> None:
    rule_that("update_record", ("visits", "changed", ""), field="visits", **COUNTS)
    post(insites, update({"visits": 1}))
    work()
    assert fields_of()["visits"] == 2
    assert "what that action changes starts no rules" in page_of(Change.objects.get(origin="action"))


def test_two_rules_that_may_answer_each_other_stop_and_others_go_on(insites: Source) -> None:
    rule_that("update_record", ("a", "changed", ""), name="A", field="b", starts_rules="yes", **COUNTS)
    rule_that("update_record", ("b", "changed", ""), name="B", field="a", starts_rules="yes", **COUNTS)
    rule_that("update_record", ("stage", "changed", ""), name="Stages", field="stages", **COUNTS)
    post(insites, update({"a": 1}))
    post(insites, update({"a": 5, "stage": "Enrolled"}, id=8))
    work()
    each = (MAX_DEPTH + 1) // 2
    assert (fields_of("7")["a"], fields_of("7")["b"]) == (1 + each, each)
    assert (fields_of("8")["a"], fields_of("8")["stages"]) == (5 + each, 1)
    assert not Run.objects.exclude(state="done").exists()
    last = Change.objects.get(record__external_id="7", depth=MAX_DEPTH + 1)
    assert "a loop, so nothing answers it" in page_of(last)


@dataclass
class Pair:
    """Two running hubs that post every note to each other, a little longer each time."""

    here: Source
    address: str  # of our ingest

    def hears(self, **fields: str) -> None:
        """Somebody posts a contact to us."""
        assert requests.post(self.address, data=fields, timeout=PATIENCE).status_code == 202


@pytest.fixture
def pair(start: Start, tmp_path: Path) -> Iterator[Pair]:
    connection.ensure_connection()
    drains.ensure_watches()
    ours, theirs = free_port(), free_port()
    with ExitStack() as stack:
        url = stack.enter_context(second_database(tmp_path))
        here, there = make_hub("default"), make_hub(THEIRS)
        answer_notes("default", f"http://127.0.0.1:{theirs}{there.path}")
        answer_notes(THEIRS, f"http://127.0.0.1:{ours}{here.path}")
        environment = {"DATABASE_URL": url, "ACCOUNT_ID": "2", "PUBLIC_URL": f"http://127.0.0.1:{theirs}"}
        start("hub", "--bind", f"127.0.0.1:{ours}", WEB_WORKERS="1")
        start("hub", "--bind", f"127.0.0.1:{theirs}", WEB_WORKERS="1", **environment)
        until(lambda: listens(ours) and listens(theirs), PATIENCE, "both hubs")
        yield Pair(here, f"http://127.0.0.1:{ours}{here.path}")


def make_hub(database: str) -> Source:
    """A posting URL over there."""
    system = System.objects.using(database).create(name="Posted")
    source = Source(title="Posted", system=system, dialect="key_values", record_type="Contact")
    source.renew_token()
    source.save(using=database)
    return source


def answer_notes(database: str, url: str) -> None:
    """A rule over there: each new note is posted there, with one more letter."""
    webhook = Webhook.objects.using(database).create(title="The other hub", url=url)
    for key, value in {"id": "{id}", "note": "{note}!"}.items():
        KeyValue.objects.using(database).create(webhook=webhook, key=key, value=value, kind="text")
    rule = Rule.objects.using(database).create(name="Tell the other", monitor="every")
    Condition.objects.using(database).create(rule=rule, field="note", operator="changed")
    Action.objects.using(database).create(rule=rule, webhook=webhook)


def changes(external_id: str) -> dict[int, Change]:
    """What happened to this contact in both hubs, by the hubs that each change has passed through."""
    found = [
        change
        for database in ("default", THEIRS)
        for change in Change.objects.using(database).filter(record__external_id=external_id)
    ]
    assert len({change.hops for change in found}) == len(found)
    return {change.hops: change for change in sorted(found, key=lambda change: change.hops)}


def is_quiet() -> bool:
    """Whether neither hub has anything left to do."""
    return not any(
        jobs._default_manager.using(database).filter(due_at__isnull=False).exists()
        for database in ("default", THEIRS)
        for jobs in (Receipt, Run, Delivery)
    )


def test_two_hubs_that_post_to_each_other_come_to_rest(pair: Pair, receiver: Callable[..., Receiver]) -> None:
    dialer = receiver(200)
    make_rule(make_webhook(dialer.url), ("stage", "changed", ""), monitor="every")
    pair.hears(id="7", note="Hello")
    pair.hears(id="8", stage="Enrolled")
    dialer.wait_for(1)
    until(lambda: MAX_HOPS + 1 in changes("7"), PATIENCE, "the last hop")
    until(is_quiet, PATIENCE, "the end")
    told = changes("7")
    assert [change.fields["note"] for change in told.values()] == [
        "Hello" + "!" * hops for hops in range(MAX_HOPS + 2)
    ]
    assert f"passed through {MAX_HOPS + 1} hubs: a loop, so nothing answers it" in page_of(told[MAX_HOPS + 1])
    assert dialer.total == 1
    assert list(changes("8")) == [0]
    assert Record.objects.using(THEIRS).get().fields["note"] == "Hello" + "!" * MAX_HOPS
    pair.hears(id="7", note="Once more")
    until(
        lambda: len(Change.objects.using(THEIRS).all()) == MAX_HOPS + 1,
        PATIENCE,
        "a new story of the same record",
    )
