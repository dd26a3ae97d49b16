"""Issues certificates: once for each key, with a number, a code and words that are fixed before anything is drawn.

Each step may be the last one before a crash. A repeat finds what is there and goes on: the row with its number, then
the document of the record, whose bytes are the same however often they are drawn.
"""

import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format

from automations import certificates, documents
from automations.certificates import Look, Words
from automations.models import Certificate, CertificateTemplate, Record, Run
from webhooks_out import mapping
from webhooks_out.mapping import Pair, Values

PATH = "/certificates/"  # of the public pages
CODE_BYTES = 24  # of randomness in a code
TEXTS = ("heading", "body", "footer")
IMAGES = ("background", "logo", "signature")
TAGS = {
    "NUMBER": "certificate number",
    "ISSUED_ON": "certificate date",
    "VERIFY_URL": "certificate address",
}  # what texts may name beside the tags of records, and where their values are found
SAMPLE_CODE = "preview"

_PUBLIC = re.compile(r"\s*([^:\n]{1,60}?)\s*:\s*(.*)")


class Lacking(Exception):
    """The record has nothing for a tag, and the template says to wait then; str() says which."""


def issue(template: CertificateTemplate, record: Record, values: Values, key: str, run: Run) -> Certificate:
    """The certificate of this key, with its document; issued now unless it was before. Lacking when it must wait.

    Call it outside any transaction.
    """
    certificate = standing(key) or _claimed(template, record, values, key, run)
    return certificate if certificate.document_id else _with_document(certificate)


def standing(key: str) -> Certificate | None:
    """The certificate that was issued for this key and is not voided."""
    return Certificate.objects.filter(key=key, voided_at=None).first()


def void(certificate: Certificate, by: User, reason: str) -> bool:
    """Voids it, so that its page says so and its key is free again; False when somebody did before."""
    mine = Certificate.objects.filter(pk=certificate.pk, voided_at=None)
    return bool(mine.update(voided_at=timezone.now(), voided_by=by, void_reason=reason[:300]))


def preview(template: CertificateTemplate, values: Values) -> bytes:
    """The PDF as it would be issued now, with the number that comes next and a code that leads nowhere.

    Lacking when it would have to wait.
    """
    return certificates.draw(_look(template), _words(foreseen(template, values)))


def foreseen(template: CertificateTemplate, values: Values) -> dict[str, Any]:
    """What would be filled in now, with the number that comes next and a code that leads nowhere."""
    return filled(template, values, template.last_number + 1, address_of(SAMPLE_CODE), timezone.now())


def file_name(template: CertificateTemplate, number: str) -> str:
    """What the file of the certificate with this number is called."""
    name = f"{template.title} {number}".replace("/", "-").replace("\\", "-")
    return f"{name[:140]}.pdf"


def public(certificate: Certificate) -> list[tuple[str, str]]:
    """What everybody may see of it: a name and a value for each line its template lists."""
    return [(label, value) for label, value in certificate.values.get("public", [])]


def filled(
    template: CertificateTemplate, values: Values, sequence: int, address: str, at: datetime
) -> dict[str, Any]:
    """Everything that is filled in, as it is frozen: number, texts, the address if it is drawn, and public lines."""
    number = number_of(template, sequence, at)
    ours = (number, date_format(timezone.localdate(at), "j F Y"), address)
    known = replace(
        values,
        data={**values.data, **dict(zip(TAGS.values(), ours, strict=True))},
        tags={**values.tags, **TAGS},
    )
    texts = {name: (name, getattr(template, name)) for name in TEXTS}
    lines = public_lines(template.public_fields)
    pairs = [_pair(template, *text) for text in (*texts.values(), *lines)]
    rendered = mapping.render(pairs, known)
    if rendered.held:
        raise Lacking(f"The certificate waits for data. {' '.join(rendered.missing)}"[:500])
    told = [str(value)[: certificates.MAX_TEXT] for _, value, _ in rendered.pairs]
    public = zip((label for label, _ in lines), told[len(TEXTS) :], strict=True)
    return {
        "number": number,
        **dict(zip(TEXTS, told, strict=False)),
        "address": address if template.qr_code else "",
        "public": [[label, value] for label, value in public if value.strip()],
    }


def number_of(template: CertificateTemplate, sequence: int, at: datetime) -> str:
    """The running number as the template writes it."""
    year = str(timezone.localdate(at).year)
    written = str(sequence).zfill(template.digits)
    return template.number_format.replace("{YEAR}", year).replace("{NUMBER}", written)


def public_lines(text: str) -> list[tuple[str, str]]:
    """Name and text of each line of what the public page shows; a line without a colon has no name."""
    found = (_PUBLIC.fullmatch(line) for line in text.splitlines() if line.strip())
    return [(match[1], match[2].strip()) for match in found if match]


def address_of(code: str) -> str:
    """The address of a certificate's public page."""
    return f"{settings.PUBLIC_URL}{PATH}{code}/"


def _pair(template: CertificateTemplate, name: str, text: str) -> Pair:
    return Pair(name.capitalize(), "text", text, template.missing, template.default)


def _claimed(
    template: CertificateTemplate, record: Record, values: Values, key: str, run: Run
) -> Certificate:
    """The row of this key, made now; of several at once one makes it, and the others find it."""
    try:
        with transaction.atomic():
            # Until the end of the transaction nobody else numbers certificates of this template.
            light = CertificateTemplate.objects.defer(*IMAGES)
            current = light.select_for_update().get(pk=template.pk)
            if known := standing(key):
                return known
            CertificateTemplate.objects.filter(pk=current.pk).update(last_number=F("last_number") + 1)
            return _made(current, record, values, key, run)
    except IntegrityError:
        if known := standing(key):
            return known
        raise


def _made(template: CertificateTemplate, record: Record, values: Values, key: str, run: Run) -> Certificate:
    code, sequence, now = secrets.token_urlsafe(CODE_BYTES), template.last_number + 1, timezone.now()
    said = filled(template, values, sequence, address_of(code), now)
    return Certificate.objects.create(
        template=template,
        record=record,
        run=run,
        key=key,
        sequence=sequence,
        number=said["number"],
        code=code,
        values=said,
        issued_at=now,
    )


def _with_document(certificate: Certificate) -> Certificate:
    """Draws what is frozen, keeps it with the record, and points to it."""
    template = CertificateTemplate.objects.get(pk=certificate.template_id)
    pdf = certificates.draw(_look(template), _words(certificate.values))
    name = file_name(template, certificate.number)
    path = f"certificates/{certificate.pk}.pdf"
    with transaction.atomic():
        document = documents.store(certificate.record, name, BytesIO(pdf), path=path)
        Certificate.objects.filter(pk=certificate.pk).update(document=document)
    certificate.document = document
    return certificate


def _look(template: CertificateTemplate) -> Look:
    return Look(
        page=template.page,
        is_landscape=template.orientation == CertificateTemplate.Orientation.LANDSCAPE,
        background_colour=template.background_colour,
        text_colour=template.text_colour,
        **{name: bytes(getattr(template, name) or b"") for name in IMAGES},
    )


def _words(said: dict[str, Any]) -> Words:
    return Words(**{name: said[name] for name in TEXTS}, address=said["address"])


def tags_of(template: CertificateTemplate) -> Iterator[tuple[str, str]]:
    """Each text of a template that may have tags, by the name of its column."""
    for name in (*TEXTS, "public_fields"):
        yield name, getattr(template, name)
