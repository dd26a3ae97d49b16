"""The page of what the brake holds of one rule: look at the first, then release all or some, or discard them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse

from automations import access, executions, held_runs
from automations.admin.definitions import DefinitionAdmin
from automations.admin.logs import log_all
from automations.models import Rule, Run
from automations.sentences import deed
from webhooks_out.admin_log import as_uuid

FOLDER = "admin/automations/rule"
MAY_LOOK, MAY_ORDER = "automations.view_run", "automations.change_run"
OTHER_NUMBER = "What is held has changed since you looked, so nothing was done. Look again."


@dataclass(frozen=True)
class Order:
    """What can be done with held runs: on the button, before and after."""

    verb: str
    done: str
    meaning: str
    most: int = held_runs.ALL
    dangerous: bool = False

    def words(self, number: int) -> str:
        """The words on its button."""
        return f"{self.verb} {number:,}"


RELEASED = "They are done in the order in which they were started, for the records as they are now."
ORDERS = {
    "release": Order("Release all", "Released", RELEASED),
    "first": Order("Release the first", "Released", f"{RELEASED} The others stay held.", held_runs.FIRST),
    "discard": Order(
        "Discard", "Discarded", "They will never be done. They stay in the log as cancelled.", dangerous=True
    ),
}


class HeldRuns(DefinitionAdmin):
    """The part of the admin of rules that shows what the brake holds."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.held_view)
        return [path("<int:object_id>/held/", view, name="automations_rule_held"), *super().get_urls()]

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        with transaction.atomic():
            held_runs.discard_with(Rule.objects.filter(pk=obj.pk), request.user.get_username())
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            held_runs.discard_with(queryset, request.user.get_username())
            super().delete_queryset(request, queryset)

    def held_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The page, and the orders given on it: each is shown again with its number before it is carried out."""
        ordered = request.method == "POST"
        if not request.user.has_perm(MAY_ORDER if ordered else MAY_LOOK):
            raise PermissionDenied
        rule = Rule.objects.filter(pk=object_id).first()
        if rule is None:
            raise Http404
        order, upto = ORDERS.get(request.POST.get("order", "")), as_uuid(request.POST.get("upto", ""))
        if not ordered or order is None or upto is None:
            return self._page(request, rule)
        number = min(order.most, held_runs.of(rule, upto).count())
        if request.POST.get("number") != str(number) or not number:
            messages.warning(request, OTHER_NUMBER)
        elif "confirmed" not in request.POST:
            told = {"order": order, "name": request.POST["order"], "number": number, "upto": upto}
            return render(request, f"{FOLDER}/held_confirm.html", self._about(request, rule) | told)
        else:
            self._carry_out(request, rule, order, upto)
        return redirect("admin:automations_rule_held", rule.pk)

    def _carry_out(self, request: HttpRequest, rule: Rule, order: Order, upto: UUID) -> None:
        with transaction.atomic():
            if order.dangerous:
                number = held_runs.discard(rule, upto, request.user.get_username())
            else:
                number = held_runs.release(rule, upto, order.most)
            log_all(request, [rule], f"{order.done} {number:,} of the runs that the brake held.")
        self.message_user(request, f"{number:,} {order.done.lower()}. {order.meaning}", messages.SUCCESS)

    def _page(self, request: HttpRequest, rule: Rule) -> HttpResponse:
        held = held_runs.of(rule)
        number, last = held.count(), held.reverse().values_list("pk", flat=True).first()
        buttons = [
            (name, min(order.most, number), order.words(min(order.most, number)), order.dangerous)
            for name, order in ORDERS.items()
            if order.most < number or order.most == held_runs.ALL
        ]
        context = self._about(request, rule) | {
            "number": number,
            "upto": last,
            "buttons": buttons,
            "may_order": request.user.has_perm(MAY_ORDER),
        }
        first = held.select_related("record__system", "change", "action__webhook").first()
        return render(request, f"{FOLDER}/held.html", context | self._preview(request, first))

    def _about(self, request: HttpRequest, rule: Rule) -> dict[str, Any]:
        runs = reverse("admin:automations_run_changelist")
        return self.admin_site.each_context(request) | {
            "title": f"Held by the brake: {rule.name}",
            "rule": rule,
            "list_url": f"{runs}?rule={rule.pk}&state=held",
            "may_see_rule": self.has_view_permission(request, rule),
        }

    def _preview(self, request: HttpRequest, first: Run | None) -> dict[str, Any]:
        """What the first of them would do now, for who may see its record."""
        if first is None or access.model_for(request.user, first.record.type) is None:
            return {"first": None}
        told: dict[str, Any] = {"first": first, "deed": deed(first.action) if first.action else ""}
        if first.action and first.action.webhook:
            webhook = first.action.webhook
            preview = executions.preview(webhook, first.record, request.user.get_username())
            told |= {"preview": preview, "request_told": executions.told(preview.shown, webhook)}
        return told
