"""Certificate templates: written by filling in a form, and seen as PDF before they are saved."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path, reverse
from unfold.decorators import display

from automations import access, issuing, sensitive, tags
from automations.actions import post_webhook
from automations.actions.issue_certificate import KIND
from automations.admin.certificate_forms import CertificateTemplateForm
from automations.admin.definitions import DefinitionAdmin
from automations.models import Action, CertificateTemplate, Change, Record, Tag
from webhooks_out.mapping import Values

# The page is the browser's own viewer, which needs these two; what is in the file can load nothing.
PREVIEW = {
    "Content-Security-Policy": "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'",
    "Content-Disposition": 'inline; filename="preview.pdf"',
    "Cache-Control": "no-store",
}
NOT_YET = "This cannot be shown yet. Close this tab and mend it in the form:\n\n"
NO_RECORD = "There is no record of that id that you may see. Leave the id empty to choose one from the list."


@admin.register(CertificateTemplate)
class CertificateTemplateAdmin(DefinitionAdmin):
    """The templates, each with the records it can be tried on."""

    form = CertificateTemplateForm
    change_form_template = "admin/automations/certificatetemplate/change_form.html"
    fieldsets = (
        (None, {"fields": ("title", ("page", "orientation"), ("background_colour", "text_colour"))}),
        ("Words", {"fields": ("heading", "body", "footer", ("missing", "default"))}),
        ("Number and verification", {"fields": (("number_format", "digits"), "qr_code", "public_fields")}),
    )
    list_display = ("title", "paper", "issued", "last_number")
    search_fields = ("title",)
    empty_title = "No certificate template yet"
    empty_words = "A template says what a certificate looks like; a rule issues it."
    empty_link = ("Write a template", "admin:automations_certificatetemplate_add")

    class Media:
        js = ["certificates.js"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """With the images, each of which can be removed once it is there."""
        there = [name for name in issuing.IMAGES if obj and getattr(obj, name)]
        fields = (
            (f"new_{name}", f"no_{name}") if name in there else (f"new_{name}",) for name in issuing.IMAGES
        )
        return [
            *super().get_fieldsets(request, obj),
            ("Images", {"fields": [one for row in fields for one in row]}),
        ]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview_view)
        name = "automations_certificatetemplate_preview"
        return [
            path("preview/", view, name=f"{name}_new"),
            path("<int:object_id>/preview/", view, name=name),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CertificateTemplate]:
        """Lists do without the images."""
        rows = super().get_queryset(request)
        one = request.resolver_match and "object_id" in request.resolver_match.kwargs
        return rows if one else rows.defer(*issuing.IMAGES).annotate(count=Count("certificates"))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Only one that no certificate was issued from, and that no rule names."""
        return obj is not None and not _is_used(obj) and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        """Rules follow a template to its new title."""
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            if change and "title" in form.changed_data:
                for action in Action.objects.filter(kind=KIND, options__template=form.initial["title"]):
                    action.options = {**action.options, "template": obj.title}
                    action.save(update_fields=["options"])

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Adds the records to preview with."""
        original = context.get("original")
        name = "admin:automations_certificatetemplate_preview"
        url = reverse(name, args=[original.pk]) if original else reverse(f"{name}_new")
        context |= {"preview_url": url, "records": _offered(request)}
        return super().render_change_form(request, context, *args, **kwargs)

    def preview_view(self, request: HttpRequest, object_id: int | None = None) -> HttpResponse:
        """The form as it stands, saved or not, as PDF for one record; in words why it cannot be shown."""
        template = CertificateTemplate.objects.filter(pk=object_id).first() if object_id else None
        may = self.has_change_permission if object_id else self.has_add_permission
        if not may(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form = CertificateTemplateForm(request.POST, request.FILES, instance=template)
        if not form.is_valid():
            wrong = (f"{name}: {' '.join(map(str, found))}" for name, found in form.errors.items())
            return _words(NOT_YET + "\n".join(wrong))
        record = _chosen(request)
        if record is None:
            return _words(NO_RECORD)
        try:
            pdf = issuing.preview(form.instance, _values(request, record))
        except issuing.Lacking as lacking:
            return _words(str(lacking))
        return HttpResponse(pdf, content_type="application/pdf", headers=PREVIEW)

    @display(description="Paper")
    def paper(self, template: CertificateTemplate) -> str:
        """Its size and which way up it is."""
        return f"{template.get_page_display()}, {template.get_orientation_display().lower()}"

    @display(description="Issued")
    def issued(self, template: Any) -> int:
        """How many certificates, voided ones too."""
        return int(template.count)


def _is_used(template: Any) -> bool:
    named = Action.objects.filter(kind=KIND, options__template=template.title)
    return bool(template.certificates.exists() or named.exists())


def _offered(request: HttpRequest) -> list[Record]:
    """The newest records this person may see."""
    types = _types(request)
    return tags.newest(types) if types is None or types else []


def _types(request: HttpRequest) -> list[str] | None:
    """The record types this person may see; None for all."""
    if request.user.has_perm("automations.view_record"):
        return None
    return [name for name in access.MODELS if access.may_view(request.user, name)]


def _chosen(request: HttpRequest) -> Record | None:
    """The record of the id that was written, of the one that was chosen, or the newest; of those they may see."""
    types, key = _types(request), request.POST.get("_record", "")
    found = Record.objects.order_by("-id")
    found = found if types is None else found.filter(type__in=types)
    if written := request.POST.get("_record_id", "").strip().replace("\0", ""):
        return found.filter(external_id=written[:255]).first()
    if key.isascii() and key.isdecimal() and len(key) < 19:
        return found.filter(pk=int(key)).first()
    return found.first()


def _values(request: HttpRequest, record: Record) -> Values:
    """What the texts are filled from; what is sensitive as dots, except for who may change the record."""
    model = access.model_for(request.user, record.type)
    fields = record.fields
    if not (model and request.user.has_perm(f"automations.change_{model._meta.model_name}")):
        fields = sensitive.known().mask("", fields)
    change = Change(record=record, event="updated", fields=fields)
    return post_webhook.values(change, dict(Tag.objects.values_list("name", "path")))


def _words(text: str) -> HttpResponse:
    return HttpResponse(text, status=422, content_type="text/plain; charset=utf-8")
