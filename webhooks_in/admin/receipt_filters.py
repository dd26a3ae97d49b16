"""What the list of received requests can be narrowed to, each by an index."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter

from webhooks_in.models import Source
from webhooks_out.jobs import Job


class SourceFilter(DropdownFilter):
    """What one source sent."""

    title = "source"
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), title) for pk, title in Source.objects.values_list("pk", "title")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        source = self.value() or ""
        return queryset.filter(source=int(source)) if source.isascii() and source.isdecimal() else queryset


class VerifiedFilter(DropdownFilter):
    """What was let in, or what is quarantined."""

    title = "verification"
    parameter_name = "verified"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Verified"), ("no", "Quarantined")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "no":
            # Said twice, so that the index of unfinished receipts is used.
            return queryset.filter(state=Job.State.HELD, verified=False).exclude(state=Job.State.DONE)
        return queryset.filter(verified=True) if self.value() == "yes" else queryset


class ConflictFilter(DropdownFilter):
    """Repeats whose body differed from the first."""

    title = "conflict"
    parameter_name = "conflict"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Same identity, other body")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(conflict=True) if self.value() == "yes" else queryset
