"""How the queue is looked through: its filters, and pages that cost the same however many actions are pending."""

from datetime import timedelta
from typing import Any

from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import DropdownFilter

from automations.models import Action, Queued
from webhooks_out.admin_log import LogPaginator
from webhooks_out.jobs import Job

JOINED = ("record", "action__webhook")  # what rows show of others …
DEFERRED = ("record__fields",)  # … without this
SPANS = {"1h": ("The next hour", 1), "24h": ("24 hours", 24), "7d": ("7 days", 168), "30d": ("30 days", 720)}


class DueFilter(DropdownFilter):
    """What is due by the end of a span that begins now."""

    title = "due within"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, label) for name, (label, _) in SPANS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if (span := SPANS.get(self.value() or "")) is None:
            return queryset
        return queryset.filter(planned_at__lte=timezone.now() + timedelta(hours=span[1]))


class KindFilter(DropdownFilter):
    """Actions of one kind."""

    title = "action"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in Action.Kind.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() in Action.Kind.values else queryset


class HeldFilter(DropdownFilter):
    """What waits for its time, or for a person."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(Job.State.WAITING.value, "Waits for its time"), (Job.State.HELD.value, "Held")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        fits = self.value() in (Job.State.WAITING, Job.State.HELD)
        return queryset.filter(state=self.value()) if fits else queryset


class QueuePaginator(LogPaginator):
    """Pages of the queue. Which rows one has is read from an index; only those are fetched then, with what they show
    of others, so that a page far back costs little more than the first."""

    def page(self, number: int | str) -> Page:
        page = super().page(number)
        start = (page.number - 1) * self.per_page
        shown = list(self.object_list.values_list("pk", flat=True)[start : start + self.per_page])
        rows = Queued._base_manager.select_related(*JOINED).defer(*DEFERRED).in_bulk(shown)
        page.object_list = [rows[pk] for pk in shown if pk in rows]
        return page
