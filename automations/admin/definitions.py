"""What administrators define is reloaded by the workers once it is saved; systems and tags are edited here."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from automations.models import System, Tag
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


@admin.register(Tag)
class TagAdmin(DefinitionAdmin):
    """The names that mappings may use in braces."""

    list_display = ("name", "path")
    search_fields = ("name", "path")
