"""Certificates that were issued: to find, to hand out, and to void with a reason."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from automations import access, issuing
from automations.models import Certificate, CertificateTemplate
from webhooks_out.admin_log import LogAdmin, SinceFilter, ago, badge, brief

MAX_REASON = 300  # characters


class TemplateFilter(DropdownFilter):
    """Those of one template."""

    title = "template"
    parameter_name = "template"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), title) for pk, title in CertificateTemplate.objects.values_list("pk", "title")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Certificate]) -> QuerySet[Certificate]:
        chosen = self.value() or ""
        fits = chosen.isascii() and chosen.isdecimal() and len(chosen) < 19
        return queryset.filter(template=int(chosen)) if fits else queryset


class VoidedFilter(DropdownFilter):
    """Valid or voided."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("valid", "Valid"), ("voided", "Voided")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Certificate]) -> QuerySet[Certificate]:
        states = {"valid": True, "voided": False}
        return (
            queryset.filter(voided_at__isnull=states[str(self.value())])
            if self.value() in states
            else queryset
        )


@admin.register(Certificate)
class CertificateAdmin(LogAdmin):
    """The list of certificates, and the page of one."""

    change_form_template = "admin/automations/certificate/page.html"
    list_display = ("number", "state", "about", "of_template", "issued", "pdf")
    list_display_links = ("number",)
    list_filter = (SinceFilter, TemplateFilter, VoidedFilter)
    list_select_related = ("record", "template", "document")
    list_deferred = ("values", "record__fields", *(f"template__{name}" for name in issuing.IMAGES))
    uuid_fields = ("id",)
    exact_fields = ("number", "code")
    search_help_text = "A number, or the code of a public page"
    empty_title = "No certificate yet"
    empty_words = "They appear here once a rule with the action “Issue certificate” fires."
    empty_link = ("Write a rule", "admin:automations_rule_add")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.void_view)
        return [
            path("<uuid:object_id>/void/", view, name="automations_certificate_void"),
            *super().get_urls(),
        ]

    def has_view_permission(self, request: HttpRequest, obj: Certificate | None = None) -> bool:
        """Who may see certificates sees those of records they may see."""
        may = request.user.has_perm("automations.view_certificate")
        return may and (obj is None or access.may_view(request.user, obj.record.type))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Certificate]:
        """Those of record types this person may see."""
        rows: QuerySet[Certificate] = super().get_queryset(request)
        if access.may_view(request.user, ""):
            return rows
        return rows.filter(
            record__type__in=[name for name in access.MODELS if access.may_view(request.user, name)]
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Adds where it is found, and what this person may do."""
        original = context["original"]
        context |= {
            "record_url": _record_url(request, original),
            "pdf_url": _pdf_url(request, original),
            "public_url": issuing.address_of(original.code),
            "may_void": _may_void(request) and original.is_valid,
            "may_see_run": original.run_id and request.user.has_perm("automations.view_run"),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def void_view(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Asks for the reason, and voids it."""
        if not (_may_void(request) and self.has_view_permission(request)):
            raise PermissionDenied
        certificate = self.get_queryset(request).filter(pk=object_id).first()
        if certificate is None:
            raise Http404
        reason = " ".join(request.POST.get("reason", "").replace("\0", "").split())
        if request.method == "POST" and reason:
            return self._void(request, certificate, reason[:MAX_REASON])
        context = {
            **self.admin_site.each_context(request),
            "title": "Void this certificate?",
            "opts": self.opts,
            "original": certificate,
            "lacks": request.method == "POST",
            "max_reason": MAX_REASON,
        }
        return render(request, "admin/automations/certificate/void.html", context)

    @display(description="State")
    def state(self, certificate: Certificate) -> SafeString:
        """Valid or voided."""
        return badge("Valid", "success") if certificate.is_valid else badge("Voided", "danger")

    @display(description="Record")
    def about(self, certificate: Certificate) -> str:
        """Whose it is."""
        return str(certificate.record)

    @display(description="Template")
    def of_template(self, certificate: Certificate) -> str:
        """What it was drawn from."""
        return certificate.template.title

    @display(description="Issued", header=True)
    def issued(self, certificate: Certificate) -> list[str]:
        """When, and how long ago."""
        return [brief(certificate.issued_at), f"{ago(certificate.issued_at)} ago"]

    @display(description="PDF")
    def pdf(self, certificate: Certificate) -> str:
        """The name of its file."""
        return certificate.document.name if certificate.document else "being drawn"

    def _void(self, request: HttpRequest, certificate: Certificate, reason: str) -> HttpResponse:
        if issuing.void(certificate, request.user, reason):  # type: ignore[arg-type] # - signed in
            self.log_change(request, certificate, f"Voided: {reason}")
            messages.success(
                request,
                f"Certificate {certificate} is void. Repeat its run, or let the event come again, to issue a new one.",
            )
        else:
            messages.warning(request, f"Certificate {certificate} was void already.")
        return redirect(reverse("admin:automations_certificate_change", args=[certificate.pk]))


def _may_void(request: HttpRequest) -> bool:
    return request.user.has_perm("automations.change_certificate")


def _record_url(request: HttpRequest, certificate: Certificate) -> str:
    model = access.model_for(request.user, certificate.record.type)
    name = f"admin:automations_{model._meta.model_name}_change" if model else ""
    return reverse(name, args=[certificate.record_id]) if name else ""


def _pdf_url(request: HttpRequest, certificate: Certificate) -> str:
    """Where the file is handed out to who may see documents of this record; "" for others."""
    model = access.model_for(request.user, certificate.record.type)
    may = model and certificate.document_id and request.user.has_perm("automations.view_document")
    name = f"admin:automations_{model._meta.model_name}_document" if model else ""
    return reverse(name, args=[certificate.record_id, certificate.document_id]) if may else ""
