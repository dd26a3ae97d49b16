"""No rules, ten and a hundred that apply to a change, asked about the same changes in turn. Served by `launch`."""

import time

from automations import engine, matching
from automations.changes import RecordUpdate
from automations.matching import RuleSet
from automations.models import Action, Condition, Rule, System
from automations.records import Heard
from tests.benchmarks import contacts, hub_desk
from webhooks_out import definitions
from webhooks_out.models import Webhook

CONTACTS = 20
# What a rule asks of each change; no index can tell beforehand that the second never holds.
SHAPES = {"fire": ("stage", "equals", "Enrolled"), "judged": ("debt", "greater", "1000000")}

_sets: dict[int, RuleSet] = {}


def prepare(shape: str, counts: list[int]) -> None:
    """So many rules each time, which post to one webhook."""
    hub_desk.prepare("http://127.0.0.1:9/")
    Rule.objects.all().delete()
    hook = Webhook.objects.get()
    field, operator, value = SHAPES[shape]
    _sets.clear()
    for count in counts:
        for number in range(Rule.objects.count(), count):
            rule = Rule.objects.create(
                name=f"Rule {number}", monitor=Rule.Monitor.EVERY, brake_runs=hub_desk.FAR
            )
            Condition.objects.create(rule=rule, field=field, operator=operator, value=value)
            Action.objects.create(rule=rule, webhook=hook)
        definitions.touch()
        _sets[count] = matching.rules()


def handle(turns: int, fires: bool) -> dict[int, list[float]]:
    """Seconds of the whole engine for one change, its transaction included, with each number of rules in turn."""
    heard = Heard(system_id=System.objects.get().pk)
    times: dict[int, list[float]] = {count: [] for count in _sets}
    for turn in range(CONTACTS + turns):
        for count, rules in _sets.items():
            number = turn % CONTACTS
            fields = contacts.contact(number, turn) | {"id": f"{count} {number}"}
            update = RecordUpdate("Contact", fields["id"], "updated", fields, True, None)
            began = time.perf_counter()
            change = engine.handle(update, heard, rules)
            took = time.perf_counter() - began
            if turn >= CONTACTS:
                times[count].append(took)
                assert change
                assert len(change.verdicts) == count
                assert sum(one["fired"] for one in change.verdicts) == count * fires
    return times
