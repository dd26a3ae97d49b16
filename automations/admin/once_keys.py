"""Once keys: what was done only once, for which record, and how a person lets it happen again."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from automations import once_keys
from automations.admin.logs import after_dialog, log_all
from automations.models import OnceKey
from webhooks_out.admin_log import LogAdmin, badge, moment

COLOURS = {"done": "success", "claimed": "info", "voided": ""}


class VoidForm(BaseDialogForm):
    """Why it may happen again."""

    reason = forms.CharField(
        max_length=300, widget=UnfoldAdminTextInputWidget, label="Why may it happen again?"
    )


@admin.register(OnceKey)
class OnceKeyAdmin(LogAdmin):
    """The list of once keys, found by their very text."""

    uuid_fields = ()
    exact_fields = ("key",)
    list_display = ("key", "state", "what", "about", "when")
    list_select_related = ("record",)
    list_deferred = ("record__fields",)
    fields = ("key", "state", "what", "about", "when", "voided")
    readonly_fields = fields
    search_help_text = "The key, exactly"
    actions_detail = ("void",)
    empty_title = "Nothing was done only once yet"
    empty_words = (
        "Actions with a text under “Only once per” leave their keys here; a certificate shows its own."
    )
    empty_link = ("Write a rule", "admin:automations_rule_add")

    def has_void_permission(self, request: HttpRequest, _obj: Any = None) -> bool:
        """Who may void keys."""
        return request.user.has_perm("automations.void_oncekey")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OnceKey]:
        """With what a row shows."""
        return super().get_queryset(request).select_related("record")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Nothing for one that is voided."""
        live = OnceKey.objects.filter(pk=object_id, voided_at__isnull=True).exists()
        return super().get_actions_detail(request, object_id) if live else []

    @action(
        description="Void …",
        permissions=["void"],
        icon="undo",
        variant=ActionVariant.DANGER,
        dialog={
            "title": "Void this once key?",
            "description": "What it stands for may then happen once more: repeat its run, or wait for the next event.",
            "form_class": VoidForm,
            "form_submit_text": "Void 1 key",
        },
    )
    def void(self, request: HttpRequest, form: VoidForm, object_id: str) -> HttpResponse:
        """Frees the key; the reason stays with it, and in its history."""
        key = OnceKey.objects.get(pk=object_id)
        reason = form.cleaned_data["reason"]
        if once_keys.void(key, request.user.get_username(), reason):
            log_all(request, [key], f"Voided: {reason}")
            messages.success(request, "Voided: it may happen once more.")
        else:
            messages.warning(request, "It was voided before.")
        return after_dialog(request, reverse("admin:automations_oncekey_change", args=[object_id]))

    @display(description="State")
    def state(self, key: OnceKey) -> SafeString:
        """Done, claimed by work under way, or voided."""
        name = "voided" if key.voided_at else "done" if key.done_at else "claimed"
        return badge(name.capitalize(), COLOURS[name])

    @display(description="Record")
    def about(self, key: OnceKey) -> str:
        """Whom it is about, with a link."""
        if key.record is None:
            return ""
        page = reverse("admin:automations_record_change", args=[key.record_id])
        return format_html('<a class="text-link" href="{}">{}</a>', page, key.record)

    @display(description="When")
    def when(self, key: OnceKey) -> str:
        """When it was done, or claimed."""
        return moment(key.done_at or key.created_at)

    @display(description="Voided")
    def voided(self, key: OnceKey) -> str:
        """By whom, when and why."""
        return f"By {key.voided_by}, {moment(key.voided_at)}: {key.void_reason}" if key.voided_at else "No"
