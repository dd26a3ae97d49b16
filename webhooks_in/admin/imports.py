"""Imports, past and present: who imported which file where, and what became of it; and the way to a new one."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from automations.admin.logs import log_all
from webhooks_in.admin.import_forms import UploadForm
from webhooks_in.admin.import_pages import BEGUN, FOLDER, ImportPages
from webhooks_in.admin.receipt_filters import SourceFilter
from webhooks_in.imports import uploads
from webhooks_in.imports.chunks import COUNTS
from webhooks_in.imports.layouts import NotATable
from webhooks_in.models import Import, Source
from webhooks_out.admin_log import SinceFilter, badge
from webhooks_out.jobs import Job

COLOURS = {
    Import.Stage.UNPACKING: "info",
    Import.Stage.MAPPING: "warning",
    Import.Stage.TRYING: "info",
    Import.Stage.READY: "warning",
    Import.Stage.IMPORTING: "primary",
    Import.Stage.PAUSED: "warning",
    Import.Stage.FINISHED: "success",
    Import.Stage.CANCELLED: "",
}


class StageFilter(DropdownFilter):
    """How far they are."""

    title = "stage"
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in Import.Stage.choices]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(stage=self.value()) if self.value() in Import.Stage.values else queryset


@admin.register(Import)
class ImportAdmin(ImportPages):
    """The list of imports and the upload; the page of one is in `import_pages`."""

    list_display = ("when", "stage_badge", "what", "source", "requested_by", "outcome")
    list_display_links = ("when", "what")
    list_filter = (StageFilter, SourceFilter, SinceFilter)
    list_select_related = ("source",)
    list_deferred = ("mapping", "headings", "layout")
    exact_fields = ("digest",)
    search_help_text = "An id, or the SHA-256 digest of a file"
    empty_title = "No file was imported yet"
    empty_words = (
        "Upload a CSV or Excel file of contacts or other records. You see every row judged before it counts."
    )
    empty_link = ("Import a file", "admin:webhooks_in_import_add")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who may add imports, and see the data sources they belong to."""
        return request.user.has_perms(("webhooks_in.add_import", "webhooks_in.view_source"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.upload_view)
        return [path("add/", view, name="webhooks_in_import_add"), *super().get_urls()]

    @method_decorator(csrf_exempt)
    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Looks at the size of what comes before a byte of it is read, then checks CSRF as everywhere."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        length = request.META.get("CONTENT_LENGTH") or "0"
        if problem := uploads.too_large(int(length) - uploads.FORM_ROOM if length.isdecimal() else 0):
            return self._form(request, UploadForm(), problem, status=413)
        answer: HttpResponse = csrf_protect(self._upload)(request)
        return answer

    def _upload(self, request: HttpRequest) -> HttpResponse:
        """The form; and from it to the page of the new import."""
        if request.method != "POST":
            return self._form(request, UploadForm(initial={"source": request.GET.get("source")}))
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._form(request, form)
        file, source = form.cleaned_data["file"], form.cleaned_data["source"]
        try:
            load = uploads.receive(source, file, file.name, request.user.get_username())
        except NotATable as reason:
            form.add_error("file", str(reason))
            return self._form(request, form)
        log_all(request, [load], "Uploaded.")
        return redirect("admin:webhooks_in_import_change", load.pk)

    def _form(
        self, request: HttpRequest, form: UploadForm, problem: str = "", status: int = 200
    ) -> HttpResponse:
        if problem:
            messages.error(request, problem)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Import a file",
            "form": form,
            "sources": Source.objects.exists(),
            "max_megabytes": uploads.most(),
            "media": self.media,
        }
        return render(request, f"{FOLDER}/upload.html", context, status=status)

    @display(description="Stage")
    def stage_badge(self, load: Import) -> SafeString:
        """How far it is."""
        if load.state == Job.State.DEAD:
            return badge("Failed", "danger")
        return badge(load.get_stage_display(), COLOURS[Import.Stage(load.stage)])

    @display(description="File", header=True)
    def what(self, load: Import) -> list[str]:
        """The file's name and rows."""
        return [load.name, f"{load.rows:,} rows" if load.rows is not None else ""]

    @display(description="Result")
    def outcome(self, load: Import) -> str:
        """The totals, those that are nought left out."""
        if load.stage not in BEGUN:
            return "–"
        counts = ((name, getattr(load, name)) for name in COUNTS)
        return ", ".join(f"{count:,} {name}" for name, count in counts if count) or "nothing yet"
