"""The log of e-mails: what was written to whom, and what the mail server said."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from automations import access
from automations.admin.logs import is_detail
from automations.models import EmailMessage, Recipient
from webhooks_out.admin_log import LogAdmin, as_uuid

State = EmailMessage.State
COLOURS = {State.SENDING.value: "info", State.SENT.value: "success", State.FAILED.value: "danger"}
FOUND = 500  # e-mails to one address that are listed, the newest
MAX_SHOWN = 100  # characters of recipients, of a subject, and of an answer, in the list


class SentFilter(DropdownFilter):
    """E-mails in one state. All but those that were sent are found through the index of what is not."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in State.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[EmailMessage]) -> QuerySet[EmailMessage]:
        if (state := self.value()) not in State.values:
            return queryset
        found = queryset.filter(state=state)
        return found if state == State.SENT else found.exclude(state=State.SENT)


@admin.register(EmailMessage)
class EmailMessageAdmin(LogAdmin):
    """The list of e-mails of rules, and the page of one."""

    change_form_template = "admin/automations/emailmessage/page.html"
    list_display = ("when", "sending", "recipients", "letter", "template_used", "about", "answer")
    list_display_links = ("when",)
    list_filter = (SentFilter,)
    list_select_related = ("record",)
    list_deferred = ("record__fields",)
    search_help_text = "An address, a Message-ID, or the id of a run, exactly"
    empty_title = "No e-mail was sent yet"
    empty_words = "They appear here once a rule with the action “Send e-mail” or “Notify staff” fires."
    empty_link = ("Write a rule", "admin:automations_rule_add")

    def get_queryset(self, request: HttpRequest) -> QuerySet[EmailMessage]:
        rows = super().get_queryset(request)
        return rows.select_related("run", "record__system") if is_detail(request) else rows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[EmailMessage], search_term: str
    ) -> tuple[QuerySet[EmailMessage], bool]:
        """By a Message-ID, with or without its brackets, by a run, else by an address; each step is an index's."""
        if not (term := search_term.strip()):
            return queryset, False
        if number := as_uuid(term):
            return queryset.filter(run=number), False
        named = EmailMessage.objects.filter(message_id__in=[term, f"<{term}>"])
        if ids := list(named.order_by().values_list("pk", flat=True)):
            return queryset.filter(pk__in=ids), False
        found = Recipient.objects.filter(address=term.casefold()).order_by("-email_id")
        return queryset.filter(pk__in=list(found.values_list("email_id", flat=True)[:FOUND])), False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Adds where its record is found."""
        record = context["original"].record
        model = access.model_for(request.user, record.type)
        name = f"admin:automations_{model._meta.model_name}_change" if model else ""
        context["record_url"] = reverse(name, args=[record.pk]) if name else ""
        return super().render_change_form(request, context, *args, **kwargs)

    @display(description="State", label=COLOURS)
    def sending(self, email: EmailMessage) -> tuple[str, str]:
        """Whether it was sent, coloured."""
        return email.state, email.get_state_display()

    @display(description="To")
    def recipients(self, email: EmailMessage) -> SafeString:
        """Whom it goes to, cut when there are many."""
        return _cell(email.to)

    @display(description="Subject")
    def letter(self, email: EmailMessage) -> SafeString:
        """Its subject, with the Message-ID below."""
        return _cell(email.subject, email.message_id)

    @display(description="Template")
    def template_used(self, email: EmailMessage) -> str:
        """What it was written from."""
        return email.template or "told to staff"

    @display(description="Record")
    def about(self, email: EmailMessage) -> str:
        """Whom it is about, with a link."""
        page = reverse("admin:automations_record_change", args=[email.record_id])
        return format_html('<a class="text-link" href="{}">{}</a>', page, email.record)

    @display(description="Answer", empty_value="–")
    def answer(self, email: EmailMessage) -> SafeString | None:
        """What the mail server said of it, or why it was not reached."""
        return _cell(email.words) if email.words else None


def _cell(text: str, below: str = "") -> SafeString:
    cut = text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
    return format_html('<span class="email-cell">{} <small>{}</small></span>', cut, below)
