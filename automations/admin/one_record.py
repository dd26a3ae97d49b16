"""What every page about one record asks first: whether it is there, and whether this person may see or change it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import URLPattern, path, reverse
from unfold.admin import ModelAdmin

from automations.models import Record


class OneRecord(ModelAdmin):
    """Mixed into the admin of every record type. A type's own permissions count for records of that type alone."""

    def may_change(self, request: HttpRequest) -> bool:
        """Whether this person may edit records of this type, and see what is sensitive in them."""
        return bool(request.user.has_perm(f"automations.change_{self.opts.model_name}"))

    def found(self, request: HttpRequest, object_id: int, *, to_change: bool = False) -> Record:
        """The record, for who may see it, or change it; others get 403, and 404 who asks for one of another type."""
        if not self.has_view_permission(request) or (to_change and not self.may_change(request)):
            raise PermissionDenied
        record = self.get_queryset(request).select_related("system").filter(pk=object_id).first()
        if record is None:
            raise Http404
        return record

    def page_url(self, record: Record, page: str = "change", *further: Any) -> str:
        """The address of a page about the record, of this type."""
        return reverse(self.page_name(page), args=[record.pk, *further])

    def page_name(self, page: str) -> str:
        """The name of such an address, for templates."""
        return f"{self.admin_site.name}:automations_{self.opts.model_name}_{page}"

    def page_path(self, below: str, view: Any, name: str) -> URLPattern:
        """The pattern of such a page."""
        return path(
            f"<int:object_id>/{below}",
            self.admin_site.admin_view(view),
            name=f"automations_{self.opts.model_name}_{name}",
        )
