"""The queue: every action that is pending, with when and why, to cancel, hold, release or do now."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from unfold.decorators import action, display

from automations.admin.logs import RuleFilter, found_by_id, log_all
from automations.admin.queue_lists import (
    DEFERRED,
    JOINED,
    DueFilter,
    HeldFilter,
    KindFilter,
    QueuePaginator,
)
from automations.models import Action, Queued, Run
from automations.pending import ORDERS
from automations.sentences import work
from webhooks_out.admin_log import COUNTED, LogAdmin, ago, brief
from webhooks_out.jobs import Job

LIST = "admin:automations_queued_changelist"
CHUNK = 500  # runs named in one statement, which SQLite bounds


@admin.register(Queued)
class QueueAdmin(LogAdmin):
    """What is pending, the next first."""

    paginator = QueuePaginator
    list_display = ("due", "state_badge", "what", "of_rule", "about", "why")
    list_display_links = None
    list_filter = (RuleFilter, KindFilter, HeldFilter, DueFilter)
    list_select_related = JOINED
    list_deferred = DEFERRED
    ordering: Any = ("planned_at", "id")
    search_help_text = "An id of a run, or of the event it came from"
    actions = ("now_selected", "hold_selected", "release_selected", "cancel_selected")
    empty_title = "Nothing is pending"
    empty_words = "Actions with a delay or a time wait here, and so do those that are held."
    empty_link = ("Write a rule", "admin:automations_rule_add")

    def get_urls(self) -> list[URLPattern]:
        """The list, and an order for one row of it: a pending action has the page of its run."""
        view = self.admin_site.admin_view(self.order_view)
        lists = [url for url in super().get_urls() if str(url.name).endswith("_changelist")]
        return [path("<uuid:object_id>/order/", view, name="automations_queued_order"), *lists]

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """With the orders for who may give them."""
        return [
            *super().get_list_display(request),
            *(["orders"] if self.has_order_permission(request) else []),
        ]

    def order_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Asks whether the order is meant for this one; the list carries it out."""
        if not self.has_order_permission(request):
            raise PermissionDenied
        name = request.GET.get("do", "")
        run = Queued.objects.filter(pk=object_id).first()
        if run and name in ORDERS and run.state in ORDERS[name].states:
            return self._confirm(request, name, [run])
        self.message_user(request, "This action is not pending like that any more.", messages.WARNING)
        return redirect(LIST)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("automations.view_run")

    def has_order_permission(self, request: HttpRequest, _obj: Any = None) -> bool:
        """Who may change runs may give orders."""
        return request.user.has_perm("automations.change_run")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By the run's own id, or by that of the event it came from."""
        return found_by_id(queryset, search_term, "correlation_id"), False

    @action(description="Do now …", permissions=["order"])
    def now_selected(self, request: HttpRequest, runs: QuerySet[Queued]) -> TemplateResponse | None:
        """Does the selected actions now."""
        return self._order(request, runs, "now")

    @action(description="Hold …", permissions=["order"])
    def hold_selected(self, request: HttpRequest, runs: QuerySet[Queued]) -> TemplateResponse | None:
        """Holds the selected actions."""
        return self._order(request, runs, "hold")

    @action(description="Release …", permissions=["order"])
    def release_selected(self, request: HttpRequest, runs: QuerySet[Queued]) -> TemplateResponse | None:
        """Releases those that are held."""
        return self._order(request, runs, "release")

    @action(description="Cancel …", permissions=["order"])
    def cancel_selected(self, request: HttpRequest, runs: QuerySet[Queued]) -> TemplateResponse | None:
        """Cancels the selected actions."""
        return self._order(request, runs, "cancel")

    @display(description="Due", header=True)
    def due(self, run: Queued) -> list[str]:
        """When, with a link to the run."""
        page = reverse("admin:automations_run_change", args=[run.pk])
        at = run.due_at or run.planned_at
        link = format_html('<a class="text-link" href="{}">{}</a>', page, brief(at))
        if run.state == Job.State.HELD:
            return [link, "when it is released"]
        return [link, f"in {ago(at)}" if at > timezone.now() else "now"]

    @display(description="Action")
    def what(self, run: Queued) -> str:
        """What is to be done."""
        return capfirst(work(run.action)) if run.action else dict(Action.Kind.choices).get(run.kind, run.kind)

    @display(description="Rule")
    def of_rule(self, run: Queued) -> str:
        """The rule's name when it fired."""
        return run.rule_name

    @display(description="Record")
    def about(self, run: Queued) -> str:
        """Whom it is about, with a link."""
        page = reverse("admin:automations_record_change", args=[run.record_id])
        return format_html('<a class="text-link" href="{}">{}</a>', page, run.record)

    @display(description="Why")
    def why(self, run: Queued) -> str:
        """What happened, or why it is held."""
        page = reverse("admin:automations_change_change", args=[run.change_id])
        since = f"The rule fired {ago(run.created_at)} ago."
        words = '<span class="queue-why"><a class="text-link" href="{}">{}</a> {}</span>'
        return format_html(words, page, since, run.reason)

    @display(description="Orders")
    def orders(self, run: Queued) -> SafeString:
        """What fits its state, each asked for once more before it is done."""
        page = reverse("admin:automations_queued_order", args=[run.pk])
        fitting = ((page, name, order.verb) for name, order in ORDERS.items() if run.state in order.states)
        links = format_html_join(" ", '<a class="text-link" href="{}?do={}">{}</a>', fitting)
        return format_html('<span class="queue-orders">{}</span>', links)

    def _order(self, request: HttpRequest, runs: QuerySet[Any], name: str) -> TemplateResponse | None:
        """Shows how many it is about; does it once that number was confirmed and is still true."""
        order = ORDERS[name]
        fitting = runs.filter(state__in=order.states).order_by("planned_at", "id")
        chosen = list(fitting.select_related(None).only("pk", "rule_name", "kind")[:COUNTED])
        if not chosen:
            self.message_user(request, f"None of these can be {order.past}.", messages.WARNING)
            return None
        if request.POST.get("confirmed") != str(len(chosen)):
            return self._confirm(request, name, chosen)
        done = sum(
            order.carry([run.pk for run in part], request.user.get_username()) for part in _parts(chosen)
        )
        log_all(
            request,
            [Run(pk=run.pk, rule_name=run.rule_name, kind=run.kind) for run in chosen],
            f"{order.verb}.",
        )
        left = len(chosen) - done
        words = f"{done:,} {order.past}." + (
            f" {left:,} left as they are: see why in the list." if left else ""
        )
        self.message_user(request, words, messages.SUCCESS if done else messages.WARNING)
        return None

    def _confirm(self, request: HttpRequest, name: str, chosen: list[Any]) -> TemplateResponse:
        count = len(chosen)
        actions = f"{count:,} action{'' if count == 1 else 's'}"
        context = {
            **self.admin_site.each_context(request),
            "title": f"{ORDERS[name].verb} {actions}?",
            "order": ORDERS[name],
            "action": f"{name}_selected",
            "actions": actions,
            "only": f"{chosen[0]}, for {chosen[0].record}" if count == 1 else "",
            "count": count,
            "at_most": COUNTED if count >= COUNTED else 0,
            "changed": "confirmed" in request.POST,
            "selected": request.POST.getlist("_selected_action") or [run.pk for run in chosen],
            "list_url": request.get_full_path() if request.method == "POST" else reverse(LIST),
            "across": request.POST.get("select_across", "0"),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/automations/queued/confirm.html", context)


def _parts(runs: list[Any]) -> Iterable[list[Any]]:
    return (runs[start : start + CHUNK] for start in range(0, len(runs), CHUNK))
