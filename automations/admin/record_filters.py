"""The filters of the lists of records, each found through an index."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import DropdownFilter

from automations import facets
from automations.models import Change
from webhooks_out.admin_log import SPANS
from webhooks_out.stats import first_id


class TypeFilter(DropdownFilter):
    """Records of one type."""

    title = "type"
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in facets.types()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(type=_clean(self.value())) if self.value() else queryset


class _FacetFilter(DropdownFilter):
    """Records with one value of a facet; offered once the type is known, as the values are those of one type."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        record_type = model_admin.type_of_list(request)
        found = facets.choices(record_type, self.parameter_name) if record_type else []
        return [(value, value) for value in found]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = {self.parameter_name: _clean(self.value())}
        # Both halves, as the index leaves out the empty ones.
        return queryset.filter(**wanted).exclude(**{self.parameter_name: ""}) if self.value() else queryset


class SourceFilter(_FacetFilter):
    """Records first heard of through one data source."""

    title = "data source"
    parameter_name = "source"


class StageFilter(_FacetFilter):
    """Records in one stage."""

    title = "stage"
    parameter_name = "stage"


class StatusFilter(_FacetFilter):
    """Records with one status."""

    title = "status"
    parameter_name = "status"


class CampaignFilter(_FacetFilter):
    """Records of one campaign."""

    title = "campaign"
    parameter_name = "campaign"


class ChangedFilter(DropdownFilter):
    """Records that changed within a span that ends now; the log of changes knows, and its ids are ordered by time."""

    title = "last change"
    parameter_name = "changed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, label) for name, (label, _) in SPANS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if (span := SPANS.get(self.value() or "")) is None:
            return queryset
        since = first_id(timezone.now() - timedelta(hours=span[1]))
        return queryset.filter(pk__in=Change.objects.filter(id__gte=since, stale=False).values("record"))


def _clean(value: str | None) -> str:
    """What the database can be asked for."""
    return (value or "").replace("\x00", "\ufffd")
