"""Update record: sets, empties, lengthens, counts up or copies one field of the record or of one linked to it."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from automations import editing, freezing, outlines
from automations.actions import writing
from automations.actions.field_ways import BETWEEN, HOW, WAYS, Said
from automations.actions.foresight import Foreseen, Line, Scene
from automations.actions.kinds import Kind, Option, Options
from automations.changes import RecordUpdate
from automations.editing import NotAllowed
from automations.models import Change, Record, Run
from webhooks_out.jobs import Job, Outcome, Permanent, cancelled, dead, done, held, retry
from webhooks_out.mapping import Rendered
from webhooks_out.models import Delivery
from webhooks_out.paths import MISSING, look_up
from webhooks_out.scalars import is_empty, number, text


class NotWritten(Exception):
    """The field stays as it is; `outcome` is what becomes of the run."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


@dataclass(frozen=True)
class _Plan:
    """What is to be written: the old and the new value, and the fields at the top of the record that change."""

    before: Any
    after: Any
    fields: dict[str, Any]


def perform(run: Run) -> Outcome:
    """Writes the field, once however often it is called."""
    if run.action is None:
        return cancelled(writing.GONE)
    options = UPDATE_RECORD.filled(run.action.options)
    try:
        target = _target(run, options)
        with transaction.atomic():
            return _written(run, target, options)
    except NotWritten as reason:
        return reason.outcome
    except NotAllowed as reason:
        raise Permanent(f"{options['field']}: {reason}") from reason


def foresee(run: Run, scene: Scene) -> Foreseen:
    """The field before and after, on which record, and what would be posted of it."""
    options, other = UPDATE_RECORD.filled(run.action.options if run.action else {}), None
    try:
        target = _target(run, options)
        other = None if target.pk == run.record_id else target
        plan = _plan(run, target, options)
        request = _pushed(run, target, plan, scene, options) if options["webhook"] else None
    except NotWritten as reason:
        return Foreseen(reason.outcome, target=other)
    except NotAllowed as reason:
        return Foreseen(dead(f"{options['field']}: {reason}"), target=other)
    old, new = map(outlines.shown, _told_values(plan, scene, options))
    return Foreseen(
        lines=(Line(options["field"], new, old),),
        notes=tuple(_notes(request, options)),
        request=request,
        target=other,
        fields={} if other else plan.fields,
    )


def _notes(request: Delivery | None, options: Options) -> Iterator[str]:
    if request and request.reason:
        yield f"What is pushed back would not go out. {request.reason}"
    if options["starts_rules"] == "yes":
        yield writing.MAY_START


def _told_values(plan: _Plan, scene: Scene, options: Options) -> list[Any]:
    """The old and the new value; dots for a field that is sensitive."""
    before = None if plan.before is MISSING else plan.before
    return [scene.hidden.mask(options["field"], value) for value in (before, plan.after)]


def _pushed(run: Run, target: Record, plan: _Plan, scene: Scene, options: Options) -> Delivery:
    """What would be posted of the change, frozen as if it had been made."""
    after = copy(target)
    after.fields = scene.hidden.mask("", {**target.fields, **plan.fields})
    change = Change(record=after, event="updated", fields=after.fields, hops=run.change.hops)
    change.diff = {options["field"]: _told_values(plan, scene, options)}
    return writing.frozen(change, options["webhook"])


def _target(run: Run, options: Options) -> Record:
    """The record to be written: the run's own, or the one a field of it names."""
    record = run.record
    if not options["link_field"]:
        return record
    wanted = text(look_up(record.fields, options["link_field"])).strip()
    if not wanted:
        raise NotWritten(_left(options, f"{options['link_field']} is empty, so no record is linked."))
    found = Record.objects.filter(system_id=record.system_id, type=options["record_type"], external_id=wanted)
    if (linked := found.first()) is None:
        reason = f"We have not heard of the {options['record_type']} {wanted[:60]} yet."
        raise NotWritten(retry(run, reason))
    return record if linked.pk == record.pk else linked


def _written(run: Run, target: Record, options: Options) -> Outcome:
    """Needs an open transaction."""
    record = writing.locked((target.system_id, target.type, target.external_id))
    if writing.is_written(run):
        return done()
    plan = _plan(run, record, options)
    update = RecordUpdate(
        record_type=record.type,
        record_id=record.external_id,
        event="updated",
        fields=plan.fields,
        complete=False,
        changes=None,
        actor=f"Rule: {run.rule_name}",
    )
    change = writing.write(run, record, update, options)
    if change and options["webhook"]:
        writing.push(run, change, options["webhook"])
    return done()


def _plan(run: Run, record: Record, options: Options) -> _Plan:
    """What is to become of this record; NotWritten when nothing is."""
    if record.deleted:
        raise NotWritten(cancelled(f"{record} was deleted, so nothing was written."))
    before = look_up(record.fields, options["field"])
    said = _said(run, record if record.pk == run.record_id else run.record, options)
    editing.check_path(record.fields, options["field"])
    after = WAYS[options["how"]](before, said)
    if editing.mark(after) == editing.mark(before) or (is_empty(after) and is_empty(before)):
        raise NotWritten(Outcome(Job.State.DONE, f"{options['field']} was like this already."))
    return _Plan(before, after, editing.merged(record.fields, {options["field"]: after}))


def _said(run: Run, source: Record, options: Options) -> Said:
    """What the action has to say, by its record's fields; NotWritten when a value is missing and must not be."""
    between = BETWEEN[options["between"]]
    if options["how"] == "clear":
        return Said(None, between)
    drawn = freezing.drawn(run, source)
    if options["how"] == "copy":
        value = drawn.get(options["value"])
        if is_empty(value) and options["missing"] != "empty":
            raise NotWritten(_left(options, f"{options['value']} is empty."))
        return Said(None if value is MISSING else value, between)
    wanted = options["value"] or "1"  # an empty one is refused but for counting
    told = writing.rendered({options["field"]: wanted}, options["missing"], drawn)
    return Said(_filled(told, options), between)


def _filled(told: Rendered, options: Options) -> Any:
    if not told.pairs or told.held:
        raise NotWritten(_left(options, " ".join(told.missing)))
    return text(told.pairs[0][1])


def _left(options: Options, reason: str) -> Outcome:
    return held(reason) if options["missing"] == "hold" else cancelled(f"{reason} Nothing was written.")


def _refused(options: Options) -> str:
    how, value = options["how"], options["value"].strip()
    if reason := writing.path_problem(options["field"]):
        return f"Field: {reason}"
    if how in ("set", "append", "copy") and not value:
        return f"Value: say what. To empty the field, choose “{HOW['clear']}”."
    if how != "copy" and (reason := writing.text_problem(value)):
        return f"Value: {reason}"
    if how == "increment" and value and "{" not in value and number(value) is None:
        return f"Value: “{value[:60]}” is no number. Write it like 1 or -2.50."
    if bool(options["link_field"].strip()) != bool(options["record_type"].strip()):
        return "A linked record is found by both its type and the field that holds its id."
    return ""


def _told(options: Options) -> str:
    whose = f" of the {options['record_type']} in {options['link_field']}" if options["link_field"] else ""
    field, value = f"{options['field']}{whose}", f"“{options['value']}”"
    words = {
        "set": f"set {field} to {value}",
        "clear": f"empty {field}",
        "append": f"add {value} to {field}",
        "increment": f"count {field} up by {options['value'] or '1'}",
        "copy": f"copy {options['value']} to {field}",
    }[options["how"]]
    return f"{words} and post it to {options['webhook']}" if options["webhook"] else words


UPDATE_RECORD = Kind(
    help="Changes one field of the record, or of a record it is linked to. Once, however often it is repeated.",
    perform=perform,
    foresee=foresee,
    options=(
        Option(
            "field", "Field", "Its name or path, such as stage or address.city.", required=True, is_field=True
        ),
        Option("how", "How", "What becomes of it.", default="set", choices=HOW.items),
        Option(
            "value", "Value", "A text with {TAGS}; a number to count up by; or the field to copy.", lines=2
        ),
        Option(
            "between",
            "Between",
            "What stands before a text that is added to the end.",
            default="comma",
            choices=lambda: [
                ("comma", "A comma"),
                ("space", "A space"),
                ("line", "A new line"),
                ("nothing", "Nothing"),
            ],
        ),
        writing.missing("Leave the field as it is"),
        Option("record_type", "Linked record: type", "Empty: the record itself. Else, for example, Company."),
        Option(
            "link_field",
            "Linked record: its id stands in",
            "The field of this record, such as company_id.",
            is_field=True,
        ),
        writing.STARTS_RULES,
        Option(
            "webhook",
            "Push back through",
            "A webhook that posts the change, for example to your CRM. Empty: none.",
            choices=writing.titles,
        ),
    ),
    refuse=_refused,
    deed=_told,
)
