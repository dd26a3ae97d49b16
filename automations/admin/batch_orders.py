"""What a person does to a mass post: each by POST, each for those who may, each told in its history."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path

from automations.admin.logs import log_all
from automations.admin.mass_posts import PERMISSION, ChoiceForm, PaceForm
from automations.mass_posts import orders, progress, selections
from automations.mass_posts.wording import counted
from automations.models import Batch
from webhooks_out.admin_log import LogAdmin

Carry = Callable[[HttpRequest, Batch], HttpResponse | None]
TOO_LATE = "Nothing was done: it is no longer in the stage you saw."
OTHER_NUMBER = "The number of records has changed since you looked, so nothing was posted. Look again."
ONCE = "It was posted already; pressing again posts nothing."
GONE = "The webhook was deleted, so nothing can be posted again."


class BatchOrders(LogAdmin):
    """The part of the admin of mass posts that changes something."""

    def has_order_permission(self, request: HttpRequest, batch: Batch) -> bool:
        """Who may post many records, and see these."""
        return request.user.has_perm(PERMISSION) and self.has_view_permission(request, batch)

    def get_urls(self) -> list[URLPattern]:
        carried: dict[str, Carry] = {
            "confirm": self._confirm,
            "check": self._check,
            "pause": self._pause,
            "resume": self._resume,
            "cancel": self._cancel,
            "retry": self._retry,
            "rest": self._rest,
        }
        return [
            path(
                f"<uuid:object_id>/{name}/",
                self.admin_site.admin_view(self._door(carry)),
                name=f"automations_batch_{name}",
            )
            for name, carry in carried.items()
        ] + super().get_urls()

    def _door(self, carry: Carry) -> Callable[..., HttpResponse]:
        """The view of one order: finds the mass post, checks, carries the order out, and leads to the page."""

        def view(request: HttpRequest, object_id: UUID) -> HttpResponse:
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            batch = Batch.objects.select_related("webhook").filter(pk=object_id).first()
            if batch is None:
                raise Http404
            if not self.has_order_permission(request, batch):
                raise PermissionDenied
            return carry(request, batch) or redirect("admin:automations_batch_change", batch.pk)

        return view

    def _confirm(self, request: HttpRequest, batch: Batch) -> None:
        """Posts what was shown, once; not if the number on the button is no longer true."""
        form, number = PaceForm(request.POST), progress.of(batch).ready
        if batch.stage == Batch.Stage.POSTING:
            messages.info(request, ONCE)
        elif not form.is_valid():
            messages.error(request, f"Pace: {form.errors['pace'][0]}")
        elif request.POST.get("number") != str(number) or not number:
            messages.warning(request, OTHER_NUMBER)
        else:
            done = orders.confirm(batch, request.user.get_username(), form.cleaned_data["pace"])
            self._note(request, batch, f"Posted {counted(number, batch.record_type)}.", done=done)

    def _check(self, request: HttpRequest, batch: Batch) -> None:
        form = ChoiceForm(request.POST, record_type=batch.record_type)
        if not form.is_valid():
            messages.error(request, "Choose a webhook.")
            return
        webhook, only_new = form.cleaned_data["webhook"], form.cleaned_data["only_new"]
        if not orders.check_again(batch, webhook, only_new=only_new):
            messages.warning(request, TOO_LATE)

    def _pause(self, request: HttpRequest, batch: Batch) -> None:
        self._note(request, batch, "Paused.", done=orders.pause(batch))

    def _resume(self, request: HttpRequest, batch: Batch) -> None:
        self._note(request, batch, "Resumed.", done=orders.resume(batch))

    def _cancel(self, request: HttpRequest, batch: Batch) -> None:
        self._note(request, batch, "Cancelled.", done=orders.cancel(batch, request.user.get_username()))

    def _retry(self, request: HttpRequest, batch: Batch) -> HttpResponse | None:
        """A new mass post of those that failed."""
        return self._again(request, batch, selections.FAILED, f"{progress.of(batch).failed:,} that failed")

    def _rest(self, request: HttpRequest, batch: Batch) -> HttpResponse | None:
        """A new mass post of those that were cancelled."""
        return self._again(request, batch, selections.LEFT, f"{progress.of(batch).unsent:,} that were left")

    def _again(self, request: HttpRequest, batch: Batch, which: Any, words: str) -> HttpResponse | None:
        new = orders.again(batch, which, words, request.user.get_username())
        if new is None:
            messages.error(request, GONE)
            return None
        return redirect("admin:automations_batch_change", new.pk)

    def _note(self, request: HttpRequest, batch: Batch, words: str, *, done: bool) -> None:
        if done:
            log_all(request, [batch], words)
        else:
            messages.warning(request, TOO_LATE)
