"""What a test run found, in the words of its page."""

from dataclasses import dataclass, replace
from typing import Any

from django.utils.formats import date_format

from automations import access, executions, sentences, timing
from automations.access import Person
from automations.actions.foresight import Foreseen
from automations.models import Rule
from automations.occasions import Occasion
from automations.rule_trials import Told, Trial
from webhooks_out.admin_log import ago
from webhooks_out.jobs import Job
from webhooks_out.models import Webhook

# What would become of a step, and the colour of that.
STATES = {
    Job.State.DONE: ("Would be done", "success"),
    Job.State.HELD: ("Would be held", "warning"),
    Job.State.CANCELLED: ("Would be skipped", ""),
    Job.State.DEAD: ("Would fail", "danger"),
    Job.State.WAITING: ("Would be tried again", "info"),
}
OFF = "The rule is switched off. This is what it would do once it is switched on."
LATER = "Later steps are filled in from the record as it is now; when their time comes, they use it as it is then."
KEPT = "Its later steps would not be made: {count} of an earlier change {verb} pending for this record."
RESTARTED = "{count} later {steps} pending for this record would be cancelled, and counted anew."
UNSEEN = Foreseen(notes=("What it would do is not shown: it concerns a record that you may not see.",))


@dataclass(frozen=True)
class Step:
    """A step as its page shows it."""

    told: Told
    deed: str
    when: str
    state: str
    colour: str
    foreseen: Foreseen
    request: dict[str, Any] | None  # as executions.told gives it; None for who may not see webhooks
    webhook: Webhook | None


def told(trial: Trial, occasion: Occasion, person: Person) -> dict[str, Any]:
    """What the page shows to this person."""
    return {
        "trial": trial,
        "record": trial.change.record,
        "occasion": occasion,
        "groups": len({one.row.group for one in trial.judgement.seen}) > 1,
        "notes": list(_notes(trial)),
        "steps": [_step(one, trial, person) for one in trial.steps],
    }


def _notes(trial: Trial) -> list[str]:
    rule, later = trial.draft.rule, any(one.later for one in trial.steps)
    found = [] if rule.active else [OFF]
    if trial.pending and later:
        plural = trial.pending > 1
        if rule.again == Rule.Again.RESTART:
            found.append(RESTARTED.format(count=trial.pending, steps="steps" if plural else "step"))
        else:
            found.append(KEPT.format(count=trial.pending, verb="are" if plural else "is"))
    return [*found, LATER] if later else found


def _step(one: Told, trial: Trial, person: Person) -> Step:
    foreseen, webhook = one.foreseen, one.action.webhook
    if foreseen.target and not access.may_view(person, foreseen.target.type):
        foreseen, one = UNSEEN, replace(one, outcome=replace(one.outcome, reason=""))
    delivery = foreseen.request if person.has_perm("webhooks_out.view_webhook") else None
    if delivery and webhook is None and delivery.webhook_id:
        webhook = Webhook.objects.filter(pk=delivery.webhook_id).first()
    state, colour = STATES[Job.State(one.outcome.state)]
    return Step(
        told=one,
        deed=sentences.deed(one.action),
        when=_when(one, trial),
        state=state,
        colour=colour,
        foreseen=foreseen,
        request=executions.told(delivery, webhook) if delivery and webhook else None,
        webhook=webhook,
    )


def _when(one: Told, trial: Trial) -> str:
    """When it would be due, by the clock of the rule's time zone."""
    if one.due.at is None:
        return "At no time that can be told"
    if one.due.at <= trial.now:
        return "At once"
    zone = timing.zone(trial.draft.rule.time_zone)
    moment = date_format(one.due.at.astimezone(zone), "D j M Y H:i")
    return f"{moment} ({zone.key}), in {ago(one.due.at, trial.now)}"
