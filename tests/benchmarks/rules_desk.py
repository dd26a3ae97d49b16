"""Ten thousand rules and ten, each asked about the same changes in turn. Served by `launch`."""

import time
from datetime import UTC, datetime

from automations import engine, matching
from automations.changes import RecordUpdate
from automations.matching import RuleSet
from automations.models import Action, Change, Condition, Record, Rule, System
from automations.records import Heard
from tests.benchmarks import contacts, hub_desk
from webhooks_out import definitions
from webhooks_out.models import Webhook

MANY, FEW, APPLY = 10_000, 10, 3  # rules of the two sets, and those in both that fire
CONTACTS = 20
LONGEST = 5.0  # seconds of one round, though fewer turns were made then

# What a rule that does not fire may look like: its monitor and its conditions, with the rule's number in their value.
SHAPES: dict[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "equals": ("every", (("stage", "equals", "Stage {}"),)),
    "changed_to": ("every", (("stage", "changed_to", "Stage {}"),)),
    "starts": ("starts", (("stage", "equals", "Stage {}"),)),
    "elsewhere": ("starts", (("campaign", "equals", "Campaign {}"), ("debt", "greater", "10000"))),
}


_sets: dict[str, RuleSet] = {}


def prepare(shapes: list[str]) -> float:
    """Ten rules, and ten thousand, of these shapes in turn; three fire. Seconds it took to load the ten thousand."""
    hub_desk.prepare("http://127.0.0.1:9/")
    Rule.objects.all().delete()
    _create(shapes, range(FEW))
    _sets["few"] = matching.rules()
    _create(shapes, range(FEW, MANY))
    began = time.perf_counter()
    _sets["many"] = matching.rules()
    return time.perf_counter() - began


def match(turns: int) -> dict[str, list[float]]:
    """Seconds of matching alone, for changes of a stage, with few and with many rules in turn."""
    record = Record(system=System.objects.get(), type="Contact", external_id="1")
    fields = contacts.contact(1, 1)
    change = Change(record=record, event="updated", fields=fields, diff={"stage": ["Lead", "Enrolled"]})
    now = datetime.now(UTC)
    times: dict[str, list[float]] = {"few": [], "many": []}
    ends = time.monotonic() + LONGEST
    for _ in range(turns):
        if time.monotonic() > ends:
            break
        for name, rules in _sets.items():
            began = time.perf_counter()
            judged = rules.judge(change, now)
            times[name].append(time.perf_counter() - began)
            assert sum(verdict.fired for _, verdict in judged) == APPLY
    return times


def handle(turns: int) -> dict[str, list[float]]:
    """Seconds of the whole engine, its transaction included, with few and with many rules in turn."""
    heard = Heard(system_id=System.objects.get().pk)
    times: dict[str, list[float]] = {"few": [], "many": []}
    ends = time.monotonic() + LONGEST
    for turn in range(CONTACTS + turns):
        if time.monotonic() > ends and times["many"]:
            break
        for name, rules in _sets.items():
            number = turn % CONTACTS
            stage = "Enrolled" if turn // CONTACTS % 2 else "Lead"
            fields = contacts.contact(number, turn) | {"id": f"{name} {number}", "stage": stage}
            update = RecordUpdate("Contact", fields["id"], "updated", fields, True, None)
            began = time.perf_counter()
            change = engine.handle(update, heard, rules)
            took = time.perf_counter() - began
            if stage == "Enrolled":
                times[name].append(took)
                assert change
                assert sum(one["fired"] for one in change.verdicts) == APPLY
    return times


def _create(shapes: list[str], numbers: range) -> None:
    hook = Webhook.objects.get()
    rules = Rule.objects.bulk_create(
        [Rule(name=f"Rule {n}", monitor=_shape(shapes, n)[0]) for n in numbers], batch_size=2_000
    )
    rows = [
        Condition(rule=rule, field=field, operator=operator, value=value.format(n))
        for n, rule in zip(numbers, rules, strict=True)
        for field, operator, value in _shape(shapes, n)[1]
    ]
    Condition.objects.bulk_create(rows, batch_size=2_000)
    Action.objects.bulk_create([Action(rule=rule, webhook=hook) for rule in rules], batch_size=2_000)
    definitions.touch()


def _shape(shapes: list[str], number: int) -> tuple[str, tuple[tuple[str, str, str], ...]]:
    """Those that fire are spread among the first ten."""
    if number % 3 == 0 and number < APPLY * 3:
        return "every", (("stage", "equals", "Enrolled"), ("stage", "changed", ""))
    return SHAPES[shapes[number % len(shapes)]]
