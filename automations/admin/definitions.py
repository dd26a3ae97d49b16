"""What administrators define is reloaded by the workers once it is saved; systems are edited here."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from automations.models import System
from webhooks_out import definitions


class DefinitionAdmin(ModelAdmin):
    """The admin of something workers keep in memory: each save and delete tells them, in the same transaction."""

    warn_unsaved_form = True

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        definitions.touch()

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        with transaction.atomic():
            super().delete_model(request, obj)
            definitions.touch()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> None:
        with transaction.atomic():
            super().delete_queryset(request, queryset)
            definitions.touch()


@admin.register(System)
class SystemAdmin(DefinitionAdmin):
    """The systems records live in; data sources make them, too."""

    search_fields = ("name",)
    empty_title = "No system yet"
    empty_words = (
        "A system is a CRM, or another place where records live. A data source brings its own along."
    )
    empty_link = ("Add a data source", "admin:webhooks_in_source_add")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Only one that nothing refers to: a system's records may be millions, too many to be listed as reasons."""
        return obj is not None and not _is_used(obj) and super().has_delete_permission(request, obj)


def _is_used(row: Model) -> bool:
    accessors = (related.get_accessor_name() for related in row._meta.related_objects)
    return any(getattr(row, name).exists() for name in accessors if name)
