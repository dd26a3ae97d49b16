"""Data sources: their form, their URL, and what they sent last."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action

from automations import identifiers
from automations.admin.logs import after_dialog
from automations.models import System
from webhooks_in import auto_post, samples
from webhooks_in.admin import scheme_fields, source_hints
from webhooks_in.admin.source_form import PATH_FIELDS, POSTED_FIELDS, SourceForm
from webhooks_in.admin.source_instructions import InstructionPage
from webhooks_in.admin.source_kinds import KINDS
from webhooks_in.admin.source_list import SourceColumns
from webhooks_in.admin.source_rows import FIELDS, ConstantInline, FieldInline
from webhooks_in.examples import example
from webhooks_in.models import Receipt, Source
from webhooks_out import definitions
from webhooks_out.admin_secrets import SECRET_INPUTS, SecretInput
from webhooks_out.secrets import SecretUnreadable

KEPT = {"id", "token", "token_digest"}  # columns a saved form leaves alone


@admin.register(Source)
class SourceAdmin(SourceColumns, InstructionPage):
    """Where updates come from."""

    form = SourceForm
    formfield_overrides = SECRET_INPUTS
    change_form_template = "admin/webhooks_in/source/change_form.html"
    inlines = (FieldInline, ConstantInline)
    actions_detail = ("instructions", "renew")
    conditional_fields = source_hints.CONDITIONS

    class Media:
        css = {"all": ["incoming.css"]}
        js = ["incoming-copy.js"]

    def get_fieldsets(self, request: HttpRequest, obj: Source | None = None) -> Any:
        """What everybody needs first; the rest is folded away."""
        on = ("active",) if obj else ()
        previous = obj and obj.previous_valid_until and obj.previous_valid_until > timezone.now()
        secret = ("secret", "end_previous") if previous else ("secret",)
        knobs = {"fields": scheme_fields.NAMES, "classes": ("when-custom",)}
        custom = (("Custom verification", knobs),) if self._may_edit(request, obj) else ()
        return (
            (None, {"fields": ("title", *on, "dialect", "preset", *secret)}),
            *custom,
            ("What it says of its records", {"fields": ("record_type", "event", "system")}),
            ("Known leads, and the answer", {"fields": POSTED_FIELDS, "classes": ("when-mapped",)}),
            (
                "What follows",
                {"fields": (*(("post_to",) if _may_make_rules(request) else ()), "imports_fire")},
            ),
            (
                "Where it stands in a request",
                {
                    "fields": PATH_FIELDS,
                    "classes": ("when-paths", "collapse"),
                    "description": "Paths such as data.id. Send a first request and copy them from the last samples.",
                },
            ),
            ("Repeats", {"fields": ("dedup_template", "dedup_window"), "classes": ("collapse",)}),
            (
                "Limits and note",
                {"fields": ("allow_get", "max_body", "note"), "classes": ("collapse",)},
            ),
        )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "secret":
            kwargs["widget"] = SecretInput(lines=2)  # a public key in PEM form has several
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name in PATH_FIELDS:
            field.widget.attrs |= {"list": "sample-paths", "autocomplete": "off"}
        if field and db_field.name == "match_field":
            field.widget.attrs |= {"list": FIELDS, "autocomplete": "off"}
        if field and db_field.name == "dialect":
            field.help_text = source_hints.of_dialects()
        if field and db_field.name == "preset":
            field.help_text = source_hints.of_presets()
        return field

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What the chosen beginning fills in."""
        given = super().get_changeform_initial_data(request)
        kind = KINDS.get(str(given.pop("kind", "")))
        return {**(kind.initial if kind else {}), **given}

    def has_delete_permission(self, request: HttpRequest, obj: Source | None = None) -> bool:
        """What it received refers to it, so only a source without receipts can go; any can be switched off."""
        unused = obj is not None and not Receipt.objects.filter(source=obj).exists()
        return unused and super().has_delete_permission(request, obj)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Adds the URL, for those who may change the source, and what it sent last, for those who may see receipts."""
        source = context.get("original")
        context["editable"] = self._may_edit(request, source)
        # Who may only look has no inputs that could say what is chosen.
        context["when"] = (
            source_hints.WHEN if context["editable"] else dict.fromkeys(source_hints.WHEN, "true")
        )
        context |= {"kinds": {} if source else KINDS, "kind": request.GET.get("kind", "")}
        if source and self.has_change_permission(request, source):
            context |= _address(source)
        latest: list[samples.Sample] = []
        if source and request.user.has_perm("webhooks_in.view_receipt"):
            context["samples"] = latest = samples.latest(source)
            context["sample_paths"] = samples.paths(latest, source.path_items)
        if context["editable"]:
            context |= source_hints.names(source, latest)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Source, form: SourceForm, change: bool) -> None:
        """Gives a new source its URL and, if none was chosen, a system of its name."""
        if not obj.system_id:
            obj.system, _ = System.objects.get_or_create(name=obj.title)
        if not change:
            obj.renew_token()
        form.rotate(obj, timezone.now())
        if change:
            # A URL that was renewed while the form was open stays as it is.
            obj.save(update_fields=[field.name for field in obj._meta.fields if field.name not in KEPT])
        else:
            super().save_model(request, obj, form, change)
        for sentence in source_hints.missing(obj):
            messages.warning(request, sentence)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """What stands in other tables because of the source: its rules, and what its records are recognised by."""
        super().save_related(request, form, formsets, change)
        source = form.instance
        if change and "title" in form.changed_data:
            auto_post.rename(source, form.initial["title"])
        if source.match_field:
            identifiers.register(source.system, source.match_field)
        if _may_make_rules(request):
            auto_post.keep(source, form.cleaned_data["post_to"])
        elif source.auto_post:
            auto_post.keep(source, auto_post.webhook_of(source))

    def response_add(self, request: HttpRequest, obj: Source, post_url_continue: Any = None) -> HttpResponse:
        """Leads to the new source's page, where its URL is."""
        response = super().response_add(request, obj, post_url_continue)
        page = reverse("admin:webhooks_in_source_change", args=[obj.pk])
        return (
            HttpResponseRedirect(page)
            if "_save" in request.POST and "_popup" not in request.POST
            else response
        )

    def _may_edit(self, request: HttpRequest, source: Source | None) -> bool:
        return self.has_change_permission(request, source) if source else self.has_add_permission(request)

    @action(
        description="Renew the URL",
        permissions=["change"],
        icon="autorenew",
        dialog={
            "title": "Renew the URL?",
            "description": "The present URL stops working within a second. Until the sender posts to the new one, "
            "its requests are refused and lost.",
            "form_class": None,
            "form_submit_text": "Renew the URL",
        },
    )
    def renew(self, request: HttpRequest, _form: Form, object_id: str) -> HttpResponse:
        """Gives the source a new URL."""
        source = self.get_object(request, object_id)
        if source is not None:
            with transaction.atomic():
                source.renew_token()
                source.save(update_fields=["token", "token_digest"])
                definitions.touch()
            self.log_change(request, source, "Renewed the URL.")
            self.message_user(request, "The source has a new URL: copy it to the sender.", messages.SUCCESS)
        return after_dialog(request, reverse("admin:webhooks_in_source_change", args=[object_id]))


def _may_make_rules(request: HttpRequest) -> bool:
    """Posting automatically is a rule."""
    return request.user.has_perms([f"automations.{deed}_rule" for deed in ("add", "change", "delete")])


def _address(source: Source) -> dict[str, Any]:
    """The source's URL and an example to post to it; or why the URL cannot be read."""
    try:
        url = settings.PUBLIC_URL + source.path
    except SecretUnreadable as reason:
        return {"ingest_problem": f"The URL cannot be shown. {reason} Or renew the URL."}
    return {"ingest_url": url, "example": example(source, url), "rule": source.auto_post}
