"""Issues certificates as a worker does, and draws the same page in a bare loop. Served by `launch`."""

import time
from io import BytesIO

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from automations import certificates
from automations.actions.issue_certificate import KIND
from automations.certificates import Look, Words
from automations.models import Action, Certificate, CertificateTemplate, Change, Record, Rule, Run, System
from automations.tasks import step
from tests.architecture import ROOT
from tests.benchmarks.stage import until
from webhooks_out.jobs import Job

TITLE = "Speed"
BODY = "This is to certify that\n\n{first_name} {last_name}\n\nhas passed."


def prepare() -> None:
    """A template and a rule, and the first certificate of each way, which load the fonts."""
    CertificateTemplate.objects.create(title=TITLE, body=BODY)
    rule = Rule.objects.create(name=TITLE)
    Action.objects.create(rule=rule, kind=KIND, options={"template": TITLE})
    System.objects.get_or_create(name="Certified")
    for name in ("DejaVuSans", "DejaVuSans-Bold"):
        pdfmetrics.registerFont(TTFont(f"Bare-{name}", str(ROOT / "automations" / "fonts" / f"{name}.ttf")))
    for way in (issue, bare, draw):
        way(1)


def issue(turns: int) -> float:
    """Seconds in which so many due runs are done, each with a person of its own."""
    before = Certificate.objects.filter(document__isnull=False).count()
    _make_runs(turns)
    began = time.perf_counter()
    until(lambda: not step(), "the end of the certificates", look=0)
    taken = time.perf_counter() - began
    made = Certificate.objects.filter(document__isnull=False).count() - before
    if made != turns:
        raise RuntimeError(f"{made} certificates of {turns}: {Run.objects.exclude(state='done').first()}")
    return taken


def draw(turns: int) -> float:
    """Seconds in which our own drawing alone is done so often."""
    began = time.perf_counter()
    for turn in range(turns):
        body = BODY.replace("{first_name} {last_name}", f"Maria Okafor{turn}")
        footer = f"Certificate {turn:04}/2026\nissued on 21 November 2026"
        certificates.draw(
            Look(), Words("Certificate of completion", body, footer, _address(f"{turn:04}/2026"))
        )
    return time.perf_counter() - began


def bare(turns: int) -> float:
    """Seconds in which reportlab draws the same page so often."""
    began = time.perf_counter()
    for turn in range(turns):
        _page(f"Maria Okafor{turn}", f"{turn:04}/2026")
    return time.perf_counter() - began


def _make_runs(count: int) -> None:
    system, rule, start = (
        System.objects.get(name="Certified"),
        Rule.objects.get(name=TITLE),
        Record.objects.count(),
    )
    people = [
        Record(
            system=system,
            type="Contact",
            external_id=f"certified {start + n}",
            fields={"first_name": "Maria", "last_name": f"Okafor{start + n}"},
        )
        for n in range(count)
    ]
    changes = [Change(record=record, event="updated") for record in Record.objects.bulk_create(people)]
    Change.objects.bulk_create(changes)
    action = rule.actions.get()
    about = {"rule": rule, "rule_name": TITLE, "action": action, "kind": KIND, "state": Job.State.WAITING}
    Run.objects.bulk_create([Run(change=change, record=change.record, **about) for change in changes])


def _address(number: str) -> str:
    return f"http://127.0.0.1:8000/certificates/{number.replace('/', 'x'):x>32}/"


def _page(name: str, number: str) -> bytes:
    """The page as `automations.certificates` places it, written down by hand."""
    width, height = landscape(A4)
    out = BytesIO()
    canvas = Canvas(out, pagesize=(width, height), invariant=1)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.rect(0, 0, width, height, stroke=0, fill=1)
    canvas.setFillColorRGB(0.12, 0.16, 0.22)
    canvas.setFont("Bare-DejaVuSans-Bold", 36)
    canvas.drawCentredString(width / 2, 472, "Certificate of completion")
    canvas.setFont("Bare-DejaVuSans", 18)
    for line, text in enumerate(("This is to certify that", "", name, "", "has passed.")):
        canvas.drawCentredString(width / 2, 320 - 24.3 * line, text)
    canvas.setFont("Bare-DejaVuSans", 10)
    for line, text in enumerate((f"Certificate {number}", "issued on 21 November 2026")):
        canvas.drawCentredString(width / 2, 98 - 13.5 * line, text)
    address = _address(number)
    drawing = Drawing(84, 84)
    drawing.add(QrCodeWidget(address, barWidth=84, barHeight=84, barLevel="M"))
    renderPDF.draw(drawing, canvas, width - 132, 56)
    canvas.setFont("Bare-DejaVuSans", 6)
    canvas.drawCentredString(width - 160, 40, address)
    canvas.save()
    return out.getvalue()
