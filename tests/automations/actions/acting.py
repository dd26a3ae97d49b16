"""A contact of Harbour's CRM, a rule that acts on it, and what the engine makes of an update."""

from typing import Any

from automations import engine, matching
from automations.changes import RecordUpdate
from automations.models import Action, Change, Condition, Record, Rule, System
from automations.records import Heard
from webhooks_out import definitions


def rule_that(kind: str, *conditions: tuple[str, str, str], name: str = "Act", **options: Any) -> Rule:
    """A rule with one action of this kind; `of` is the rule's record type, the rest are the action's."""
    rule = Rule.objects.create(name=name, monitor="every", record_type=options.pop("of", "Contact"))
    for field, operator, value in conditions:
        Condition.objects.create(rule=rule, field=field, operator=operator, value=value)
    Action.objects.create(rule=rule, kind=kind, options=options)
    definitions.touch()
    return rule


def tell(external_id: str = "7", kind: str = "Contact", **fields: Any) -> Change | None:
    """What the engine makes of an update about this record."""
    system, _ = System.objects.get_or_create(name="Harbour CRM")
    said = RecordUpdate(kind, external_id, "", fields, complete=False, changes=None)
    return engine.handle(said, Heard(system.pk), matching.rules())


def fields_of(external_id: str = "7") -> dict[str, Any]:
    """What we know of the record."""
    return dict(Record.objects.get(external_id=external_id).fields)
