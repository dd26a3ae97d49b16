"""Received: every request that was kept, what became of it, and how to have it processed or verified again."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from unfold.decorators import action, display

from automations import timeline
from automations.admin.logs import after_dialog, is_detail, log_all
from automations.models import Change
from webhooks_in import quarantine, replays, samples
from webhooks_in.admin.receipt_filters import ConflictFilter, SourceFilter, VerifiedFilter
from webhooks_in.models import Receipt, Source
from webhooks_in.replays import Replayed
from webhooks_in.samples import Sample
from webhooks_out.admin_log import (
    SHOWN,
    STATE_COLOURS,
    LogAdmin,
    SinceFilter,
    StateFilter,
    as_uuid,
    badge,
    header_table,
    pretty,
)
from webhooks_out.jobs import Job
from webhooks_out.secrets import SecretUnreadable

AT_ONCE = 500  # receipts one press may process or verify again
CHUNK = 20  # receipts whose bodies are in memory together


@admin.register(Receipt)
class ReceiptAdmin(LogAdmin):
    """The log of requests."""

    change_form_template = "admin/webhooks_in/receipt/page.html"
    list_display = ("when", "source", "shown_state", "identity", "repeats", "remarks")
    list_display_links = ("when",)
    list_filter = (SinceFilter, SourceFilter, StateFilter, VerifiedFilter, ConflictFilter)
    list_select_related = ("source",)
    list_deferred = ("body", "headers", "sealed_headers", "query")
    search_help_text = "An id, or the identity of an event"
    actions = ("process_selected", "verify_selected")
    actions_detail = ("process", "verify")
    empty_title = "Nothing was received yet"
    empty_words = "Every request a data source accepts appears here, and those that failed verification."
    empty_link = ("See the data sources", "admin:webhooks_in_source_changelist")

    class Media:
        css = {"all": ["incoming.css"]}
        js = ["incoming-copy.js"]

    def has_process_permission(self, request: HttpRequest, _obj: Any = None) -> bool:
        """Who may change receipts may have them processed or verified again."""
        return request.user.has_perm("webhooks_in.change_receipt")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Receipt]:
        rows = super().get_queryset(request)
        return rows.select_related("source__system") if is_detail(request) else rows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Receipt], search_term: str
    ) -> tuple[QuerySet[Receipt], bool]:
        """By the receipt's id or correlation id; else by the identity of its event."""
        if not (term := search_term.strip()):
            return queryset, False
        # An identity is looked up in the index of source and identity.
        found = Q(source__in=Source.objects.values("pk"), dedup_key=term)
        if number := as_uuid(term):
            caused = Change.objects.filter(correlation_id=number, receipt_id__isnull=False).values(
                "receipt_id"
            )
            found |= Q(pk=number) | Q(pk__in=caused)
        return queryset.filter(found), False

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Verify what is quarantined, process anew what is settled."""
        held = _one(object_id).filter(state=Job.State.HELD, verified=False).exists()
        fitting = "verify" if held else "process"
        return [one for one in super().get_actions_detail(request, object_id) if one.path == fitting]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Adds what was in the request and what came of it."""
        receipt = context["original"]
        changes = (
            Change.objects.filter(receipt_id=receipt.pk)
            .select_related("record")
            .defer("fields", "record__fields")
        )
        sample = samples.read(receipt) if len(receipt.body) <= samples.MAX_READ else None
        context |= {
            "headers": header_table(receipt.headers),
            **_shown(receipt, sample),
            "size": len(receipt.body),
            "sample": sample,
            "stories": timeline.stories(list(changes.defer("fields", "record__fields"))),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    @action(description="Process again", permissions=["process"])
    def process_selected(self, request: HttpRequest, receipts: QuerySet[Receipt]) -> None:
        """Fills in what is missing from the selected receipts."""
        self._process(request, receipts)

    @action(description="Verify again", permissions=["process"])
    def verify_selected(self, request: HttpRequest, receipts: QuerySet[Receipt]) -> None:
        """Verifies the quarantined ones among the selected receipts."""
        self._verify(request, receipts)

    @action(
        description="Process again",
        permissions=["process"],
        icon="replay",
        dialog={
            "title": "Process this request again?",
            "description": "The present rules judge it once more. What is missing is done, nothing is repeated.",
            "form_class": None,
            "form_submit_text": "Process again",
        },
    )
    def process(self, request: HttpRequest, _form: Form, object_id: str) -> HttpResponse:
        """Fills in what is missing from this receipt."""
        self._process(request, _one(object_id))
        return after_dialog(request, reverse("admin:webhooks_in_receipt_change", args=[object_id]))

    @action(
        description="Verify again",
        permissions=["process"],
        icon="verified_user",
        dialog={
            "title": "Verify this request again?",
            "description": "With the source's present secret. If it passes, it is processed.",
            "form_class": None,
            "form_submit_text": "Verify again",
        },
    )
    def verify(self, request: HttpRequest, _form: Form, object_id: str) -> HttpResponse:
        """Verifies this receipt if it is quarantined."""
        self._verify(request, _one(object_id))
        return after_dialog(request, reverse("admin:webhooks_in_receipt_change", args=[object_id]))

    @display(description="State")
    def shown_state(self, receipt: Receipt) -> str:
        """The state; held for want of verification is called quarantined."""
        if receipt.state == Job.State.HELD and not receipt.verified:
            marks = [badge("Quarantined", "warning")]
        else:
            marks = [badge(receipt.get_state_display(), STATE_COLOURS.get(receipt.state, ""))]
        marks += [badge("Conflict", "danger")] if receipt.conflict else []
        return format_html_join(" ", "{}", ((mark,) for mark in marks))

    @display(description="Identity")
    def identity(self, receipt: Receipt) -> str:
        """What it counts once by."""
        key = receipt.dedup_key or ""
        return key if len(key) <= 40 else f"{key[:39]}…"

    @display(description="Repeats")
    def repeats(self, receipt: Receipt) -> str:
        """How often it came again."""
        return str(receipt.duplicates or "")

    @display(description="Remarks")
    def remarks(self, receipt: Receipt) -> str:
        """Why it is not done, or what was noted while it was read."""
        words = receipt.reason or (str(receipt.notes[0]) if receipt.notes else "")
        return format_html('<span class="rule-sentence">{}</span>', words[:200])

    def _process(self, request: HttpRequest, receipts: QuerySet[Receipt]) -> None:
        ids, left = _first(receipts)
        told = replays.replay(_each(ids))
        log_all(request, Receipt.objects.filter(pk__in=ids).select_related("source"), "Processed again.")
        did = told.queued or told.runs or told.judged
        self.message_user(request, _words(told) + left, messages.SUCCESS if did else messages.WARNING)

    def _verify(self, request: HttpRequest, receipts: QuerySet[Receipt]) -> None:
        ids, left = _first(receipts.filter(state=Job.State.HELD, verified=False))
        try:
            passed, failed = quarantine.release(_each(ids), settings.PUBLIC_URL)
        except SecretUnreadable as reason:
            self.message_user(request, str(reason), messages.ERROR)
            return
        log_all(request, Receipt.objects.filter(pk__in=ids).select_related("source"), "Verified again.")
        words = (
            f"{passed} passed and will be processed, {failed} did not pass."
            if ids
            else "None is quarantined."
        )
        self.message_user(request, words + left, messages.SUCCESS if passed else messages.WARNING)


def _shown(receipt: Receipt, sample: Sample | None) -> dict[str, str]:
    """Query string and body; only the keys and values, with dots, when something sensitive is among them."""
    if sample and sample.masked:
        dotted = pretty(sample.masked.encode(), "application/json")
        return {"query": "", "body": dotted, "raw": dotted}
    body = bytes(receipt.body)
    raw = body[:SHOWN].decode("utf-8", "replace")
    return {"query": receipt.query, "body": pretty(body, receipt.content_type), "raw": raw}


def _one(object_id: Any) -> QuerySet[Receipt]:
    """The receipt with this id, as a set of one or none."""
    number = as_uuid(str(object_id))
    return Receipt.objects.filter(pk=number) if number else Receipt.objects.none()


def _first(receipts: QuerySet[Receipt]) -> tuple[list[UUID], str]:
    """The ids of the oldest, as many as one press may take, and what to say of the others."""
    ids = list(receipts.order_by("id").values_list("pk", flat=True)[: AT_ONCE + 1])
    if len(ids) <= AT_ONCE:
        return ids, ""
    return ids[:AT_ONCE], f" These were the oldest {AT_ONCE}; select the others again."


def _each(ids: list[UUID]) -> Iterator[Receipt]:
    """The receipts in order, a few at a time, for their bodies may be large."""
    for start in range(0, len(ids), CHUNK):
        chunk = Receipt.objects.filter(pk__in=ids[start : start + CHUNK]).order_by("id")
        yield from chunk.select_related("source").prefetch_related("source__field_map")


def _words(told: Replayed) -> str:
    """What became of them, as sentences; what did not happen is left out."""
    parts = (
        (told.judged, "judged again by the present rules"),
        (told.runs, "actions started that were missing"),
        (told.queued, "will be read again"),
        (told.overtaken, "left alone, because their records have changed since"),
        (told.unsettled, "left alone, because they are still at work or quarantined"),
        (told.unreadable, "still not understood"),
    )
    said = "; ".join(f"{count} {words}" for count, words in parts if count)
    return f"{said}." if said else "Nothing was missing."
