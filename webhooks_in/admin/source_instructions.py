"""Posting instructions: one page to hand to whoever is going to post leads."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.decorators import action

from webhooks_in import samples
from webhooks_in.instructions import instructions
from webhooks_in.models import Source
from webhooks_out.secrets import SecretUnreadable

PAGE = "admin/webhooks_in/source/instructions.html"
TEXT = "admin/webhooks_in/source/instructions.txt"


class InstructionPage(ModelAdmin):
    """Mixed into the admin of sources: the page, and the way there."""

    @action(
        description="Posting instructions",
        permissions=["change"],
        icon="description",
        url_path="instructions",
    )
    def instructions(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The page, for who may change the source: its URL stands on it."""
        source = self.get_object(request, object_id)
        if source is None:
            raise Http404
        if not self.has_change_permission(request, source):
            raise PermissionDenied
        change = reverse("admin:webhooks_in_source_change", args=[source.pk])
        try:
            told = instructions(source, settings.PUBLIC_URL + source.path, _seen(request, source))
        except SecretUnreadable as reason:
            messages.error(request, f"The URL cannot be shown. {reason} Or renew the URL.")
            return redirect(change)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": f"Posting instructions: {source}",
            "told": told,
            "as_text": render_to_string(TEXT, {"told": told}),
            "source_url": change,
            "media": self.media,
        }
        return render(request, PAGE, context)


def _seen(request: HttpRequest, source: Source) -> list[str]:
    """The keys it sent lately, for who may see receipts."""
    if not request.user.has_perm("webhooks_in.view_receipt"):
        return []
    latest = (sample for sample in samples.latest(source) if sample.receipt.verified)
    return list(dict.fromkeys(path for sample in latest for path in sample.payload.paths))
