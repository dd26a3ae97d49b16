"""The list of data sources: how each reads, whether it is on, and its traffic."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from unfold.decorators import display
from unfold.views import ChangeList

from automations.admin.definitions import DefinitionAdmin
from webhooks_in import stats
from webhooks_in.models import Source
from webhooks_in.stats import Traffic
from webhooks_out.admin_log import ago, badge, brief


class SourceList(ChangeList):
    """The list, each source with its traffic."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list: list[Any] = list(self.result_list)
        found = stats.traffic(source.pk for source in self.result_list)
        for source in self.result_list:
            source.traffic = found[source.pk]


class SourceColumns(DefinitionAdmin):
    """Mixed into the admin of sources."""

    list_display: Any = ("title", "system", "reads", "is_active", "last", "received", "kept_out")
    list_filter: Any = ("active", "dialect", "system")
    list_select_related = ("system",)
    search_fields = ("title", "note", "system__name")
    empty_title = "No data source yet"
    empty_words = "A data source is the URL your CRM or a form posts to. Add one, and paste its URL there."
    empty_link = ("Add a data source", "admin:webhooks_in_source_add")

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[ChangeList]:
        return SourceList

    @display(description="Reads", ordering="dialect")
    def reads(self, source: Source) -> str:
        """Dialect and record type."""
        parts = [source.get_dialect_display(), source.record_type, source.event]
        return " · ".join(part for part in parts if part)

    @display(description="Active", label={"On": "success", "Off": ""})
    def is_active(self, source: Source) -> str:
        """On or off."""
        return "On" if source.active else "Off"

    @display(description="Last received", header=True)
    def last(self, source: Any) -> list[str]:
        """When a request came in last."""
        at = source.traffic.last_at
        return [brief(at), f"{ago(at)} ago"] if at else ["never", ""]

    @display(description="In 24 h")
    def received(self, source: Any) -> int:
        """Requests kept lately."""
        return source.traffic.received

    @display(description="Not let in")
    def kept_out(self, source: Any) -> str:
        """What is quarantined, with a link, and what was refused lately."""
        return _kept_out(source.pk, source.traffic)


def _kept_out(source_id: int, traffic: Traffic) -> str:
    url = f"{reverse('admin:webhooks_in_receipt_changelist')}?source={source_id}&verified=no"
    parts = []
    if traffic.quarantined:
        label = badge(f"{traffic.quarantined} quarantined", "warning")
        parts.append(format_html('<a href="{}">{}</a>', url, label))
    if traffic.refused:
        parts.append(format_html("{} refused in 24 h", traffic.refused))
    return format_html_join(" ", "{}", ((part,) for part in parts))
