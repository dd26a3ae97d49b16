"""How a webhook is doing: told in its list and on its page, with the way to close its breaker by hand."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from webhooks_out import health
from webhooks_out.admin.trials import TrialPage
from webhooks_out.admin_log import ago, badge, moment
from webhooks_out.models import Delivery, Webhook

TEMPLATE = "admin/webhooks_out/webhook/close_breaker.html"
LIMITS = (("rate", "rate_per"), "order", ("breaker_after", "disable_after"))
STATUSES = {"on": "On", "off": "Off", "failing": "Failing", "paused": "Paused"}
STATUS_COLOURS = {"on": "success", "off": "danger", "failing": "warning", "paused": "danger"}
UNCHECKED = "The certificate is not checked: anybody on the way can read and change what is sent."


class HealthPage(TrialPage):
    """The part of the webhook's admin that tells of its health."""

    def get_urls(self) -> list[URLPattern]:
        close = path(
            "<int:object_id>/close-breaker/",
            self.admin_site.admin_view(self.close_view),
            name="webhooks_out_webhook_close_breaker",
        )
        return [close, *super().get_urls()]

    def close_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Closes the breaker, after asking; the history says who did."""
        webhook = self.get_object(request, str(object_id))
        if not self.has_change_permission(request, webhook):
            raise PermissionDenied
        if webhook is None:
            raise Http404
        page = redirect("admin:webhooks_out_webhook_change", webhook.pk)
        if request.method != "POST":
            return render(request, TEMPLATE, self._question(request, webhook))
        with transaction.atomic():
            if was_open := health.close(webhook, f"{request.user.get_username()} closed its breaker."):
                self.log_change(request, webhook, "Closed the breaker.")
        if was_open:
            messages.success(request, "The breaker is closed: what waited is being sent.")
        else:
            messages.warning(request, "The breaker was closed already.")
        return page

    @display(description="Status", label=STATUS_COLOURS)
    def status(self, webhook: Webhook) -> tuple[str, str]:
        """On, off, failing, or paused by its breaker."""
        state = _state(webhook)
        return state, STATUSES[state]

    @display(description="Last success", empty_value="never")
    def last_success(self, webhook: Webhook) -> str | None:
        """How long ago."""
        return f"{ago(webhook.last_success_at)} ago" if webhook.last_success_at else None

    @display(description="Trouble", empty_value="–")
    def trouble(self, webhook: Webhook) -> str | None:
        """Why it is off or paused, how many failures came in a row, and whether its certificate is checked."""
        told = [
            webhook.disabled_reason,
            _failures(webhook),
            _pause(webhook),
            "" if webhook.verify_tls else UNCHECKED,
        ]
        return " ".join(filter(None, told)) or None

    @display(description="How it is doing")
    def health(self, webhook: Webhook) -> SafeString:
        """Its health in sentences, and the way to close an open breaker."""
        state = _state(webhook)
        words = f"{self.trouble(webhook) or ''} Last success: {moment(webhook.last_success_at) or 'never'}.".strip()
        label = badge(STATUSES[state], STATUS_COLOURS[state])
        if state != "paused":
            return format_html('<span class="fh-line">{}</span> {}', label, words)
        url = reverse("admin:webhooks_out_webhook_close_breaker", args=[webhook.pk])
        way = format_html('<a href="{}" class="text-link">Resume sending now …</a>', url)
        return format_html('<span class="fh-line">{}</span> {} {}', label, words, way)

    def _question(self, request: HttpRequest, webhook: Webhook) -> dict[str, Any]:
        """The context of the page that asks; it names how many deliveries will be sent."""
        kept = Q(due_at=webhook.breaker_probe_at) | Q(due_at__lte=Now())
        waiting = Delivery.objects.filter(kept, webhook=webhook, state=Delivery.State.WAITING)
        return {
            **self.admin_site.each_context(request),
            "title": f"Resume sending to {webhook.title}",
            "opts": self.opts,
            "webhook": webhook,
            "trouble": self.trouble(webhook),
            "waiting": waiting.count(),
        }


def _state(webhook: Webhook) -> str:
    if not webhook.active:
        return "off"
    if webhook.breaker_opened_at:
        return "paused"
    return "failing" if webhook.failures_in_row else "on"


def _failures(webhook: Webhook) -> str:
    count = webhook.failures_in_row
    return f"{count} failure{'s' if count > 1 else ''} in a row." if count else ""


def _pause(webhook: Webhook) -> str:
    """Since when its deliveries wait, and until when."""
    if not webhook.breaker_opened_at or not webhook.active:
        return ""
    probe = webhook.breaker_probe_at
    due = "now" if probe is None or probe <= timezone.now() else f"in {ago(probe)}"
    return (
        f"Its deliveries have waited since {moment(webhook.breaker_opened_at)}; one of them is tried {due}."
    )
