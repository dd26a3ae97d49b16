"""Documents of a record: given to it, handed out as attachments, and deleted after a question."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from automations import copies, documents
from automations.admin.one_record import OneRecord
from automations.models import Document, Record

MAX_FILES = 20  # of one upload
INERT = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
}


class RecordDocuments(OneRecord):
    """The part of a record's page that is about documents."""

    def get_urls(self) -> list[URLPattern]:
        pages = (
            ("documents/", self.upload_view, "upload"),
            ("documents/again/", self.again_view, "copy_again"),
            ("documents/<int:document_id>/", self.download_view, "document"),
            ("documents/<int:document_id>/delete/", self.remove_view, "document_delete"),
        )
        return [self.page_path(*page) for page in pages] + super().get_urls()

    def documents_of(self, request: HttpRequest, record: Record) -> dict[str, Any]:
        """What the page shows of a record's documents, and what this person may do with them."""
        may = {
            verb: request.user.has_perm(f"automations.{verb}_document") for verb in ("add", "view", "delete")
        }
        changes = self.may_change(request)
        unfinished = record.document_copies.exclude(state="done").order_by("-pk") if may["view"] else ()
        return {
            "documents": list(documents.of_record(record)) if may["view"] else [],
            "copies": (asked := list(unfinished)),
            "failed_copies": sum(copy.state == copy.State.DEAD for copy in asked),
            "again_url": self.page_url(record, "copy_again") if may["add"] and changes else "",
            "may_see_documents": may["view"],
            "may_upload": may["add"] and changes,
            "may_remove": may["delete"] and changes,
            "max_document": settings.MAX_DOCUMENT,
        }

    @method_decorator(csrf_exempt)
    def upload_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Refuses a body that is far too large before it is read, and so before its CSRF token is looked at."""
        record = self._found(request, object_id, "add", to_change=True)
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        if not length.isdecimal() or int(length) > documents.max_size() * MAX_FILES:
            return HttpResponse(_too_large(), status=413, content_type="text/plain")
        return self._upload(request, record)

    @method_decorator([csrf_protect, require_POST])
    def _upload(self, request: HttpRequest, record: Record) -> HttpResponse:
        files = request.FILES.getlist("files")
        if not files:
            messages.error(request, "Choose a file first, then press Upload.")
        if len(files) > MAX_FILES:
            messages.warning(
                request, f"Only the first {MAX_FILES} files were taken: upload the others again."
            )
        for file in files[:MAX_FILES]:
            self._keep(request, record, file)
        return redirect(f"{self.page_url(record)}#documents")

    @method_decorator(require_POST)
    def again_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Has the copies that failed tried anew."""
        record = self._found(request, object_id, "add", to_change=True)
        count = copies.again(record)
        said = f"{count} document{'' if count == 1 else 's'} asked for again."
        self.log_change(request, record, said)
        messages.success(request, said)
        return redirect(f"{self.page_url(record)}#documents")

    @method_decorator(require_safe)
    def download_view(self, request: HttpRequest, object_id: int, document_id: int) -> HttpResponseBase:
        """The file, as something to save and never as a page, whatever it says it is."""
        record = self._found(request, object_id, "view")
        document = _document(record, document_id)
        try:
            content = document.file.open("rb")
        except FileNotFoundError:
            messages.error(request, f"The file of “{document}” is gone from the storage of this hub.")
            return redirect(self.page_url(record))
        return FileResponse(
            content,
            as_attachment=True,
            filename=documents.cleaned_name(document.name),
            content_type=documents.UNKNOWN_TYPE,
            headers=INERT,
        )

    def remove_view(self, request: HttpRequest, object_id: int, document_id: int) -> HttpResponse:
        """Deletes a document, after asking."""
        record = self._found(request, object_id, "delete", to_change=True)
        document = _document(record, document_id)
        if request.method == "POST":
            documents.remove(document)
            self.log_change(request, record, f"Deleted the document “{document.name}”.")
            messages.success(request, f"“{document.name}” was deleted.")
            return redirect(f"{self.page_url(record)}#documents")
        context = {
            **self.admin_site.each_context(request),
            "title": "Delete this document?",
            "opts": self.opts,
            "original": record,
            "document": document,
            "back": f"{self.page_url(record)}#documents",
        }
        return render(request, "admin/automations/record/delete_document.html", context)

    def _found(self, request: HttpRequest, object_id: int, verb: str, *, to_change: bool = False) -> Record:
        if not request.user.has_perm(f"automations.{verb}_document"):
            raise PermissionDenied
        return self.found(request, object_id, to_change=to_change)

    def _keep(self, request: HttpRequest, record: Record, file: Any) -> None:
        try:
            kept = documents.store(record, file.name, file, uploaded_by=request.user)  # type: ignore[arg-type] # - signed in
        except documents.Refused as refused:
            messages.error(request, f"“{documents.cleaned_name(file.name)}” was not kept. {refused}")
            return
        self.log_change(request, record, f"Uploaded the document “{kept.name}”.")
        messages.success(request, f"“{kept.name}” is kept with this record.")


def _document(record: Record, document_id: int) -> Document:
    """A document of this very record; another record's is as good as none."""
    if document := documents.of_record(record).filter(pk=document_id).first():
        return document
    raise Http404


def _too_large() -> str:
    most = f"A document may have {settings.MAX_DOCUMENT} MB"
    return f"This upload is too large. {most}: go back and choose smaller files."
