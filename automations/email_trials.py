"""An e-mail template as it would go out for one record, for people's eyes: what is sensitive is shown as dots."""

from dataclasses import dataclass, field, replace

from django.conf import settings

from automations import emails, mailing, sensitive
from automations.actions import send_email
from automations.actions.post_webhook import values
from automations.emails import Letter, Refused
from automations.mailing import Attachment, Envelope
from automations.models import Change, EmailTemplate, Record, Tag
from automations.sensitive import Sensitive
from webhooks_out import mapping
from webhooks_out.jobs import new_id
from webhooks_out.mapping import Values

NO_RECORD = (
    "There is no record yet whose values could be shown. Send one through a data source, or add it by hand."
)
NO_ADDRESS = "Your user has no e-mail address. Have it entered under Users, then try again."


@dataclass(frozen=True)
class Trial:
    """What would go out. `problem`: why nothing would, or why the test was not sent; `told`: what became of it."""

    letter: Letter | None = None
    sender: str = ""
    files: tuple[Attachment, ...] = ()
    lacks: tuple[str, ...] = ()
    held: bool = False
    problem: str = ""
    told: str = ""


@dataclass(frozen=True)
class _Dotted(Values):
    """Values with dots in the place of sensitive ones."""

    hidden: Sensitive = field(default_factory=Sensitive)

    def tag(self, name: str) -> object:
        path = mapping.path_of(name, self.tags) or name
        return self.hidden.mask(path, super().tag(name))


def preview(template: EmailTemplate, record: Record | None) -> Trial:
    """What the template would send of this record now; nothing is sent."""
    if record is None:
        return Trial(problem=NO_RECORD)
    change = Change(record=record, event="updated", fields=record.fields)
    real = values(change, dict(Tag.objects.values_list("name", "path")))
    try:
        letter = emails.render(template.wording(), _Dotted(real.data, real.tags, sensitive.known()))
        files = send_email.attachments(template, record)
    except Refused as refusal:
        return Trial(problem=f"With this record nothing could be sent. {refusal}")
    lacks = send_email.lacking(letter, template, files)
    held = bool(lacks) and template.missing == "hold"
    return Trial(letter, letter.sender or settings.DEFAULT_FROM_EMAIL, files, lacks, held)


def sent_to(trial: Trial, own: str) -> Trial:
    """The same, once it was sent to this address and to no other."""
    if trial.letter is None:
        return trial
    if problem := NO_ADDRESS if not own else emails.address_problem(own):
        return replace(trial, problem=problem)
    mine = replace(trial.letter, subject=f"[Test] {trial.letter.subject}", to=(own,), cc=())
    number = f"<test.{new_id()}@fieldhook>"
    sent = mailing.send(mailing.message(Envelope(mine, mine.subject, trial.files), number))
    if sent.problem:
        return replace(trial, problem=f"The test was not sent. {sent.problem}")
    return replace(trial, told=f"The test was sent to {own}.")
