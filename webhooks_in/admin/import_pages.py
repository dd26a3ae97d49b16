"""The page of one import: say what the columns are for, look, import, watch, and see what became of each row."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone

from automations import access, matching, sensitive
from webhooks_in.admin import import_forms
from webhooks_in.admin.import_orders import ImportOrders, good
from webhooks_in.dialects.key_values import DEFAULT_TYPE
from webhooks_in.imports import preparation, progress, rejects, results, samples, uploads
from webhooks_in.imports.guesses import USUAL
from webhooks_in.imports.layouts import Layout, NotATable
from webhooks_in.models import Import
from webhooks_out.jobs import Job

FOLDER = "admin/webhooks_in/import"
Stage = Import.Stage
LIVE = (Stage.UNPACKING, Stage.TRYING, Stage.IMPORTING)
BEGUN = (Stage.IMPORTING, Stage.PAUSED, Stage.FINISHED, Stage.CANCELLED)
SHOWN_REJECTS = 20
SHOWN_CELLS = 6
MAX_DIGITS = 9  # of a row's number


class ImportPages(ImportOrders):
    """The part of the admin of imports that shows one."""

    change_form_template = f"{FOLDER}/page.html"

    class Media:
        css = {"all": ["imports.css"]}
        js = ["executing.js", "imports.js"]

    def get_urls(self) -> list[URLPattern]:
        pages = {
            "live": self.live_view,
            "preview": self.preview_view,
            "results": self.results_view,
            "rejects": self.rejects_view,
        }
        return [
            path(
                f"<uuid:object_id>/{name}/",
                self.admin_site.admin_view(view),
                name=f"webhooks_in_import_{name}",
            )
            for name, view in pages.items()
        ] + super().get_urls()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Adds everything the stage of the import asks for."""
        load = context["original"]
        context |= self._told(request, load) | {"title": f"Import: {load.name}", "subtitle": None}
        context["earlier"] = uploads.earlier(load)[:3] if load.stage in (Stage.MAPPING, Stage.READY) else ()
        if load.stage == Stage.MAPPING:
            context |= _columns(load)
        elif load.stage in BEGUN:
            context |= self._results(request, load)
        if load.stage in (Stage.READY, *BEGUN):
            context |= _rejected(load)
        return super().render_change_form(request, context, *args, **kwargs)

    def live_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """The part that changes by itself; when the stage is another one, the whole page is asked for again."""
        context = self._told(request, self._import(request, object_id))
        answer = render(request, f"{FOLDER}/live.html", context)
        if request.GET.get("seen") != context["phase"]:
            answer.headers["HX-Refresh"] = "true"
        return answer

    def preview_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """The first rows as records, with what is entered for the columns and not stored yet."""
        load = self._import(request, object_id)
        if load.stage != Stage.MAPPING or request.method != "POST":
            raise Http404
        problems = import_forms.enter(load, request.POST)
        return render(request, f"{FOLDER}/preview.html", {"problems": problems, **_preview(load)})

    def results_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """What became of each row, as a part of the page."""
        load = self._import(request, object_id)
        return render(request, f"{FOLDER}/results.html", self._results(request, load) | {"original": load})

    def rejects_view(self, request: HttpRequest, object_id: UUID) -> StreamingHttpResponse:
        """The rejected rows as a file, written as they are read."""
        load = self._import(request, object_id)
        name = f"rejected-{timezone.localtime(load.created_at):%Y-%m-%d-%H%M}.csv"
        return StreamingHttpResponse(
            rejects.lines(load, dry=load.stage not in BEGUN),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _import(self, request: HttpRequest, object_id: UUID) -> Import:
        """The import, if this person may see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        load = Import.objects.select_related("source").filter(pk=object_id).first()
        if load is None:
            raise Http404
        return load

    def _told(self, request: HttpRequest, load: Import) -> dict[str, Any]:
        """Counts and words."""
        failed = load.state == Job.State.DEAD
        return {
            "original": load,
            "layout": Layout.of(load.layout),
            "progress": progress.of(load, timezone.now()),
            "phase": f"{load.stage} {failed}",
            "failed": failed,
            "live": load.stage in LIVE and not failed,
            "good": good(load),
            "begun": load.stage in BEGUN,
            "may_order": self.has_order_permission(request, load),
        }

    def _results(self, request: HttpRequest, load: Import) -> dict[str, Any]:
        wanted = request.GET.get("from", "")
        first = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) <= MAX_DIGITS else 1
        model = access.model_for(request.user, load.source.record_type or DEFAULT_TYPE)
        url = f"admin:automations_{model._meta.model_name}_change" if model else ""
        return {"page": results.page(load, max(1, first)), "record_url": url}


def _columns(load: Import) -> dict[str, Any]:
    """The columns with their inputs and a first preview; or why the file cannot be read."""
    try:
        rows = samples.first_rows(load)
    except NotATable as reason:
        return {"problem": str(reason)}
    known, hidden = preparation.known_to(load.source), sensitive.known()
    fields = {field for _, field in known.mapped} | set(known.seen) | set(USUAL)
    return {
        "layout_form": import_forms.LayoutForm(Layout.of(load.layout)),
        "columns": [
            (column, import_forms.field_input(column.at, column.field))
            for column in samples.columns(load, rows, hidden)
        ],
        "known_fields": sorted(fields, key=str.casefold),
        **_preview(load),
    }


def _preview(load: Import) -> dict[str, Any]:
    try:
        rows = samples.first_rows(load)
    except NotATable as reason:
        return {"problem": str(reason)}
    return {"records": samples.records(load, rows, matching.rules().tags, sensitive.known())}


def _rejected(load: Import) -> dict[str, Any]:
    """The first rejected rows, cells of sensitive fields as dots."""
    found, hidden = load.rejects.filter(dry=load.stage == Stage.READY), sensitive.known()
    names = [field or heading for heading, field in zip(load.headings, load.mapping, strict=True)]
    shown = [
        (
            row,
            [
                samples.shortened(hidden.mask(name, cell))
                for name, cell in zip(names, row.values, strict=False)
            ],
        )
        for row in found[:SHOWN_REJECTS]
    ]
    return {
        "rejects": [(row, cells[:SHOWN_CELLS]) for row, cells in shown],
        "reject_headings": load.headings[:SHOWN_CELLS],
        "more_columns": max(0, len(load.headings) - SHOWN_CELLS),
    }
