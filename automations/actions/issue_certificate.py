"""Issue a certificate: a PDF among the record's documents, once per key, with a page where anybody can verify it."""

from collections.abc import Iterable
from dataclasses import replace

from automations import documents, issuing, once_keys
from automations.actions.foresight import Foreseen, Line, Scene
from automations.actions.kinds import Kind, Option, Options
from automations.freezing import drawn
from automations.models import Action, Certificate, CertificateTemplate, Change, Record, Run
from automations.models.certificates import as_written
from webhooks_out.jobs import Outcome, cancelled, dead, done, held
from webhooks_out.mapping import Values

KIND = Action.Kind.ISSUE_CERTIFICATE
KEY = "certificate:{id}:{template}"
MAX_KEY = 400  # characters
OWN_TAG = "template"
DELETED = "The action was deleted before it was due."
GONE = "There is no certificate template “{title}” any more. Choose one in the rule."


def perform(run: Run) -> Outcome:
    """Issues it from the record as it is now. A repeat, or another event with the same key, finds it issued."""
    if run.action is None:
        return cancelled(DELETED)
    given = ISSUE_CERTIFICATE.filled(run.action.options)
    template = _template(given)
    if template is None:
        return dead(GONE.format(title=given["template"]))
    known = drawn(run)
    try:
        key = key_of(run.action.once_key or KEY, template, run.record, known)
        certificate = issuing.issue(template, run.record, known, key, run)
    except issuing.Lacking as lacking:
        return held(str(lacking))
    except documents.Refused as refused:
        return dead(f"The certificate was not kept. {refused} Use smaller images in its template.")
    return _told(certificate, run)


def foresee(run: Run, _scene: Scene) -> Foreseen:
    """What would stand on it, under the number that comes next, which stays free."""
    if run.action is None:
        return Foreseen(cancelled(DELETED))
    given = ISSUE_CERTIFICATE.filled(run.action.options)
    template = _template(given)
    if template is None:
        return Foreseen(dead(GONE.format(title=given["template"])))
    known = drawn(run)
    try:
        key = key_of(run.action.once_key or KEY, template, run.record, known)
        if there := issuing.standing(key):
            return Foreseen(_told(there, run), (Line("Once key", as_written(key)),), template=template.pk)
        said = issuing.foreseen(template, known)
    except issuing.Lacking as lacking:
        return Foreseen(held(str(lacking)), template=template.pk)
    name = issuing.file_name(template, said["number"])
    lines = (
        Line("Number", f"{said['number']}, if none is issued before; it is not taken now"),
        Line("File", name),
        *(Line(text.capitalize(), said[text]) for text in issuing.TEXTS if said[text].strip()),
        *(Line(f"Public: {label}", value) for label, value in said["public"]),
        Line("Once key", as_written(key)),
    )
    return Foreseen(lines=lines, certificate=name, template=template.pk)


def of_run(run: Run) -> Certificate | None:
    """The certificate a run issued, or found issued before; None when there is none, or it was voided."""
    own = Certificate.objects.filter(run=run, voided_at=None).select_related("document").first()
    if own or run.action is None or run.kind != KIND:
        return own
    given = ISSUE_CERTIFICATE.filled(run.action.options)
    template = _template(given)
    try:
        text = run.action.once_key or KEY
        key = key_of(text, template, run.record, drawn(run)) if template else ""
    except issuing.Lacking:
        return None
    return issuing.standing(key)


def of_change(change: Change) -> list[Certificate]:
    """The certificates that the rules issued for a change, or found issued before, in the order of their runs."""
    runs = change.runs.filter(kind=KIND).select_related("action", "record", "change__record").order_by("id")
    found = {one.pk: one for one in map(of_run, runs) if one}
    return list(found.values())


def key_of(text: str, template: CertificateTemplate, record: Record, known: Values) -> str:
    """The once key with its tags filled in, for this system and type of record; Lacking when one of them is empty.

    {template} stands for the template, whatever it is called by now.
    """
    own = replace(
        known, data={**known.data, OWN_TAG: str(template.pk)}, tags={**known.tags, OWN_TAG: OWN_TAG}
    )
    key, lacking = once_keys.filled(text, own)
    if lacking:
        raise issuing.Lacking(lacking)
    return once_keys.cut(f"{record.system_id}:{record.type}:{key}", MAX_KEY)


def _template(given: Options) -> CertificateTemplate | None:
    return CertificateTemplate.objects.defer(*issuing.IMAGES).filter(title=given["template"]).first()


def _told(certificate: Certificate, run: Run) -> Outcome:
    again = "" if certificate.run_id == run.pk else ", issued before under the same once key"
    return replace(done(), reason=f"Certificate {certificate.number}{again}.")


def _titles() -> Iterable[tuple[str, str]]:
    return [(title, title) for title in CertificateTemplate.objects.values_list("title", flat=True)]


ISSUE_CERTIFICATE = Kind(
    help="Draws a PDF from a certificate template and keeps it among the record's documents, once per key.",
    perform=perform,
    foresee=foresee,
    options=(
        Option(
            "template", "Certificate template", "What it looks like and says.", required=True, choices=_titles
        ),
    ),
    once_key=KEY,
    once_tags=(OWN_TAG,),
    deed=lambda given: f"issue “{given['template']}”",
)
