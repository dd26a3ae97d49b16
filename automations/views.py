"""The door at which linked hubs ask for documents."""

from http import HTTPStatus
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from automations import hubs
from automations.documents import UNKNOWN_TYPE
from automations.models import Document


@csrf_exempt
@require_POST
def hand_out(request: HttpRequest) -> HttpResponseBase:
    """A document as an attachment, or our account id to who only tests the link.

    The same 404 for who is not linked, a wrong or old signature, and a document that is not theirs.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    asked = hubs.understood(headers, _body(request))
    if asked and asked.is_test:
        return HttpResponse(settings.ACCOUNT_ID, content_type="text/plain")
    document = hubs.document_for(asked) if asked else None
    return (document and _attachment(document)) or HttpResponse("Not found", status=HTTPStatus.NOT_FOUND)


def _body(request: HttpRequest) -> bytes:
    """Nothing of a body that is too long, or of unknown length."""
    length = request.headers.get("Content-Length", "")
    if not (length.isascii() and length.isdecimal() and len(length) < 6 and int(length) <= hubs.MAX_REQUEST):
        return b""
    return request.read(int(length))


def _attachment(document: Document) -> FileResponse | None:
    try:
        file = document.file.open("rb")
    except FileNotFoundError:
        return None
    answer = FileResponse(file, as_attachment=True, filename=document.name, content_type=UNKNOWN_TYPE)
    answer[hubs.DIGEST], answer[hubs.NAME] = document.digest, quote(document.name)
    return answer
