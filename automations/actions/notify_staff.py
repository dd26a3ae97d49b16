"""Notify staff: an e-mail to everybody in a role, who do not see each other's addresses."""

from dataclasses import replace

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.urls import reverse

from automations import emails, mailing, tag_names
from automations.actions.foresight import Foreseen, Line, Scene
from automations.actions.kinds import Kind, Option, Options
from automations.actions.send_email import told
from automations.emails import Letter, Refused, Wording
from automations.freezing import drawn
from automations.mailing import Envelope
from automations.models import Record, Run
from webhooks_out.jobs import Outcome, cancelled, dead

NOBODY = "Nobody who is active in “{role}” has an e-mail address. Enter one under Users, then repeat this."


def roles() -> list[tuple[str, str]]:
    """The groups of people to choose from."""
    return [(name, name) for name in Group.objects.order_by("name").values_list("name", flat=True)]


def perform(run: Run) -> Outcome:
    """Writes to whoever is in the role now. A repeat after a crash has the same Message-ID."""
    if run.action is None:
        return cancelled("The action was deleted before it was due.")
    options = NOTIFY_STAFF.filled(run.action.options)
    whom = addresses(options["role"])
    if not whom:
        return dead(NOBODY.format(role=options["role"]))
    try:
        letter = _letter(run, options)
    except Refused as refusal:
        return dead(str(refusal))
    return mailing.deliver(run, Envelope(letter, told(_wording(options), run), bcc=whom))


def foresee(run: Run, _scene: Scene) -> Foreseen:
    """Who would be written to, and what."""
    options = NOTIFY_STAFF.filled(run.action.options if run.action else {})
    whom = addresses(options["role"])
    if not whom:
        return Foreseen(dead(NOBODY.format(role=options["role"])))
    try:
        letter = _letter(run, options)
    except Refused as refusal:
        return Foreseen(dead(str(refusal)))
    lines = (Line(f"To everybody in {options['role']}", ", ".join(whom)), Line("Subject", letter.subject))
    notes = tuple(f"{sentence}; left empty." for sentence in letter.missing)
    return Foreseen(lines=lines, text=letter.text, notes=notes)


def addresses(role: str) -> tuple[str, ...]:
    """Of the active people in a role; each once."""
    people = User.objects.filter(groups__name=role, is_active=True).exclude(email="").order_by("pk")
    given = people.values_list("email", flat=True)
    return tuple({one.casefold(): one for one in given if not emails.address_problem(one)}.values())


def _letter(run: Run, options: Options) -> Letter:
    """The e-mail, with the way to the record at its end; Refused when a value cannot stand in it."""
    letter = emails.render(_wording(options), drawn(run))
    return replace(letter, text=f"{letter.text}\n\n{_link(run.record)}\n")


def _wording(options: Options) -> Wording:
    return Wording(subject=options["subject"], text=options["text"])


def _link(record: Record) -> str:
    return f"{settings.PUBLIC_URL}{reverse('admin:automations_record_change', args=[record.pk])}"


def _refuse(options: Options) -> str:
    found = emails.problems(_wording(options), tag_names.known())
    return next((f"{emails.TEXTS[name]}: {reason}" for name, reason in found), "")


def _deed(options: Options) -> str:
    return f"notify “{options['role']}” of “{options['subject']}”"


NOTIFY_STAFF = Kind(
    help="Writes an e-mail to the people in a role. A link to the record is added at its end.",
    perform=perform,
    foresee=foresee,
    options=(
        Option(
            "role", "Role", "Everybody active in it who has an e-mail address.", required=True, choices=roles
        ),
        Option("subject", "Subject", "One line, with {TAGS}.", required=True),
        Option("text", "Text", "With {TAGS}; what has no value is left empty.", required=True, lines=5),
    ),
    refuse=_refuse,
    deed=_deed,
)
