"""What the logs of changes, runs and receipts share beside their read-only pages: filters, dialogs, empty states."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.contrib.filters.admin import DropdownFilter

from automations.models import Rule


class RuleFilter(DropdownFilter):
    """What one rule started."""

    title = "rule"
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), name) for pk, name in Rule.objects.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rule = self.value() or ""
        return queryset.filter(rule=int(rule)) if rule.isascii() and rule.isdecimal() else queryset


def after_dialog(request: HttpRequest, url: str) -> HttpResponse:
    """Leads on to the page after a dialog's form was sent, with or without htmx."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def is_detail(request: HttpRequest) -> bool:
    """Whether one row is asked for, not a list."""
    return bool(request.resolver_match and "object_id" in request.resolver_match.kwargs)


def log_all(request: HttpRequest, rows: Iterable[Model], note: str) -> None:
    """Writes into the history of each row who did what."""
    LogEntry.objects.log_actions(str(request.user.pk), list(rows), CHANGE, note)
