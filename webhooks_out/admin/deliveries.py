"""The log of deliveries: found quickly, told in order, sent again or cancelled by hand."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from webhooks_out.admin.by_hand import ByHand
from webhooks_out.admin.stories import answer, story
from webhooks_out.admin_log import NBSP, SinceFilter, StateFilter
from webhooks_out.models import Attempt, Delivery

NO_ANSWER = "none"
ANSWERS = {
    "2": "2xx accepted",
    "3": "3xx redirect",
    "4": "4xx refused",
    "5": "5xx broken",
    NO_ANSWER: "no answer",
}


class AnswerFilter(DropdownFilter):
    """What the receiver answered last, by the class of its status."""

    title = "answer"
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(ANSWERS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        value = self.value()
        if value not in ANSWERS:
            return queryset
        if value == NO_ANSWER:
            return queryset.exclude(state="done").filter(status__isnull=True).exclude(error="")
        found = queryset.filter(status__gte=int(value) * 100, status__lt=int(value) * 100 + 100)
        # What was not accepted is not done: the index of unfinished deliveries finds it.
        return found if value == "2" else found.exclude(state="done")


class OriginFilter(DropdownFilter):
    """Why it was made. What no rule made has an index of its own."""

    title = "origin"
    parameter_name = "origin"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in Delivery.Origin.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        if (origin := self.value()) not in Delivery.Origin.values:
            return queryset
        found = queryset.filter(origin=origin)
        return found if origin == Delivery.Origin.RULE else found.exclude(origin=Delivery.Origin.RULE)


@admin.register(Delivery)
class DeliveryAdmin(ByHand):
    """Every request made or to be made."""

    exact_fields = ("record_id",)
    list_deferred = ("body", "sealed", "headers", "url")
    list_select_related = ("webhook",)
    search_help_text = "Record id, delivery id or correlation id"
    empty_title = "Nothing was sent yet"
    empty_words = "Every request made to a webhook appears here, with what was sent and what came back."
    empty_link = ("See the webhooks", "admin:webhooks_out_webhook_changelist")
    list_display = ("when", "state_badge", "what", "record", "answer", "tries_made", "took", "reason")
    list_display_links = ("when",)
    list_filter = (
        StateFilter,
        ("webhook", RelatedDropdownFilter),
        OriginFilter,
        AnswerFilter,
        SinceFilter,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        tries = Attempt.objects.filter(delivery=OuterRef("pk")).order_by("-number")
        rows: QuerySet[Delivery] = super().get_queryset(request)
        return rows.annotate(seconds=Subquery(tries.values("seconds")[:1]))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Adds the delivery's story, and whether this person may do something to it."""
        context |= story(context["original"]) | {"may_send": self.has_send_permission(request)}
        return super().render_change_form(request, context, *args, **kwargs)

    @display(description="Webhook")
    def what(self, delivery: Delivery) -> str:
        """The webhook, by its present title if it still exists."""
        title = delivery.webhook.title if delivery.webhook else delivery.title
        return (
            title if delivery.origin == Delivery.Origin.RULE else f"{title} ({delivery.get_origin_display()})"
        )

    @display(description="Record", empty_value="–")
    def record(self, delivery: Delivery) -> str | None:
        """Whom it is about."""
        return f"{delivery.record_name or delivery.record_type} {delivery.record_id}".strip() or None

    @display(description="Answer", empty_value="–")
    def answer(self, delivery: Delivery) -> str | None:
        """The last status, or why there was none."""
        return answer(delivery.status, delivery.error) or None

    @display(description="Attempts")
    def tries_made(self, delivery: Delivery) -> str:
        """How many were made of how many at most."""
        return f"{delivery.attempts}{NBSP}of{NBSP}{delivery.max_attempts}"

    @display(description="Took", empty_value="–")
    def took(self, delivery: Delivery) -> str | None:
        """The last attempt's time."""
        seconds = getattr(delivery, "seconds", None)
        return None if seconds is None else f"{seconds:.2f}{NBSP}s"
