"""Fills the workflow queue and looks at it as staff do, on PostgreSQL and on SQLite. Served by `launch`."""

import time

from django.core.management import call_command
from django.db import connection

from automations.models import Action, Change, Queued, Record, Rule, System
from tests.benchmarks import lists_desk
from webhooks_out.admin_log import COUNTED, PER_PAGE
from webhooks_out.models import Webhook

QUEUE = "/admin/automations/queued/"
RULES = 5
PEOPLE = 1_000
MINUTES = 14 * 24 * 60  # over which what waits is spread
KINDS = ("post_webhook", "send_email", "issue_certificate", "update_record")
# One rule's stand after another's, and of each the held ones last: so that whoever looks for them passes the others.
RUNS = """INSERT INTO automations_run
        (id, state, due_at, token, attempts, max_attempts, reason, correlation_id, created_at, change_id, record_id,
         rule_id, rule_name, action_id, kind, position, planned_at, counted)
    WITH RECURSIVE pending(n) AS (SELECT CAST(0 AS bigint) UNION ALL SELECT n + 1 FROM pending WHERE n + 1 < {count}),
    timed AS (SELECT n, {key} AS id, {at} AS at, mod(n * {rules}, {count}) * 3 >= 2 * {count} AS held FROM pending)
    SELECT timed.id, CASE WHEN held THEN 'held' ELSE 'waiting' END, CASE WHEN held THEN NULL ELSE at END,
        '', 0, 3, '', timed.id, automations_change.created_at, automations_change.id, record_id,
        rule_id, name, automations_action.id, kind, n / {people}, at, {yes}
    FROM timed
    JOIN automations_change ON item = mod(n, {people})
    JOIN automations_rule ON name = 'Rule ' || (n * {rules} / {count})
    JOIN automations_action ON rule_id = automations_rule.id"""
WORDS = {
    "sqlite": {
        "key": "printf('%032x', n)",
        "at": "strftime('%Y-%m-%d %H:%M:%f000', 'now', (n * {minutes} * 60.0 / {count}) || ' seconds')",
        "yes": "1",
    },
    "postgresql": {
        "key": "CAST(lpad(to_hex(n), 32, '0') AS uuid)",
        "at": "now() + n * {minutes} * interval '1 minute' / {count}",
        "yes": "true",
    },
}


def fill(count: int) -> float:
    """So many pending actions in an empty database, a third of them held; seconds it took.

    Statistics are those a database gathers by itself: PostgreSQL does, SQLite does not.
    """
    call_command("migrate", verbosity=0)
    system = System.objects.create(name="Insites")
    people = [
        Record(system=system, type="Contact", external_id=str(n), name=f"Maria Okafor {n}")
        for n in range(PEOPLE)
    ]
    people = Record.objects.bulk_create(people)
    Change.objects.bulk_create(Change(record=one, item=n, event="updated") for n, one in enumerate(people))
    hook = Webhook.objects.create(title="Dialer", url="http://127.0.0.1:9/")
    for number in range(RULES):
        rule = Rule.objects.create(name=f"Rule {number}")
        Action.objects.create(rule=rule, kind=KINDS[number % len(KINDS)], webhook=hook)
    began = time.monotonic()
    sizes = {"count": count, "rules": RULES, "people": PEOPLE, "minutes": MINUTES}
    words = {name: word.format(**sizes) for name, word in WORDS[connection.vendor].items()}
    with connection.cursor() as cursor:
        cursor.execute(RUNS.format(**sizes, **words))
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")
    return time.monotonic() - began


def look(query: str, turns: int) -> list[float]:
    """Seconds that each look at the queue took; {rule} in the query is the last one, {far} the last page."""
    rule, pages = Rule.objects.latest("pk").pk, min(Queued.objects.count(), COUNTED) // PER_PAGE
    return lists_desk.look(query.format(rule=rule, far=pages), turns, address=QUEUE)
