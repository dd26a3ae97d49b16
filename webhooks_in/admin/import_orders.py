"""What a person does with an import: each by POST, each for those who may, each told in its history."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path

from automations.admin.logs import log_all
from webhooks_in.admin import import_forms
from webhooks_in.imports import controls, preparation
from webhooks_in.imports.layouts import WORKBOOK, Layout, NotATable
from webhooks_in.models import Import
from webhooks_out.admin_log import LogAdmin

Carry = Callable[[HttpRequest, Import], None]
TOO_LATE = "Nothing was done: the import is no longer in the stage you saw."
OTHER_NUMBER = "The number of rows has changed since you looked, so nothing was imported. Look again."
ONCE = "It was started already; pressing again imports nothing twice."


class ImportOrders(LogAdmin):
    """The part of the admin of imports that changes something."""

    def has_order_permission(self, request: HttpRequest, _load: Import | None = None) -> bool:
        """Who may change imports, and see the data sources they belong to."""
        return request.user.has_perms(("webhooks_in.change_import", "webhooks_in.view_source"))

    def get_urls(self) -> list[URLPattern]:
        carried: dict[str, Carry] = {
            "layout": self._layout,
            "columns": self._columns,
            "again": self._again,
            "start": self._start,
            "pause": self._pause,
            "resume": self._resume,
            "retry": self._retry,
            "cancel": self._cancel,
        }
        return [
            path(
                f"<uuid:object_id>/{name}/",
                self.admin_site.admin_view(self._door(carry)),
                name=f"webhooks_in_import_{name}",
            )
            for name, carry in carried.items()
        ] + super().get_urls()

    def _door(self, carry: Carry) -> Callable[..., HttpResponse]:
        """The view of one order: finds the import, checks, carries the order out, and leads to the page."""

        def view(request: HttpRequest, object_id: UUID) -> HttpResponse:
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            if not self.has_order_permission(request):
                raise PermissionDenied
            load = Import.objects.select_related("source").filter(pk=object_id).first()
            if load is None:
                raise Http404
            carry(request, load)
            return redirect("admin:webhooks_in_import_change", load.pk)

        return view

    def _layout(self, request: HttpRequest, load: Import) -> None:
        """Reads the file in another way and guesses its columns anew."""
        form = import_forms.LayoutForm(Layout.of(load.layout), request.POST)
        if load.stage != Import.Stage.MAPPING or not form.is_valid():
            messages.warning(request, TOO_LATE)
            return
        load.layout = form.chosen().as_json()
        if form.layout.kind == WORKBOOK:
            load.save(update_fields=["layout"])
            self._note(request, load, "Another sheet was chosen.", done=controls.unpack(load))
            return
        try:
            preparation.prepare(load)
        except NotATable as reason:
            messages.error(request, str(reason))
            return
        load.save(update_fields=["layout", "headings", "mapping", "id_column"])

    def _columns(self, request: HttpRequest, load: Import) -> None:
        """Keeps what the columns are for, and starts the dry run when nothing is wrong with it."""
        if load.stage != Import.Stage.MAPPING:
            messages.warning(request, TOO_LATE)
            return
        problems = import_forms.enter(load, request.POST)
        load.save(update_fields=["mapping", "id_column"])
        for problem in problems:
            messages.error(request, problem)
        if not problems:
            self._note(request, load, "Dry run started.", done=controls.try_out(load))

    def _again(self, request: HttpRequest, load: Import) -> None:
        self._note(request, load, "Back to the columns.", done=controls.map_again(load))

    def _start(self, request: HttpRequest, load: Import) -> None:
        """Imports what the dry run found good, once; not if the number on the button is no longer true."""
        number = good(load)
        if load.stage == Import.Stage.IMPORTING:
            messages.info(request, ONCE)
        elif not number or request.POST.get("number") != str(number):
            messages.warning(request, OTHER_NUMBER)
        else:
            self._note(request, load, f"Import of {number:,} rows started.", done=controls.start(load))

    def _pause(self, request: HttpRequest, load: Import) -> None:
        self._note(request, load, "Paused.", done=controls.pause(load))

    def _resume(self, request: HttpRequest, load: Import) -> None:
        self._note(request, load, "Resumed.", done=controls.resume(load))

    def _retry(self, request: HttpRequest, load: Import) -> None:
        self._note(request, load, "Tried again.", done=controls.retry(load))

    def _cancel(self, request: HttpRequest, load: Import) -> None:
        self._note(request, load, "Cancelled.", done=controls.cancel(load))

    def _note(self, request: HttpRequest, load: Import, words: str, *, done: Any) -> None:
        if done:
            log_all(request, [load], words)
        else:
            messages.warning(request, TOO_LATE)


def good(load: Import) -> int:
    """Rows the dry run found nothing wrong with."""
    return sum(count for name, count in load.tried.items() if name != "rejected")
