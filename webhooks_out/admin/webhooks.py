"""The pages of webhooks: their list and their form."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.db import transaction
from django.db.models import Field, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from webhooks_out import checks, definitions, health, outbox, sample_rows
from webhooks_out.admin.health import LIMITS, UNCHECKED, HealthPage
from webhooks_out.admin.key_values import KeyValueInline
from webhooks_out.admin_log import moment
from webhooks_out.admin_secrets import SECRET_INPUTS, SecretInput
from webhooks_out.bodies import BODY_KINDS
from webhooks_out.forms import HUB, SPLIT, KeyValueFormSet, WebhookForm
from webhooks_out.models import Webhook
from webhooks_out.transforms import TRANSFORMS


class WebhookAdmin(HealthPage):
    """Outgoing webhooks."""

    form = WebhookForm
    inlines = (KeyValueInline,)
    formfield_overrides = SECRET_INPUTS
    warn_unsaved_form = True
    list_display = ("title", "status", "method", "host", "last_success", "trouble", "log")
    list_filter = ("active", "method", "body_kind")
    search_fields = ("title", "url", "note")
    ordering = ("title",)
    empty_title = "No webhook yet"
    empty_words = (
        "A webhook says where a record is sent to, and under which keys. Rules and people post to it."
    )
    empty_link = ("Add a webhook", "admin:webhooks_out_webhook_add")
    readonly_fields = ("health", "signing")
    fieldsets = (
        ("What and where", {"fields": ("title", "url", "method", "mode", "offered_to", "active", "health")}),
        (
            "Authentication and headers",
            {
                "fields": ("port", "auth_username", "auth_password", "headers", "secret_headers"),
                "description": "Only if the posting instructions ask for it. Keys are something else: they go below.",
                "classes": ("collapse",),
            },
        ),
        ("What is sent", {"fields": ("body_kind",), "classes": ("rows",)}),
        (
            "Signing",
            {"fields": ("signing", "signing_secret", "new_signing_secret"), "classes": ("collapse",)},
        ),
        (
            "Attempts",
            {"fields": (("max_attempts", "timeout"), ("schedule", "concurrency")), "classes": ("collapse",)},
        ),
        ("Limits and health", {"fields": LIMITS, "classes": ("collapse",)}),
        ("Encryption (TLS)", {"fields": ("verify_tls", "ca"), "classes": ("collapse",)}),
        ("Note", {"fields": ("note",), "classes": ("collapse",)}),
    )

    class Media:
        css = {"all": ["tags.css"]}
        js = ["incoming-copy.js"]

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path("try/", self.admin_site.admin_view(self.try_view), name="webhooks_out_webhook_try_new"),
            path(
                "<int:object_id>/try/",
                self.admin_site.admin_view(self.try_view),
                name="webhooks_out_webhook_try",
            ),
        ]
        return pages + super().get_urls()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A webhook that is not saved yet has no health."""
        first, *rest = super().get_fieldsets(request, obj)
        fields = [name for name in first[1]["fields"] if obj or name != "health"]
        return [(first[0], {**first[1], "fields": fields}), *rest]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if "verify_tls" in form.base_fields and not request.user.has_perm("webhooks_out.send_unverified"):
            form.base_fields["verify_tls"].disabled = True
        return form

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "secret_headers":
            kwargs["widget"] = SecretInput(lines=2)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        samples = self.samples(request)
        fields, tags = samples.fields(), samples.tags()
        if request.method == "POST" and SPLIT in request.POST:
            if request.POST[SPLIT] == HUB:
                data, added = sample_rows.fill_texts(request.POST, "key_values", samples.hub_rows())
            else:
                data, added = sample_rows.fill(request.POST, "key_values", fields)
            request.POST = data  # type: ignore[assignment]  # the form is shown again - with these data
            self._tell_split(request, added, request.POST[SPLIT])
        context = {
            "names": fields,
            "tags": tags,
            "tag_groups": samples.tag_groups(),
            "records": samples.choices(),
            "transforms": TRANSFORMS.values(),
            "bodies": BODY_KINDS.values(),
        }
        return super().changeform_view(request, object_id, form_url, (extra_context or {}) | context)

    def save_model(self, request: HttpRequest, obj: Webhook, form: WebhookForm, change: bool) -> None:
        """Shows a new signing secret this once."""
        secret = form.rotate(obj, timezone.now())
        health.save(obj, request.user.get_username())
        if secret:
            messages.warning(request, f"The new signing secret, shown only this once: {secret}")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Saves the rows, takes secrets away from a new address, and has the workers load it all anew."""
        super().save_related(request, form, formsets, change)
        rows = next((formset for formset in formsets if isinstance(formset, KeyValueFormSet)), None)
        pairs = rows.rows(moved=False) if rows else []
        # Who may not see the rows must not be able to send their secrets elsewhere either.
        stored = rows.lost() if rows else [row for row in form.instance.key_values.all() if row.secret]
        lost = stored if form.moved else []
        for row in lost:
            row.secret = ""
            row.save(update_fields=["secret"])
        definitions.touch()
        self._warn(request, form, [*form.lost, *(f"the secret value of {row.key}" for row in lost)])
        samples = self.samples(request)
        for doubt in checks.doubts([row.pair() for row in pairs], [*samples.tags(), *samples.fields()]):
            messages.warning(request, doubt)

    def delete_model(self, request: HttpRequest, obj: Webhook) -> None:
        """Deletes it; what waits for it is cancelled, and says why."""
        self.delete_queryset(request, Webhook.objects.filter(pk=obj.pk))

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        """Deletes them; what waits for them is cancelled, and says why."""
        for webhook in queryset:
            outbox.cancel_waiting(webhook, f"{request.user.get_username()} deleted the webhook.")
        super().delete_queryset(request, queryset)
        definitions.touch()

    @display(description="Host")
    def host(self, webhook: Webhook) -> str:
        """Where it posts to."""
        return urlsplit(webhook.url).netloc + (f":{webhook.port}" if webhook.port else "")

    @display(description="Log")
    def log(self, webhook: Webhook) -> SafeString:
        """The way to its deliveries."""
        url = f"{reverse('admin:webhooks_out_delivery_changelist')}?webhook__id__exact={webhook.pk}"
        return format_html('<a href="{}" class="text-link">Deliveries</a>', url)

    @display(description="Signature")
    def signing(self, webhook: Webhook) -> str:
        """Whether and with what requests are signed."""
        if not webhook.signing_secret:
            return "Requests are not signed. They carry an id by which the receiver knows a repetition."
        until = webhook.previous_valid_until
        both = until is not None and until > timezone.now()
        return "Requests are signed" + (
            f", until {moment(until)} with the replaced secret too." if both else "."
        )

    def _tell_split(self, request: HttpRequest, added: int, what: str) -> None:
        if added and what == HUB:
            messages.info(
                request, f"{added} rows were added below. Take out what you do not want to send, then save."
            )
        elif added:
            said = f"{added} keys were added below. Map each to a field, then save."
            messages.info(request, said.replace("1 keys were", "1 key was"))
        else:
            messages.warning(request, "No new keys were found in the sample.")

    def _warn(self, request: HttpRequest, form: WebhookForm, lost: list[str]) -> None:
        if lost:
            said = "The address is a new one. What was entered for the old one was removed: "
            messages.warning(
                request, f"{said}{', '.join(lost)}. Enter it again if the new receiver needs it."
            )
        if not form.instance.verify_tls:
            messages.warning(request, UNCHECKED)
