"""“Execute webhook”: choose one, see exactly what it would send, send it, and watch what becomes of it."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from automations import access, executions, posting, tickets
from automations.models import Record
from automations.posting import Preview, Way
from automations.tickets import Ticket
from webhooks_out.models import Delivery, Webhook

PAGE = "admin/automations/execute/page.html"
RESULT = "admin/automations/execute/result.html"
PROGRESS = "admin/automations/execute/progress.html"
TOO_OLD = "That preview was too old to be sent, so nothing was. Here is what would be sent now."
CHANGED = (
    "The record or the webhook has changed since you looked, so nothing was sent. Look again, then execute."
)
GONE = "That webhook is no longer offered for this record, so nothing was sent."
TOLD = {
    Way.CROWDED: (messages.INFO, "Too many people are waiting for an answer, so a worker sends it."),
    Way.REPEATED: (messages.INFO, "You had sent this already, so it was not sent again."),
}


class Executing(ModelAdmin):
    """Mixed into the admin of every record type: the page, what follows it, and the ways there."""

    actions_detail: Any = ("execute",)

    def get_urls(self) -> list[URLPattern]:
        name = f"automations_{self.opts.model_name}_execution"
        view = self.admin_site.admin_view(self.execution_view)
        return [path("<int:object_id>/execute/<uuid:delivery_id>/", view, name=name), *super().get_urls()]

    def has_execute_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        """Whether this person executes webhooks at all; on which record, the page itself asks."""
        return bool(request.user.has_perm("automations.execute_webhook"))

    def get_list_display(self, request: HttpRequest) -> Any:
        """With the way to the page, for who may execute."""
        columns = super().get_list_display(request)
        return (*columns, "execute_link") if self.has_execute_permission(request) else columns

    @display(description="Execute")
    def execute_link(self, record: Record) -> str:
        """The way to the page, from the list."""
        url, label = self._url("execute", record.pk), f"Execute a webhook on {record}"
        return format_html('<a class="text-link" href="{}" aria-label="{}">Execute …</a>', url, label)

    @action(
        description="Execute webhook …",
        permissions=["execute"],
        icon="send",
        url_path="execute",
    )
    def execute(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Shows what would be sent; a POST sends it."""
        record = self._allowed(request, object_id)
        if request.method == "POST":
            return self._send(request, record)
        return self._page(request, record, request.GET.get("webhook", ""))

    def execution_view(self, request: HttpRequest, object_id: int, delivery_id: UUID) -> HttpResponse:
        """What became of one delivery; with `look` only the part of the page that changes."""
        record = self._allowed(request, str(object_id))
        delivery = executions.of_record(record, delivery_id)
        if delivery is None:
            raise Http404
        progress = executions.progress(delivery, request.GET.get("look", ""))
        context = {"progress": progress, "delivery": delivery, "here": request.path}
        if "look" in request.GET:
            return render(request, PROGRESS, context)
        title = f"{delivery.title}: {record}"
        return render(request, RESULT, self._around(request, record, title) | context)

    def _allowed(self, request: HttpRequest, object_id: str) -> Record:
        """The record, if this person may execute webhooks on this very one."""
        if not self.has_execute_permission(request):
            raise PermissionDenied
        record = self.get_object(request, object_id)
        if record is None:
            raise Http404
        if not access.may_execute(request.user, record.type):
            raise PermissionDenied
        return record

    def _page(self, request: HttpRequest, record: Record, wanted: str) -> HttpResponse:
        """The choice, and the preview of what is chosen; the only one there is counts as chosen."""
        hooks = executions.offered(record)
        chosen = next((hook for hook in hooks if str(hook.pk) == wanted), None)
        chosen = hooks[0] if len(hooks) == 1 else chosen
        context = self._around(request, record, f"Execute webhook: {record}") | {"hooks": hooks}
        if chosen:
            preview = self._preview(request, record, chosen)
            context |= {
                "chosen": chosen,
                "preview": preview,
                "request_told": executions.told(preview.shown, chosen),
                "ticket": tickets.issue(self._ticket(request, record, preview)),
            }
        return render(request, PAGE, context)

    def _send(self, request: HttpRequest, record: Record) -> HttpResponse:
        """Sends what was shown, once, if it is still what would be shown."""
        ticket = tickets.read(request.POST.get("ticket", ""))
        again = partial(self._again, request, record)
        if ticket is None or (ticket.record_id, ticket.person_id) != (record.pk, request.user.pk):
            return again(TOO_OLD)
        result = self._url("execution", record.pk, ticket.delivery_id)
        if Delivery.objects.filter(pk=ticket.delivery_id).exists():
            messages.add_message(request, *TOLD[Way.REPEATED])
            return redirect(result)
        webhook = next((hook for hook in executions.offered(record) if hook.pk == ticket.webhook_id), None)
        if webhook is None:
            return again(GONE)
        delivery = self._preview(request, record, webhook).delivery
        if tickets.fingerprint(delivery) != ticket.fingerprint:
            return again(CHANGED)
        delivery.pk = ticket.delivery_id
        way = posting.execute(delivery, webhook)
        if way in TOLD:
            messages.add_message(request, *TOLD[way])
        if way is not Way.REPEATED:
            note = f"Executed the webhook “{webhook.title}” (delivery {delivery.pk})."
            LogEntry.objects.log_actions(request.user.pk or 0, [record], CHANGE, note)
        return redirect(result)

    def _again(self, request: HttpRequest, record: Record, why: str) -> HttpResponse:
        messages.warning(request, why)
        return self._page(request, record, request.POST.get("webhook", ""))

    def _preview(self, request: HttpRequest, record: Record, webhook: Webhook) -> Preview:
        return executions.preview(webhook, record, request.user.get_username())

    def _ticket(self, request: HttpRequest, record: Record, preview: Preview) -> Ticket:
        delivery = preview.delivery
        return Ticket(
            delivery_id=delivery.pk,
            webhook_id=delivery.webhook_id or 0,
            record_id=record.pk,
            person_id=request.user.pk or 0,
            fingerprint=tickets.fingerprint(delivery),
        )

    def _around(self, request: HttpRequest, record: Record, title: str) -> dict[str, Any]:
        """What every page of ours needs: the admin's frame, the record and the ways back."""
        model = access.model_for(request.user, record.type) or Record
        page = f"admin:automations_{model._meta.model_name}_change"
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "original": record,  # for the way back at the head of the page
            "record": record,
            "record_url": reverse(page, args=[record.pk]),
            "execute_url": self._url("execute", record.pk),
        }

    def _url(self, page: str, *arguments: Any) -> str:
        return reverse(f"admin:automations_{self.opts.model_name}_{page}", args=arguments)
