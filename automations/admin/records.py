"""Records: our mirror of what the CRMs know, each with everything that happened to it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from automations import search, suggestions
from automations.admin.executing import Executing
from automations.admin.record_pages import RecordPage
from automations.models import Company, Contact, Record, Task
from webhooks_out.admin_log import LogAdmin, ago, badge, moment


class TypeFilter(DropdownFilter):
    """Records of one type."""

    title = "type"
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in suggestions.types(suggestions.heard()[0])]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(type=self.value()) if self.value() else queryset


class _RecordAdmin(Executing, RecordPage, LogAdmin):
    """What the pages of all types share."""

    record_type = ""  # "" = any
    list_display: tuple[str, ...] = ("named", "external_id", "system", "updated", "is_deleted")
    list_filter: tuple[Any, ...] = ("system", "deleted")
    list_select_related = ("system",)
    list_deferred = ("fields",)
    search_help_text = "An id, or what it is called"
    empty_title = "Nothing was received yet"
    empty_words = "Records appear here as soon as a data source sends the first update."
    empty_link = ("Set up a data source", "admin:webhooks_in_source_add")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By id or name."""
        if not search_term.strip():
            return queryset, False
        types = [self.record_type] if self.record_type else suggestions.types(suggestions.heard()[0])
        among = Record.objects.filter(type=self.record_type) if self.record_type else Record.objects.all()
        return queryset.filter(pk__in=search.records(among, search_term, types)), False

    @display(description="Name")
    def named(self, record: Record) -> str:
        """What people call it."""
        return str(record)

    @display(description="Updated", header=True)
    def updated(self, record: Record) -> list[str]:
        """When we last heard news of it."""
        return [moment(record.updated_at), f"{ago(record.updated_at)} ago"]

    @display(description="")
    def is_deleted(self, record: Record) -> str:
        """Whether the CRM deleted it."""
        return badge("Deleted", "warning") if record.deleted else ""


@admin.register(Record)
class AnyRecordAdmin(_RecordAdmin):
    """Records of every type."""

    list_display = ("named", "type", "external_id", "system", "updated", "is_deleted")
    list_filter = (TypeFilter, "system", "deleted")


@admin.register(Contact)
class ContactAdmin(_RecordAdmin):
    """People."""

    record_type = "Contact"


@admin.register(Company)
class CompanyAdmin(_RecordAdmin):
    """Organisations."""

    record_type = "Company"


@admin.register(Task)
class TaskAdmin(_RecordAdmin):
    """Things to do."""

    record_type = "Task"
