"""The page of one record: its fields, and everything that happened to it."""

from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin

from automations import outlines, timeline
from automations.models import Record
from webhooks_out.admin_log import as_uuid


class RecordPage(ModelAdmin):
    """Mixed into the admin of every record type: what the page of one of its records shows."""

    change_form_template = "admin/automations/record/page.html"

    class Media:
        css = {"all": ["rules-pages.css"]}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Adds the record's fields and its timeline."""
        record = context["original"]
        namesakes = Record.objects.filter(type=record.type, external_id=record.external_id)
        context |= {
            "outline": outlines.outline(record.fields),
            "timeline": timeline.of_record(record, as_uuid(request.GET.get("before", ""))),
            "first_page": "before" not in request.GET,
            "namesakes": namesakes.exclude(pk=record.pk).exists(),
        }
        return super().render_change_form(request, context, *args, **kwargs)
