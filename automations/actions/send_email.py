"""Send an e-mail: an e-mail template, filled from the record as it is now."""

from collections.abc import Sequence
from copy import copy

from django.conf import settings
from django.utils import timezone

from automations import emails, mailing, sensitive
from automations.actions import issue_certificate
from automations.actions.foresight import Foreseen, Line, Scene
from automations.actions.kinds import Kind, Option, Options
from automations.emails import Letter, Refused, Wording
from automations.freezing import drawn
from automations.mailing import Attachment, Envelope
from automations.models import Document, EmailTemplate, Record, Run
from webhooks_out.jobs import Job, Outcome, cancelled, dead, done, held

LOOK = 1.0  # seconds between two looks for a certificate that is being issued
UNDER_WAY = (Job.State.WAITING, Job.State.RUNNING)
GONE = "There is no e-mail template “{title}” any more. Choose another one in the rule, and repeat this."
HELD = "The e-mail was held: {lacks}. Complete the record, then repeat this."
WAITS = "It waits for the certificate that goes with it."
NOBODY = "There is nobody to send it to: {lacks}."


def titles() -> list[tuple[str, str]]:
    """The templates to choose from."""
    return [(title, title) for title in EmailTemplate.objects.values_list("title", flat=True)]


def told(wording: Wording, run: Run) -> str:
    """The subject as the log shows it: dots for what is sensitive."""
    masked = copy(run.record)
    masked.fields = sensitive.known().mask("", masked.fields)
    return emails.render(Wording(wording.subject, ""), drawn(run, masked)).subject


def perform(run: Run) -> Outcome:
    """Sends it, holds it, or says why it never can be sent. A repeat after a crash has the same Message-ID."""
    if run.action is None:
        return cancelled("The action was deleted before it was due.")
    title = run.action.options.get("template", "")
    template = EmailTemplate.objects.filter(title=title).first()
    if template is None:
        return dead(GONE.format(title=title))
    if _is_early(template, run):
        return Outcome(Job.State.WAITING, WAITS, LOOK, {"attempts": run.attempts - 1})
    try:
        letter = emails.render(template.wording(), drawn(run))
        files = attachments(template, run.record, run)
    except Refused as refusal:
        return dead(str(refusal))
    stopped = _stopped(letter, template, lacking(letter, template, files))
    return stopped or mailing.deliver(run, Envelope(letter, told(template.wording(), run), files))


def foresee(run: Run, scene: Scene) -> Foreseen:
    """The e-mail as it would go out; a certificate that a step before it would issue counts as there."""
    title = run.action.options.get("template", "") if run.action else ""
    template = EmailTemplate.objects.filter(title=title).first()
    if template is None:
        return Foreseen(dead(GONE.format(title=title)))
    try:
        letter = emails.render(template.wording(), drawn(run))
        files = [file.name for file in attachments(template, run.record)]
    except Refused as refusal:
        return Foreseen(dead(str(refusal)))
    if scene.certificate and template.attach == EmailTemplate.Attach.CERTIFICATE:
        files = [scene.certificate]
    lacks = lacking(letter, template, files)
    stopped = _stopped(letter, template, lacks)
    gap = {lack: "left empty" if lack in letter.missing else "it would go without" for lack in lacks}
    notes = () if stopped else tuple(f"{lack}; {left}." for lack, left in gap.items())
    lines = tuple(Line(label, value) for label, value in _head(letter) if value)
    return Foreseen(stopped or done(), lines, letter.text, letter.html, tuple(files), notes)


def _stopped(letter: Letter, template: EmailTemplate, lacks: Sequence[str]) -> Outcome | None:
    """What becomes of an e-mail that must not go out like this; None for one that may."""
    if lacks and template.missing == "hold":
        return held(HELD.format(lacks="; ".join(lacks)))
    return None if letter.to else dead(NOBODY.format(lacks="; ".join(lacks)))


def _head(letter: Letter) -> list[tuple[str, str]]:
    return [
        ("From", letter.sender or settings.DEFAULT_FROM_EMAIL),
        ("To", ", ".join(letter.to)),
        ("Copy to", ", ".join(letter.cc)),
        ("Replies go to", ", ".join(letter.reply_to)),
        ("Subject", letter.subject),
    ]


def _is_early(template: EmailTemplate, run: Run) -> bool:
    """Whether the certificate that goes with it is being issued now, for the same change."""
    if template.attach != EmailTemplate.Attach.CERTIFICATE:
        return False
    own = _issued_before(run)
    issuing = [own] if own else run.change.runs.filter(kind=issue_certificate.KIND)
    now = timezone.now()
    return any(one.state in UNDER_WAY and one.planned_at <= now for one in issuing)


def lacking(letter: Letter, template: EmailTemplate, files: Sequence[object]) -> tuple[str, ...]:
    """What is not there although the template asks for it, in words; `files`: what would go with it."""
    if template.attach == EmailTemplate.Attach.NONE or files:
        return letter.missing
    if template.attach == EmailTemplate.Attach.CERTIFICATE:
        return (*letter.missing, "the record has no certificate yet")
    return (*letter.missing, f"the record has no document named like “{template.attach_name}”")


def attachments(template: EmailTemplate, record: Record, run: Run | None = None) -> tuple[Attachment, ...]:
    """The file the template asks for, if the record has it; Refused when it cannot be read any more."""
    document = _document(template, record, run)
    if document is None:
        return ()
    try:
        with document.file.open("rb") as file:
            return (Attachment(document.name, file.read(), document.content_type),)
    except FileNotFoundError:
        raise Refused(f"The file of the document “{document.name}” is gone.") from None


def _document(template: EmailTemplate, record: Record, run: Run | None) -> Document | None:
    mine = record.documents.order_by("-pk")
    if template.attach == EmailTemplate.Attach.CERTIFICATE:
        if run and (issued := _issued_before(run)):
            certificate = issue_certificate.of_run(issued)
            return certificate.document if certificate else None
        return mine.filter(certificate__voided_at=None, certificate__isnull=False).first()
    if template.attach == EmailTemplate.Attach.DOCUMENT:
        return mine.filter(name__icontains=template.attach_name).first()
    return None


def _issued_before(run: Run) -> Run | None:
    """The run that issues the certificate this e-mail is about: the last one before it in its rule."""
    steps = run.change.runs.filter(kind=issue_certificate.KIND, rule=run.rule_id, position__lt=run.position)
    return steps.select_related("action", "record", "change__record").order_by("-position").first()


def _deed(options: Options) -> str:
    return f"e-mail “{options['template']}”"


SEND_EMAIL = Kind(
    help="Sends an e-mail from one of the e-mail templates, filled from the record as it is then.",
    perform=perform,
    foresee=foresee,
    options=(
        Option(
            "template",
            "E-mail template",
            "What is sent, and to whom. Templates are written under E-mail templates.",
            required=True,
            choices=titles,
        ),
    ),
    deed=_deed,
)
