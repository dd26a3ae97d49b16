"""Changes: what each update did to a record, and what every rule made of it."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from unfold.decorators import display

from automations import explanations, outlines, search, sections, sensitive, suggestions, timeline, verdicts
from automations.admin.logs import is_detail
from automations.models import Change, Record
from automations.sensitive import Sensitive
from webhooks_out.admin_log import LogAdmin, SinceFilter, as_uuid, badge

NAMED = 3  # fields a list names


@admin.register(Change)
class ChangeAdmin(LogAdmin):
    """The log of changes."""

    change_form_template = "admin/automations/change/page.html"
    list_display = ("when", "about", "happened", "touched", "fired", "source")
    list_display_links = ("when",)
    list_filter = (SinceFilter,)
    list_select_related = ("record",)
    list_deferred = ("fields", "record__fields")
    search_help_text = "An id, or what a record is called"
    empty_title = "Nothing has changed yet"
    empty_words = "A change appears here for each update of a record that a data source sends."
    empty_link = ("Set up a data source", "admin:webhooks_in_source_add")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Change]:
        rows = super().get_queryset(request)
        return rows.select_related("record__system") if is_detail(request) else rows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Change], search_term: str
    ) -> tuple[QuerySet[Change], bool]:
        """By an id of the change, its event or its receipt; else by the record."""
        if not (term := search_term.strip()):
            return queryset, False
        if number := as_uuid(term):
            return queryset.filter(Q(pk=number) | Q(correlation_id=number) | Q(receipt_id=number)), False
        types = suggestions.types(suggestions.heard()[0])
        return queryset.filter(record__in=search.records(Record.objects.all(), term, types)), False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Adds the whole story of the change."""
        change = context["original"]
        hidden = sensitive.known()
        (story,) = timeline.stories([change], hidden)
        context |= {
            "story": story,
            "others": explanations.others(change, timezone.now(), hidden),
            "outline": sections.masked(change.fields, hidden),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    @display(description="Record")
    def about(self, change: Change) -> str:
        """Whose change it is, with a link."""
        url = reverse("admin:automations_record_change", args=[change.record_id])
        return format_html('<a class="text-link" href="{}">{}</a>', url, change.record)

    @display(description="What changed")
    def touched(self, change: Change) -> str:
        """The first fields with their new values, dots for what is sensitive by its name."""
        pairs = timeline.pairs(change)
        news = [(pair.path, Sensitive().mask(pair.path, pair.new)) for pair in pairs[:NAMED]]
        named = [f"{path}: {outlines.shown(value)[:40]}" for path, value in news]
        more = [f"{len(pairs) - NAMED} more"] if len(pairs) > NAMED else []
        return format_html('<span class="rule-sentence">{}</span>', ", ".join(named + more))

    @display(description="Rules fired")
    def fired(self, change: Change) -> str:
        """How many of the rules that were asked."""
        kept = verdicts.kept(change)
        return f"{sum(one.fired for one in kept)} of {len(kept)}" if kept else "none asked"

    @display(description="Event")
    def happened(self, change: Change) -> str:
        """The event, and what is unusual about it."""
        marks = (
            ("Stale", "warning", change.stale),
            ("From us", "info", change.origin != Change.Origin.SOURCE),
            ("Notes", "", bool(change.notes)),
        )
        badges = [badge(mark, colour) for mark, colour, there in marks if there]
        return format_html_join(" ", "{}", ((part,) for part in (change.event, *badges)))
