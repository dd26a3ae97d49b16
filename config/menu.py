"""The menus of the admin, in the users' words, and what stands around them."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

# (group, ((words, icon, model or view), …)); what is not registered or not permitted is left out.
MENU = (
    ("", (("Home", "home", "admin:index"),)),
    (
        "Work",
        (
            ("Contacts", "person", "automations.Contact"),
            ("Companies", "apartment", "automations.Company"),
            ("Tasks", "task_alt", "automations.Task"),
            ("All records", "database", "automations.Record"),
            ("Queue", "schedule", "automations.Queued"),
            ("Mass posts", "forward_to_inbox", "automations.Batch"),
            ("Certificates", "workspace_premium", "automations.Certificate"),
            ("Changes", "difference", "automations.Change"),
        ),
    ),
    (
        "Automate",
        (
            ("Rules", "rule", "automations.Rule"),
            ("Webhooks", "webhook", "webhooks_out.Webhook"),
            ("E-mail templates", "mail", "automations.EmailTemplate"),
            ("Data sources", "input", "webhooks_in.Source"),
            ("Imports", "upload_file", "webhooks_in.Import"),
            ("Certificate templates", "license", "automations.CertificateTemplate"),
            ("Tags", "data_object", "automations.Tag"),
        ),
    ),
    (
        "Log",
        (
            ("Received", "move_to_inbox", "webhooks_in.Receipt"),
            ("Runs", "play_circle", "automations.Run"),
            ("Deliveries", "outbox", "webhooks_out.Delivery"),
            ("E-mails", "mark_email_read", "automations.EmailMessage"),
            ("Once keys", "key", "automations.OnceKey"),
        ),
    ),
    (
        "System",
        (
            ("Users", "group", "auth.User"),
            ("Groups", "shield_person", "auth.Group"),
            ("Systems", "dns", "automations.System"),
            ("Linked hubs", "hub", "automations.Hub"),
            ("Columns of lists", "view_column", "automations.Column"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of the menu with what this person may see; empty groups are left out."""
    groups = [{"title": title, "items": _items(request, items)} for title, items in MENU]
    return [group for group in groups if group["items"]]


def environment(_request: HttpRequest) -> list[str] | None:
    """The label beside the person's name: that this is the demo, if it is."""
    return ["Demo", "warning"] if settings.DEMO else None


def _items(request: HttpRequest, items: tuple[tuple[str, str, str], ...]) -> list[dict[str, Any]]:
    found = ((title, symbol, _link(request, target)) for title, symbol, target in items)
    return [{"title": title, "icon": symbol, "link": link} for title, symbol, link in found if link]


def _link(request: HttpRequest, target: str) -> str:
    if ":" in target:
        return reverse(target)
    model = apps.get_model(target)
    if not admin.site.is_registered(model):
        return ""
    if not admin.site.get_model_admin(model).has_view_permission(request):
        return ""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
