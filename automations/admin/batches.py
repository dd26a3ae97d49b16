"""Mass posts, past and present: who posted what where, and what became of it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from automations import access
from automations.admin.batch_pages import BatchPages
from automations.mass_posts import progress
from automations.mass_posts.wording import counted
from automations.models import Batch
from webhooks_out.admin_log import SinceFilter, badge
from webhooks_out.jobs import Job

COLOURS = {
    Batch.Stage.CHECKING: "info",
    Batch.Stage.READY: "warning",
    Batch.Stage.POSTING: "primary",
    Batch.Stage.PAUSED: "warning",
    Batch.Stage.FINISHED: "success",
    Batch.Stage.CANCELLED: "",
}
ENDED = (Batch.Stage.FINISHED, Batch.Stage.CANCELLED)


class StageFilter(DropdownFilter):
    """How far they are."""

    title = "stage"
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in Batch.Stage.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Batch]) -> QuerySet[Batch]:
        return queryset.filter(stage=self.value()) if self.value() in Batch.Stage.values else queryset


class MineFilter(DropdownFilter):
    """Who posted."""

    title = "who"
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("me", "I did")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Batch]) -> QuerySet[Batch]:
        return queryset.filter(requested_by=request.user.get_username()) if self.value() else queryset


@admin.register(Batch)
class BatchAdmin(BatchPages):
    """The list of mass posts; the page of one is in `batch_pages`."""

    list_display = ("when", "stage_badge", "what", "selected", "who", "outcome")
    list_display_links = ("when", "what")
    list_filter = (StageFilter, MineFilter, SinceFilter)
    uuid_fields = ("id",)
    search_help_text = "An id"
    empty_title = "Nobody has posted a list yet"
    empty_words = "Open the contacts, filter the list or tick some of them, and choose “Mass post …”."
    empty_link = ("Go to the contacts", "admin:automations_contact_changelist")

    def has_view_permission(self, request: HttpRequest, obj: Batch | None = None) -> bool:
        """Who may see mass posts sees those of records they may see."""
        may = request.user.has_perm("automations.view_batch")
        return may and (obj is None or access.may_view(request.user, obj.record_type))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        """Those of record types this person may see."""
        rows: QuerySet[Batch] = super().get_queryset(request)
        if access.may_view(request.user, ""):
            return rows
        return rows.filter(
            record_type__in=[name for name in access.MODELS if access.may_view(request.user, name)]
        )

    @display(description="Stage")
    def stage_badge(self, batch: Batch) -> SafeString:
        """How far it is."""
        if batch.state == Job.State.DEAD:
            return badge("Interrupted", "danger")
        return badge(batch.get_stage_display(), COLOURS[Batch.Stage(batch.stage)])

    @display(description="Webhook")
    def what(self, batch: Batch) -> str:
        """Where it was posted to."""
        return batch.webhook_title

    @display(description="Selection", header=True)
    def selected(self, batch: Batch) -> list[str]:
        """What was chosen, and how many that were."""
        return [batch.selection, counted(batch.total, batch.record_type)]

    @display(description="By")
    def who(self, batch: Batch) -> str:
        """Who posted it."""
        return batch.requested_by

    @display(description="Outcome")
    def outcome(self, batch: Batch) -> SafeString:
        """The totals; of what is not over yet they are counted now."""
        totals = batch if batch.stage in ENDED else progress.of(batch)
        return format_html(
            "{} delivered, {} failed, {} skipped",
            *(f"{n:,}" for n in (totals.delivered, totals.failed, totals.skipped)),
        )
