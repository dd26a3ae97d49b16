"""What a person does to deliveries, one, selected or all that are listed: asked once, done once, and logged by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path

from webhooks_out import bulk
from webhooks_out.admin_log import LogAdmin
from webhooks_out.models import Delivery

TEMPLATE = "admin/webhooks_out/delivery/confirm.html"
SHOWN = 10  # deliveries a question names


@dataclass(frozen=True)
class Deed:
    """Something to do to deliveries, and its words."""

    name: str
    verb: str
    explanation: str
    told: str
    nothing: str
    do: Callable[[Sequence[UUID], str], int]


SEND_AGAIN = Deed(
    name="send_again",
    verb="Send again",
    explanation="The receiver gets the same request once more, with the same id and body, signed anew. What is still "
    "under way is left alone, and so is what has lost its webhook. What was held is sent as it is.",
    told="sent again by hand",
    nothing="Nothing to send again: it is under way, or its webhook was deleted.",
    do=bulk.send_again,
)
CANCEL = Deed(
    name="cancel",
    verb="Cancel",
    explanation="What waits or is held will not be sent. A request that is under way is not stopped.",
    told="cancelled by hand",
    nothing="Nothing to cancel: it is already settled, or under way.",
    do=bulk.cancel,
)


class ByHand(LogAdmin):
    """The part of the deliveries' admin that changes something. Needs the permission to change deliveries."""

    actions = ("send_again", "cancel")

    def has_send_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may send again or cancel: those who may change deliveries, though nobody edits one."""
        return bool(request.user.has_perm("webhooks_out.change_delivery"))

    def get_urls(self) -> list[URLPattern]:
        pages = ((SEND_AGAIN, self.send_again_view), (CANCEL, self.cancel_view))
        return [
            path(
                f"<uuid:object_id>/{deed.name.replace('_', '-')}/",
                self.admin_site.admin_view(view),
                name=f"webhooks_out_delivery_{deed.name}",
            )
            for deed, view in pages
        ] + super().get_urls()

    @admin.action(description="Send again …", permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> HttpResponse | None:
        """Sends the selected, or all that match the filters, once more."""
        return self._listed(request, queryset, SEND_AGAIN)

    @admin.action(description="Cancel …", permissions=["send"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> HttpResponse | None:
        """Cancels the selected, or all that match the filters."""
        return self._listed(request, queryset, CANCEL)

    def send_again_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Sends one delivery once more, after asking."""
        return self._single(request, object_id, SEND_AGAIN)

    def cancel_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Cancels one delivery, after asking."""
        return self._single(request, object_id, CANCEL)

    def _listed(self, request: HttpRequest, queryset: QuerySet[Delivery], deed: Deed) -> HttpResponse | None:
        """Asks, naming the number; then does it to what was there when it asked."""
        if until := request.POST.get("until"):
            queryset = queryset.filter(id__lte=UUID(until))
        ids = bulk.ids_of(queryset)
        if "confirmed" in request.POST:
            self._do(request, ids, deed)
            return None
        across = request.POST.get("select_across") == "1"
        hidden = [
            ("action", deed.name),
            ("select_across", "1" if across else "0"),
            ("until", ids[-1] if ids else ""),
        ]
        hidden += [(ACTION_CHECKBOX_NAME, pk) for pk in request.POST.getlist(ACTION_CHECKBOX_NAME)]
        return self._ask(request, ids, deed, hidden)

    def _single(self, request: HttpRequest, object_id: UUID, deed: Deed) -> HttpResponse:
        delivery = Delivery.objects.filter(pk=object_id).first()
        if not (self.has_send_permission(request) and self.has_view_permission(request, delivery)):
            raise PermissionDenied
        if delivery is None:
            raise Http404
        if request.method != "POST":
            return self._ask(request, [delivery.pk], deed, [])
        self._do(request, [delivery.pk], deed)
        return redirect("admin:webhooks_out_delivery_change", delivery.pk)

    def _ask(
        self, request: HttpRequest, ids: list[UUID], deed: Deed, hidden: list[tuple[str, Any]]
    ) -> HttpResponse:
        number = f"{len(ids):,} deliveries" if len(ids) != 1 else "this delivery"
        context = {
            **self.admin_site.each_context(request),
            "title": f"{deed.verb}: {number}",
            "opts": self.opts,
            "deed": deed,
            "number": number,
            "more": len(ids) == bulk.AT_ONCE,
            "hidden": hidden,
            "examples": Delivery.objects.filter(pk__in=ids[:SHOWN]).select_related("webhook").defer("body"),
            "rest": max(len(ids) - SHOWN, 0),
            "back": request.get_full_path() if hidden else "../change/",
        }
        return render(request, TEMPLATE, context)

    def _do(self, request: HttpRequest, ids: list[UUID], deed: Deed) -> None:
        count = deed.do(ids, request.user.get_username())
        for chunk in bulk.chunks(ids) if count else ():
            touched = Delivery.objects.filter(pk__in=chunk).only("title", "record_name", "record_id")
            LogEntry.objects.log_actions(request.user.pk or 0, touched, CHANGE, f"{deed.verb}.")
        if count:
            messages.success(
                request, f"{count:,} {'delivery is' if count == 1 else 'deliveries are'} {deed.told}."
            )
        else:
            messages.warning(request, deed.nothing)
