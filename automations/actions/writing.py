"""What actions that write records share: each run writes once, on a locked record, and the engine is told of it."""

from collections.abc import Mapping

from django.db import transaction

from automations import editing, engine, matching, tag_names
from automations.actions.kinds import Option
from automations.changes import RecordUpdate
from automations.freezing import freeze, tags
from automations.models import Change, Record, Run
from automations.records import Heard, Identity, lock
from webhooks_out import checks, mapping, outbox
from webhooks_out.jobs import Permanent
from webhooks_out.mapping import Pair, Rendered, Values
from webhooks_out.models import Delivery, Webhook
from webhooks_out.outbox import Definition

GONE = "The action was deleted before it was due."
POLICIES = {"leave": "omit", "empty": "empty", "hold": "hold"}
STARTS_RULES = Option(
    "starts_rules",
    "May this start rules?",
    "Rules that answer such a change may start others: after five in a row they are stopped as a loop.",
    default="no",
    choices=lambda: [("no", "No"), ("yes", "Yes")],
)


MAY_START = "What it changes may start other rules, which are not tried here."


def missing(left: str) -> Option:
    """What to do when a tag has no value; `left`: the words for doing without."""
    return Option(
        "missing",
        "When a tag has no value",
        "Nothing is ever written for it but what you choose here.",
        default="leave",
        choices=lambda: [
            ("leave", left),
            ("empty", "Write the text without it"),
            ("hold", "Hold the action for a person"),
        ],
    )


def rendered(lines: Mapping[str, str], policy: str, drawn: Values) -> Rendered:
    """The texts with their tags filled in, by name; those left out for want of a value are not among them."""
    pairs = [Pair(name, "text", text, missing=POLICIES[policy]) for name, text in lines.items()]
    return mapping.render(pairs, drawn)


def locked(identity: Identity) -> Record:
    """The record, made if it is missing, locked until the transaction ends."""
    return lock([identity])[identity]


def is_written(run: Run) -> bool:
    """Whether an earlier start of this run has made its change. Ask while the record is locked."""
    return Change.objects.filter(run_id=run.pk).exists()


def write(run: Run, record: Record, update: RecordUpdate, options: Mapping[str, str]) -> Change | None:
    """Tells the engine, one step deeper than what started the run; None when there is nothing new in it."""
    heard = Heard(
        record.system_id,
        correlation_id=run.correlation_id,
        hops=run.change.hops,
        depth=run.change.depth + 1,
        origin=Change.Origin.ACTION,
        quiet=options["starts_rules"] != "yes",
        run_id=run.pk,
    )
    return engine.handle(update, heard, matching.rules())


def push(run: Run, change: Change, title: str) -> None:
    """Freezes what the webhook of this title sends of the change. Part of the transaction that makes the change."""
    with transaction.atomic():
        run.delivery = frozen(change, title)
        outbox.store([run.delivery])
        Run.objects.filter(pk=run.pk).update(delivery=run.delivery)


def frozen(change: Change, title: str) -> Delivery:
    """What the webhook of this title sends of the change, not stored; Permanent when there is none."""
    webhook = Webhook.objects.filter(title=title).first()
    if webhook is None:
        raise Permanent(f"There is no webhook “{title}” any more. Choose another in the rule.")
    return freeze(Definition.of(webhook), change, tags())


def titles() -> list[tuple[str, str]]:
    """The webhooks to choose from."""
    return [(title, title) for title in Webhook.objects.order_by("title").values_list("title", flat=True)]


def text_problem(text: str) -> str:
    """Why this cannot be a text with {TAGS}, or ""."""
    return checks.brace_problem(text) or tag_names.problem(text)


def path_problem(path: str) -> str:
    """Why no field can stand at this path of any record, or ""."""
    try:
        editing.check_path({}, path)
    except editing.NotAllowed as reason:
        return str(reason)
    return ""
