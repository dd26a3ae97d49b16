"""The public page of a certificate: whether it is valid, and what its template lets everybody see. No login."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from automations import issuing
from automations.models import Certificate

TEMPLATE = "certificates/page.html"
HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}


@require_safe
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Valid, voided, or 404 for a code that was never given out. It says no more of one than of another."""
    certificate = Certificate.objects.filter(code=code).first() if "\0" not in code else None
    shown = issuing.public(certificate) if certificate else []
    status = HTTPStatus.OK if certificate else HTTPStatus.NOT_FOUND
    context = {"certificate": certificate, "shown": shown}
    page = render_to_string(TEMPLATE, context, request)
    return HttpResponse(page, status=status, headers=HEADERS)
