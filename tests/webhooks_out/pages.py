"""What a browser would post to the admin's pages of webhooks, and people who may do only some things."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import Permission, User
from django.http import HttpResponse
from django.test import Client

from webhooks_out.models import Webhook

ADD = "/admin/webhooks_out/webhook/add/"
HOSTILE = "<img src=x onerror=alert(1)>{{7*7}}"
PLAIN = {
    "title": "Partner",
    "url": "https://partner.example/in",
    "method": "POST",
    "mode": "background",
    "active": "on",
    "body_kind": "form",
    "max_attempts": "3",
    "schedule": "30, 300",
    "timeout": "20",
    "concurrency": "32",
    "rate": "0",
    "rate_per": "second",
    "order": "any",
    "breaker_after": "10",
    "disable_after": "24",
    "verify_tls": "on",
}


def form_of(
    webhook: Webhook | None = None, rows: list[Mapping[str, str]] | None = None, **changes: str
) -> dict[str, str]:
    """The form of a webhook as its page shows it, with these changes; `rows` are new ones."""
    data = dict(PLAIN)
    stored = list(webhook.key_values.all()) if webhook else []
    if webhook:
        names = (*PLAIN, "port", "auth_username", "headers", "note")
        data |= {
            name: "" if (value := getattr(webhook, name)) is None else str(value)
            for name in names
            if name not in ("active", "verify_tls")
        }
    for index, row in enumerate(stored):
        columns = (
            "id",
            "position",
            "key",
            "kind",
            "value",
            "missing",
            "default",
            "transform",
            "argument",
            "note",
        )
        data |= {f"key_values-{index}-{name}": str(getattr(row, name)) for name in columns}
    for index, new in enumerate(rows or [], len(stored)):
        row_data = {"kind": "field", "missing": "empty", **new}
        data |= {f"key_values-{index}-{name}": value for name, value in row_data.items()}
    data["key_values-TOTAL_FORMS"] = str(len(stored) + len(rows or []))
    data["key_values-INITIAL_FORMS"] = str(len(stored))
    return {name: value for name, value in (data | changes).items() if value is not None}


def page_of(webhook: Webhook) -> str:
    """The address of a webhook's page."""
    return f"/admin/webhooks_out/webhook/{webhook.pk}/change/"


def save(client: Client, webhook: Webhook | None = None, **form: Any) -> HttpResponse:
    """Saves the form and follows to the list with its messages."""
    return client.post(page_of(webhook) if webhook else ADD, form_of(webhook, **form), follow=True)


def said(answer: HttpResponse) -> str:
    """The page as text."""
    return answer.content.decode()


def staff(*permissions: str) -> Client:
    """Somebody who is signed in and may do just this."""
    user = User.objects.create_user(f"staff{User.objects.count()}", password="a password", is_staff=True)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    client = Client()
    client.force_login(user)
    return client
