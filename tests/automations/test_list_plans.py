"""Long lists are read from an index in their order, in statements whose values are bound as in earnest."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from automations import braking, engine, matching
from automations.admin.queue import QueueAdmin
from automations.changes import RecordUpdate
from automations.models import CertificateTemplate, Change, Record, Rule, Run, System
from automations.records import Heard
from tests.staff import signed_in
from tests.world import make_rule, make_webhook

pytestmark = pytest.mark.django_db
LIST = "/admin/automations/queued/"
POSTGRESQL = connection.vendor == "postgresql"
BY_SIZE = "PostgreSQL plans by the size of the table, which is nothing here"


@pytest.fixture
def rule() -> Rule:
    return make_rule(make_webhook("http://127.0.0.1:9/"), monitor="every", delay=60)


def pending(rule: Rule) -> Run:
    """A run of the rule, of a contact of its own."""
    system, _ = System.objects.get_or_create(name="Harbour CRM")
    number = Record.objects.count()
    record = Record.objects.create(system=system, type="Contact", external_id=str(number))
    change = Change.objects.create(record=record, event="updated")
    about = {"change": change, "record": record, "rule": rule, "rule_name": rule.name}
    return Run.objects.create(**about, kind="recheck")


def plans(do: Callable[[], object], table: str = "automations_run") -> list[str]:
    """How the database finds the rows of each statement that reads this table."""
    asked: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, *rest: Any) -> Any:
        if f"FROM {table} " in sql.replace('"', ""):
            asked.append((sql, params))
        return execute(sql, params, *rest)

    with connection.execute_wrapper(note):
        do()
    return [_plan(*one) for one in asked]


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "run_pending"),
        ("?due=24h", "run_pending"),
        ("?rule={rule}", "run_pending_rule"),
        ("?kind=recheck", "run_pending_kind"),
        ("?state=waiting", "run_pending_state"),
        ("?state=waiting&due=7d", "run_pending_state"),
        ("?rule={rule}&state=waiting", "run_pending_both"),
    ],
)
def test_each_filter_has_an_index_in_the_order_of_the_queue(
    rule: Rule, monkeypatch: pytest.MonkeyPatch, query: str, index: str
) -> None:
    monkeypatch.setattr(QueueAdmin, "list_per_page", 2)
    for _ in range(3):
        pending(rule)
    client = signed_in(superuser=True)
    counted, found, _ = plans(lambda: client.get(LIST + query.format(rule=rule.pk)))
    assert "Sort" not in found
    assert "TEMP B-TREE" not in found
    if connection.vendor == "sqlite":  # PostgreSQL chooses by what the table holds
        assert "run_pending" in counted
        assert f"INDEX {index} " in found


@pytest.mark.skipif(POSTGRESQL, reason=BY_SIZE)
def test_a_rule_that_fires_looks_at_what_is_pending_of_its_records_alone(rule: Rule) -> None:
    system, heard = (
        System.objects.create(name="Harbour CRM"),
        RecordUpdate("Contact", "7", "", {"stage": "Lead"}, complete=False, changes=None),
    )
    plan, _ = plans(lambda: engine.handle(heard, Heard(system.pk), matching.rules()))
    assert "INDEX run_pending_record" in plan


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("template={template}", "certificate_template"),
        ("state=voided", "certificate_voided"),
        ("template={template}&state=voided", "certificate_voided_of"),
    ],
)
def test_certificates_are_listed_by_an_index(query: str, index: str) -> None:
    template, client = CertificateTemplate.objects.create(title="Level 2"), signed_in(superuser=True)
    url = f"/admin/automations/certificate/?{query.format(template=template.pk)}"
    _, found = plans(lambda: client.get(url), "automations_certificate")
    assert "Sort" not in found
    assert "TEMP B-TREE" not in found
    if connection.vendor == "sqlite":
        assert f"INDEX {index} " in found


@pytest.mark.parametrize("log", [LIST, "/admin/automations/run/"])
def test_a_search_for_an_id_reads_no_other_run(rule: Rule, log: str) -> None:
    run, client = pending(rule), signed_in(superuser=True)
    counted, found = plans(lambda: client.get(f"{log}?q={run.change.correlation_id}"))
    for plan in (counted, found):
        assert "SCAN automations_run" not in plan
        assert "SubPlan" not in plan  # for which PostgreSQL would read them all


@pytest.mark.skipif(POSTGRESQL, reason=BY_SIZE)
def test_the_brake_counts_in_an_index_without_what_it_holds() -> None:
    rule = make_rule(make_webhook("http://127.0.0.1:9/"), monitor="every", brake_runs=10)
    change = pending(rule).change
    (compiled,) = (rule for rule, _ in matching.rules().judge(change, timezone.now()))
    with transaction.atomic():
        (plan,) = plans(lambda: braking.judge([(change, compiled, 5)], timezone.now()))
    assert "INDEX run_counted" in plan


def _plan(sql: str, params: Any) -> str:
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        for way in () if sqlite else ("seqscan", "sort", "incremental_sort"):  # the tables are small
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{sql}", params)
        plan = "".join(f"{row[-1]} " for row in cursor.fetchall())
    return plan.replace("Index Only Scan", "Index Scan").replace("Index Scan using ", "INDEX ")
