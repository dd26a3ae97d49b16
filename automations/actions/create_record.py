"""Create record: a follow-up such as a task, linked to the record that the rule answered."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction

from automations import editing, freezing, outlines
from automations.actions import writing
from automations.actions.foresight import Foreseen, Line, Scene
from automations.actions.kinds import Kind, Option, Options
from automations.changes import RecordUpdate
from automations.editing import TEXT, NotAllowed
from automations.models import Run
from webhooks_out.jobs import Job, Outcome, Permanent, cancelled, done, held
from webhooks_out.mapping import Rendered
from webhooks_out.scalars import text

TITLE = "title"  # the field that names what is made
MAX_LINES = 100  # fields


def perform(run: Run) -> Outcome:
    """Makes the record, once however often it is called: its id is that of the run."""
    if run.action is None:
        return cancelled(writing.GONE)
    options = CREATE_RECORD.filled(run.action.options)
    told = _told_of(run, options)
    if told.held:
        return held(" ".join(told.missing))
    said = editing.merged({}, _fields(run, told, options))
    update = RecordUpdate(
        record_type=options["record_type"],
        record_id=f"hub-{run.pk.hex}",
        event="created",
        fields=said,
        complete=True,
        changes=None,
        actor=f"Rule: {run.rule_name}",
    )
    return _made(run, update, options)


def foresee(run: Run, scene: Scene) -> Foreseen:
    """The record it would make, field by field."""
    options = CREATE_RECORD.filled(run.action.options if run.action else {})
    told = _told_of(run, options)
    if told.held:
        return Foreseen(held(" ".join(told.missing)))
    made = scene.hidden.mask("", _fields(run, told, options))
    lines = (Line(name, outlines.shown(value)) for name, value in made.items())
    also = (writing.MAY_START,) if options["starts_rules"] == "yes" else ()
    return Foreseen(lines=(Line("Type", options["record_type"]), *lines), notes=(*told.missing, *also))


def _told_of(run: Run, options: Options) -> Rendered:
    lines = {TITLE: options[TITLE]} | dict(_lines(options["fields"]))
    return writing.rendered(lines, options["missing"], freezing.drawn(run))


def _fields(run: Run, told: Rendered, options: Options) -> dict[str, Any]:
    """The values of the new record by their paths; Permanent when one cannot be there."""
    try:
        fields = {name: editing.read(TEXT, text(value)) for name, value, _ in told.pairs}
        if options["link_field"]:
            fields[options["link_field"]] = run.record.external_id
        editing.merged({}, fields)
    except NotAllowed as reason:
        raise Permanent(str(reason)) from reason
    return fields


def _made(run: Run, update: RecordUpdate, options: Options) -> Outcome:
    """Stores it, unless an earlier start of the run, or the run before it was repeated by hand, did."""
    with transaction.atomic():
        new = writing.locked((run.record.system_id, update.record_type, update.record_id))
        if new.fields:
            return done()
        change = writing.write(run, new, update, options)
    return Outcome(Job.State.DONE, f"Made {change.record.type} “{change.record}”." if change else "")


def _lines(written: str) -> Iterator[tuple[str, str]]:
    """The fields and their texts, of lines such as “due = {DUE_DATE}”."""
    for line in filter(str.strip, written.splitlines()):
        name, _, value = line.partition("=")
        yield name.strip(), value.strip()


def _refused(options: Options) -> str:
    lines = list(filter(str.strip, options["fields"].splitlines()))
    if len(lines) > MAX_LINES:
        return f"Fields: at most {MAX_LINES}."
    if wrong := next((line for line in lines if "=" not in line), ""):
        return f"Fields: write “{wrong.strip()[:60]}” like  field = text with {{TAGS}}."
    if reason := writing.text_problem(options[TITLE]):
        return f"Title: {reason}"
    if reason := writing.text_problem(options["fields"]):
        return f"Fields: {reason}"
    names = [name for name, _ in _lines(options["fields"])]
    names += [TITLE, *filter(None, [options["link_field"]])]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        return f"Fields: {twice} stands there twice."
    try:
        editing.merged({}, dict.fromkeys(names, ""))
    except NotAllowed as reason:
        return f"Fields: {reason}"
    return ""


def _told(options: Options) -> str:
    return f"create a {options['record_type']} “{options[TITLE]}”"


CREATE_RECORD = Kind(
    help="Makes a new record here, such as a task to follow up, linked to this one. A repeat makes no second.",
    perform=perform,
    foresee=foresee,
    options=(
        Option("record_type", "Type", "Task, or any other type of record.", required=True, default="Task"),
        Option(TITLE, "Title", "A text with {TAGS}, such as Call {FIRSTNAME}.", required=True),
        Option("fields", "Fields", "One a line: due = {DUE_DATE}", lines=4),
        Option(
            "link_field", "Link", "The field of the new record that gets this one’s id.", default="linked_id"
        ),
        writing.missing("Leave that field out"),
        writing.STARTS_RULES,
    ),
    refuse=_refused,
    deed=_told,
)
