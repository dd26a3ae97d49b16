"""How pages show what became of a change: states, answers, values."""

from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from automations import outlines, timeline
from automations.models import Action, Run
from webhooks_out.jobs import Job
from webhooks_out.models import Delivery

# Unfold loads every tag library while it is itself being loaded, so nothing of it can be imported here.
COLOURS = {
    Job.State.WAITING: "info",
    Job.State.RUNNING: "primary",
    Job.State.DONE: "success",
    Job.State.DEAD: "danger",
    Job.State.HELD: "warning",
}

register = template.Library()


@register.simple_tag
def badge(text: str, colour: str = "") -> SafeString:
    """A coloured label: success, danger, warning, info, primary, or grey."""
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": colour})


@register.simple_tag
def state(job: Job) -> SafeString:
    """The state of a run, delivery or receipt as a coloured label."""
    return badge(job.get_state_display(), COLOURS.get(Job.State(job.state), ""))


@register.simple_tag(takes_context=True)
def evidence(context: Context, kind: str, key: Any, *words: str) -> str:
    """A link to the page of what a line tells of, such as a “webhooks_out.delivery”; only the words for who may not
    look at those."""
    app, _, model = kind.partition(".")
    told = ": ".join(words) or "…"
    user = context["request"].user
    if not any(user.has_perm(f"{app}.{verb}_{model}") for verb in ("view", "change")):
        return told
    return format_html(
        '<a class="text-link" href="{}">{}</a>', reverse(f"admin:{app}_{model}_change", args=[key]), told
    )


@register.filter
def answer(delivery: Delivery) -> str:
    """What the receiver said, in words, or why it was not asked."""
    if delivery.reason:
        return delivery.reason
    if delivery.status:
        return f"answered {delivery.status}"
    return "no answer yet" if delivery.due_at else "not sent"


@register.filter
def excerpt(delivery: Delivery) -> str:
    """The beginning of the last answer on one line, where the page has asked for it; "" else."""
    attempts = getattr(delivery, timeline.ANSWERS, [])
    written = " ".join(attempts[-1].excerpt.split()) if attempts else ""
    return f"{written}…" if len(written) >= timeline.MAX_EXCERPT else written


@register.filter
def shown(value: Any) -> str:
    """A value of a record for the eye."""
    return outlines.shown(value)


@register.filter
def deed(run: Run) -> str:
    """The kind of a run in words; an unknown one as it is."""
    return dict(Action.Kind.choices).get(run.kind, run.kind)
