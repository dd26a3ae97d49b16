"""The page of one record: its fields in sections, its documents, and everything that happened to it."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from automations import access, outlines, sections, sensitive, timeline
from automations.admin.documents import RecordDocuments
from automations.admin.record_edits import RecordEdits
from automations.models import Queued, Record, Tag
from webhooks_out.admin_log import as_uuid
from webhooks_out.paths import MISSING, look_up

PAGES = ("document", "document_delete", "reveal", "upload")
MAX_LISTED = 20  # once keys, certificates, and pending actions
MAX_REVEALED = 10_000  # characters


class RecordPage(RecordEdits, RecordDocuments):
    """Mixed into the admin of every record type: what the page of one of its records shows."""

    change_form_template = "admin/automations/record/page.html"

    class Media:
        css = {"all": ["record-page.css"]}

    def get_urls(self) -> list[URLPattern]:
        return [self.page_path("reveal/", self.reveal_view, "reveal"), *super().get_urls()]

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        """Without what the head of the page has a button for."""
        return [
            action for action in super().get_actions_detail(request, object_id) if action.path != "execute"
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Adds the record's fields, its documents and its timeline, and what this person may do."""
        record = context["original"]
        first_page = "before" not in request.GET
        hidden = sensitive.known()
        may_edit = self.may_change(request) and not record.deleted
        may_execute = access.may_execute(request.user, record.type)
        namesakes = Record.objects.filter(type=record.type, external_id=record.external_id)
        context |= {
            "timeline": timeline.of_record(record, hidden, as_uuid(request.GET.get("before", ""))),
            "first_page": first_page,
            "namesakes": namesakes.exclude(pk=record.pk).exists(),
            "may_change": self.may_change(request),
            "pages": {page: self.page_name(page) for page in PAGES},
            "edit_url": self.page_url(record, "edit") if may_edit else "",
            "execute_url": self.page_url(record, "execute") if may_execute else "",
            **self.documents_of(request, record),
        }
        if first_page:
            tags = sections.tagged(Tag.objects.values_list("path", "group", "label"))
            context["certificates"] = _shown(
                request, "view_certificate", record.certificates.defer("values").order_by("-id")
            )
            context["once_keys"] = _shown(request, "view_oncekey", record.once_keys.all())
            context["pending"] = _shown(
                request,
                "view_run",
                Queued.objects.filter(record=record).order_by("planned_at").select_related("action__webhook"),
            )
            context["sections"] = sections.of(record.fields, tags, hidden)
        return super().render_change_form(request, context, *args, **kwargs)

    @method_decorator(require_POST)
    def reveal_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """One value that is shown as dots, for who may change the record; who looked stands in its history."""
        record = self.found(request, object_id, to_change=True)
        path = request.POST.get("path", "")
        value = look_up(record.fields, path)
        if path not in sensitive.known() or value is MISSING:
            return HttpResponse("This field is not there any more.", status=404, content_type="text/plain")
        self.log_change(request, record, f"Looked at {path}.")
        context = {"value": outlines.whole(value)[:MAX_REVEALED]}
        return render(request, "admin/automations/record/revealed.html", context)


def _shown(request: HttpRequest, permission: str, rows: QuerySet[Any]) -> list[Any]:
    """The first of these for who may see them."""
    return list(rows[:MAX_LISTED]) if request.user.has_perm(f"automations.{permission}") else []
