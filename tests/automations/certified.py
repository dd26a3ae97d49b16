"""Certificates of Harbour Learning, for the tests that issue some."""

from io import BytesIO
from typing import Any

from PIL import Image
from pypdf import PdfReader

from automations.actions.issue_certificate import KIND
from automations.models import Action, Certificate, CertificateTemplate, Condition, Rule
from webhooks_out import definitions

TITLE = "Level 2"
BODY = "This is to certify that\n{first_name} {last_name}\nhas passed level 2."


def make_template(**options: Any) -> CertificateTemplate:
    """A template that names fields, which every record of Harbour has."""
    return CertificateTemplate.objects.create(**{"title": TITLE, "body": BODY, **options})


def make_certificate_rule(*conditions: tuple[str, str, str], once_key: str = "") -> Rule:
    """A rule that issues a certificate at each change, once per key."""
    rule = Rule.objects.create(name="Certify", monitor=Rule.Monitor.EVERY)
    for field, operator, value in conditions:
        Condition.objects.create(rule=rule, field=field, operator=operator, value=value)
    Action.objects.create(rule=rule, kind=KIND, options={"template": TITLE}, once_key=once_key)
    definitions.touch()
    return rule


def image(kind: str = "PNG", size: tuple[int, int] = (40, 20), mode: str = "RGB") -> bytes:
    """A picture of one colour."""
    out = BytesIO()
    Image.new(mode, size, "red").save(out, kind)
    return out.getvalue()


def words_of(pdf: bytes) -> str:
    """What a reader of the PDF reads, in one line."""
    return " ".join("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def pdf_of(certificate: Certificate) -> bytes:
    """The stored file."""
    certificate.refresh_from_db()
    assert certificate.document
    with certificate.document.file.open("rb") as file:
        return bytes(file.read())
