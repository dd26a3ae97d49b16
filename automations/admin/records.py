"""Records: our mirror of what the CRMs know, as lists in which staff find and choose them."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from unfold.contrib.filters.admin import BooleanRadioFilter, RelatedDropdownFilter
from unfold.decorators import action, display

from automations import columns, facets, search
from automations.admin.executing import Executing
from automations.admin.mass_posts import MassPosting
from automations.admin.record_filters import (
    CampaignFilter,
    ChangedFilter,
    SourceFilter,
    StageFilter,
    StatusFilter,
    TypeFilter,
)
from automations.admin.record_pages import RecordPage
from automations.models import Column, Company, Contact, Record, Task
from webhooks_out.admin_log import NBSP, LogAdmin, LogList, ago, badge, moment

FACETS = (SourceFilter, StageFilter, StatusFilter, CampaignFilter, ChangedFilter)
OTHERS = (("system", RelatedDropdownFilter), ("deleted", BooleanRadioFilter))


class RecordList(LogList):
    """A list whose page, and nothing but it, is asked for the values of its columns."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = columns.annotated(self.result_list, self.list_display)


class _RecordAdmin(Executing, MassPosting, RecordPage, LogAdmin):
    """What the lists of all types share."""

    record_type = ""  # "" = any
    list_display: Any = ("named", "updated", "came_from")
    list_filter: Any = (*FACETS, *OTHERS)
    list_select_related = ("system",)
    list_deferred = ("fields",)
    search_help_text = "Name, e-mail, telephone or id"
    actions_list = ("mass_post_list", "choose_columns")
    empty_title = "Nothing was received yet"
    empty_words = "Records appear here as soon as a data source sends the first update."
    empty_link = ("Set up a data source", "admin:webhooks_in_source_add")
    not_found = "A search finds how a word of the name or the e-mail address begins, the end of a telephone, or an id."

    class Media:
        css = {"all": ["record-lists.css"]}

    def type_of_list(self, request: HttpRequest) -> str:
        """The type whose columns and filters the list has; "" when it shows several types."""
        return self.record_type or request.GET.get("type", "")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[RecordList]:
        return RecordList

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """The chosen columns stand behind the name, or the type."""
        there = list(super().get_list_display(request))
        behind = there.index("updated")
        return [*there[:behind], *columns.of_list(self.type_of_list(request)), *there[behind:]]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By id, name, e-mail address or telephone."""
        if not search_term.strip():
            return queryset, False
        wanted = self.type_of_list(request)
        among = Record.objects.filter(type=wanted) if wanted else Record.objects.all()
        found = search.records(among, search_term, [wanted] if wanted else facets.types())
        if len(found) >= search.FOUND and request.method == "GET":
            messages.info(
                request, f"Many records fit “{search_term}”. Only some are listed: add to your search."
            )
        return queryset.filter(pk__in=found), False

    def has_choose_columns_permission(self, request: HttpRequest) -> bool:
        """Who may look at the columns of lists is led to them."""
        return request.user.has_perm("automations.view_column")

    @action(description="Columns", icon="view_column", permissions=["choose_columns"])
    def choose_columns(self, request: HttpRequest) -> HttpResponse:
        """Leads to the columns of this list, or to the form of the first one."""
        first = not Column.objects.filter(record_type=self.record_type).exists()
        page = "add" if first and request.user.has_perm("automations.add_column") else "changelist"
        query = f"?{urlencode({'record_type': self.record_type})}" if self.record_type else ""
        return HttpResponseRedirect(reverse(f"admin:automations_column_{page}") + query)

    @display(description="Name", header=True)
    def named(self, record: Record) -> list[str]:
        """What people call it, whether the CRM deleted it, and its id."""
        mark = badge("Deleted", "warning") if record.deleted else ""
        return [format_html("{} {}", record, mark) if mark else str(record), record.external_id]

    @display(description="Data source", header=True)
    def came_from(self, record: Record) -> list[str]:
        """Through which data source it was first heard of, and the system it lives in."""
        system = str(record.system)
        parts = [record.source, system] if record.source not in ("", system) else [system, ""]
        return [columns.cell(part) for part in parts]

    @display(description="Updated")
    def updated(self, record: Record) -> str:
        """When we last heard news of it."""
        past = f"{ago(record.updated_at)} ago".replace(" ", NBSP)
        return format_html('<span title="{}">{}</span>', moment(record.updated_at), past)


@admin.register(Record)
class AnyRecordAdmin(_RecordAdmin):
    """Records of every type."""

    list_display = ("named", "type", "updated", "came_from")
    list_filter = (TypeFilter, *FACETS, *OTHERS)


@admin.register(Contact)
class ContactAdmin(_RecordAdmin):
    """People."""

    record_type = "Contact"
    empty_title = "No contacts yet"
    empty_words = "Contacts appear here as soon as a data source sends the first one."


@admin.register(Company)
class CompanyAdmin(_RecordAdmin):
    """Organisations."""

    record_type = "Company"
    empty_title = "No companies yet"
    empty_words = "Companies appear here as soon as a data source sends the first one."


@admin.register(Task)
class TaskAdmin(_RecordAdmin):
    """Things to do."""

    record_type = "Task"
    empty_title = "No tasks yet"
    empty_words = "Tasks appear here as soon as a data source sends the first one."
