"""Runs: every action a rule started, what became of it, and how to repeat or cancel it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from automations import replays
from automations.admin.logs import RuleFilter, after_dialog, found_by_id, is_detail, log_all
from automations.models import Run
from automations.templatetags.stories import answer
from automations.timeline import HEAVY
from webhooks_out.admin_log import LogAdmin, SinceFilter, StateFilter, ago, as_uuid, brief
from webhooks_out.jobs import Job

SHOWN_ON_PAGE = ("record__system", "change", "rule", "action__webhook", "delivery")


@admin.register(Run)
class RunAdmin(LogAdmin):
    """The log of runs."""

    change_form_template = "admin/automations/run/page.html"
    list_display = ("when", "state_badge", "what", "about", "due", "outcome")
    list_display_links = ("when",)
    list_filter = (SinceFilter, StateFilter, RuleFilter)
    list_select_related = ("record", "delivery")
    list_deferred = ("record__fields", *(f"delivery__{name}" for name in HEAVY))
    search_help_text = "An id, of the run or of what it came from"
    actions = ("repeat_selected", "cancel_selected")
    actions_detail = ("repeat", "cancel")
    empty_title = "No rule has started anything yet"
    empty_words = "A run appears here for each action of each rule that fires."
    empty_link = ("Write a rule", "admin:automations_rule_add")

    def has_repeat_permission(self, request: HttpRequest, _obj: Any = None) -> bool:
        """Who may change runs may repeat and cancel them."""
        return request.user.has_perm("automations.change_run")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        rows = super().get_queryset(request)
        return rows.select_related(*SHOWN_ON_PAGE) if is_detail(request) else rows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Run], search_term: str
    ) -> tuple[QuerySet[Run], bool]:
        """By the run's own id, or by that of the change, receipt or event it came from."""
        return found_by_id(queryset, search_term, "pk", "correlation_id", "receipt_id"), False

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Cancel only what waits, repeat only what is settled."""
        waiting = _one(object_id).filter(state=Job.State.WAITING).exists()
        fitting = "cancel" if waiting else "repeat"
        return [one for one in super().get_actions_detail(request, object_id) if one.path == fitting]

    @action(description="Repeat", permissions=["repeat"])
    def repeat_selected(self, request: HttpRequest, runs: QuerySet[Run]) -> None:
        """Does the selected actions once more."""
        self._repeat(request, runs)

    @action(description="Cancel what waits", permissions=["repeat"])
    def cancel_selected(self, request: HttpRequest, runs: QuerySet[Run]) -> None:
        """Cancels those of the selected runs that wait."""
        self._cancel(request, runs)

    @action(
        description="Repeat",
        permissions=["repeat"],
        icon="replay",
        dialog={
            "title": "Repeat this action?",
            "description": "It is done once more, for the record as it is now. A webhook is posted anew.",
            "form_class": None,
            "form_submit_text": "Repeat",
        },
    )
    def repeat(self, request: HttpRequest, _form: Form, object_id: str) -> HttpResponse:
        """Does this action once more."""
        self._repeat(request, _one(object_id))
        return after_dialog(request, reverse("admin:automations_run_change", args=[object_id]))

    @action(
        description="Cancel",
        permissions=["repeat"],
        icon="cancel",
        variant=ActionVariant.DANGER,
        dialog={
            "title": "Cancel this action?",
            "description": "It will not be done. Only what still waits can be cancelled.",
            "form_class": None,
            "form_submit_text": "Cancel the action",
        },
    )
    def cancel(self, request: HttpRequest, _form: Form, object_id: str) -> HttpResponse:
        """Cancels this action if it still waits."""
        self._cancel(request, _one(object_id))
        return after_dialog(request, reverse("admin:automations_run_change", args=[object_id]))

    @display(description="What")
    def what(self, run: Run) -> str:
        """The rule's name when it fired, and what it does."""
        return str(run)

    @display(description="Record")
    def about(self, run: Run) -> str:
        """Whom it is about, with a link."""
        url = reverse("admin:automations_record_change", args=[run.record_id])
        return format_html('<a class="text-link" href="{}">{}</a>', url, run.record)

    @display(description="Due", header=True)
    def due(self, run: Run) -> list[str]:
        """When it will be done, while it waits."""
        if run.state != Job.State.WAITING or run.due_at is None:
            return ["", ""]
        return [brief(run.due_at), f"in {ago(run.due_at)}"]

    @display(description="Outcome")
    def outcome(self, run: Run) -> str:
        """The receiver's answer, or why there is none."""
        return f"{run.delivery.title}: {answer(run.delivery)}" if run.delivery else run.reason

    def _repeat(self, request: HttpRequest, runs: QuerySet[Run]) -> None:
        fitting = runs.filter(due_at__isnull=True, action__isnull=False)
        chosen, asked = _named(fitting), runs.order_by().count()
        repeated = replays.repeat(chosen)
        log_all(request, chosen, "Repeated.")
        left = "left: they are not settled, or their action is gone"
        self._tell(request, repeated, "will be repeated", asked - repeated, left)

    def _cancel(self, request: HttpRequest, runs: QuerySet[Run]) -> None:
        chosen, asked = _named(runs.filter(state=Job.State.WAITING)), runs.order_by().count()
        cancelled = replays.cancel(chosen, request.user.get_username())
        log_all(request, chosen, "Cancelled.")
        self._tell(request, cancelled, "cancelled", asked - cancelled, "left: they do not wait")

    def _tell(self, request: HttpRequest, did: int, words: str, left: int, why: str) -> None:
        level = messages.SUCCESS if did else messages.WARNING
        self.message_user(request, f"{did} {words}." + (f" {left} {why}." if left else ""), level)


def _one(object_id: Any) -> QuerySet[Run]:
    """The run with this id, as a set of one or none."""
    number = as_uuid(str(object_id))
    return Run.objects.filter(pk=number) if number else Run.objects.none()


def _named(runs: QuerySet[Run]) -> list[Run]:
    """What the history says of runs."""
    return list(runs.select_related(None).only("pk", "rule_name", "kind"))
