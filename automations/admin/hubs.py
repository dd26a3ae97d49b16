"""Linked hubs: who they are, and whether the link works."""

import re
import secrets
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import URLPattern, path
from unfold.admin import ModelAdmin
from unfold.decorators import display

from automations import hubs
from automations.models import Hub
from webhooks_out.admin_secrets import SECRET_INPUTS, SecretsForm
from webhooks_out.http import check_url

ACCOUNT = re.compile(r"[0-9A-Za-z_.]{1,60}")
ABOUT = (
    "Link another Fieldhook to exchange documents with it, and have its administrator link this one with the same "
    "secret. Each hub then hands out to the other the documents of those records only that were posted to it."
)


class HubForm(SecretsForm):
    """A link that can work."""

    class Meta:
        model = Hub
        fields = ("title", "account", "url", "secret", "active", "max_file_size")

    def clean_account(self) -> str:
        """The other hub's account id."""
        account = str(self.cleaned_data["account"]).strip()
        if not ACCOUNT.fullmatch(account):
            raise ValidationError("An account id is made of letters, digits, . and _ only.")
        if account == settings.ACCOUNT_ID:
            raise ValidationError(
                f"{account} is this hub's own account id. Give each hub another ACCOUNT_ID, in its environment."
            )
        return account

    def clean_url(self) -> str:
        """Where it is reached, if it may be reached at all."""
        url = str(self.cleaned_data["url"]).strip()
        if problem := check_url(url, settings.ALLOWED_PRIVATE_NETWORKS):
            raise ValidationError(problem)
        return url

    def clean(self) -> dict[str, Any]:
        """The cleaned data, with a secret that is long enough."""
        cleaned = super().clean()
        entered = self.entry("secret").text
        if entered and len(entered) < hubs.SHORTEST_SECRET:
            self.add_error("secret", f"It needs at least {hubs.SHORTEST_SECRET} characters.")
        elif not cleaned.get("secret"):
            self.add_error("secret", "Enter the secret that both hubs share.")
        return cleaned


@admin.register(Hub)
class HubAdmin(ModelAdmin):
    """Other hubs that documents are exchanged with."""

    form = HubForm
    formfield_overrides = SECRET_INPUTS
    change_form_template = "admin/automations/hub/change_form.html"
    fieldsets = ((None, {"fields": HubForm.Meta.fields, "description": ABOUT}),)
    list_display = ("title", "account", "url", "is_active", "largest")
    search_fields = ("title", "account", "url")
    empty_title = "No linked hub yet"
    empty_words = ABOUT
    empty_link = ("Link a hub", "admin:automations_hub_add")
    warn_unsaved_form = True

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.test_view)
        return [path("<int:object_id>/test/", page, name="automations_hub_test"), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Tells what the other administrator must enter, and suggests a secret for a new link."""
        suggested = "" if context.get("original") else secrets.token_urlsafe(32)
        context |= {
            "account_id": settings.ACCOUNT_ID,
            "public_url": settings.PUBLIC_URL,
            "suggested": suggested,
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def test_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Asks the hub as it is saved who it is, and answers with what came of it, as a part of the page."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        hub = self.get_object(request, str(object_id))
        if not self.has_change_permission(request, hub):
            raise PermissionDenied
        if hub is None:
            raise Http404
        return render(request, "admin/automations/hub/tested.html", {"hub": hub, "problem": hubs.test(hub)})

    @display(description="Active", label={"On": "success", "Off": ""})
    def is_active(self, hub: Hub) -> str:
        """On or off."""
        return "On" if hub.active else "Off"

    @display(description="Largest document")
    def largest(self, hub: Hub) -> str:
        """With its unit."""
        return f"{hub.max_file_size} MB"
