"""What the logs of changes, runs and receipts share beside their read-only pages: filters, dialogs, empty states."""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.contrib.filters.admin import DropdownFilter

from automations.models import Change, Rule
from webhooks_out.admin_log import COUNTED, as_uuid


class RuleFilter(DropdownFilter):
    """What one rule started."""

    title = "rule"
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), name) for pk, name in Rule.objects.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rule = self.value() or ""
        return queryset.filter(rule=int(rule)) if rule.isascii() and rule.isdecimal() else queryset


def found_by_id(runs: QuerySet[Any], term: str, *columns: str) -> QuerySet[Any]:
    """The runs whose own id this is, or of whose change one of these columns is; all of them without a term."""
    if not term.strip():
        return runs
    if (number := as_uuid(term.strip())) is None:
        return runs.none()
    wanted = reduce(or_, (Q(**{column: number}) for column in columns))
    # Asked for first: PostgreSQL reads all runs rather than look a subquery beside an OR up in the index.
    changes = list(Change.objects.filter(wanted).order_by().values_list("pk", flat=True)[:COUNTED])
    return runs.filter(Q(pk=number) | Q(change__in=changes))


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
