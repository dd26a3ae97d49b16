"""The columns of the lists of records: an administrator chooses which fields the list of a type shows."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from automations import facets, sensitive, suggestions
from automations.columns import MAX_COLUMNS, UNREADABLE
from automations.models import Column

OPTIONS = "admin/automations/rule/field_options.html"
ABOUT = (
    "The list shows these instead of its usual columns, beside the name with the id, the last update and the "
    f"data source. At most {MAX_COLUMNS} are shown for each type."
)


class ColumnForm(forms.ModelForm):
    """A column; its field is chosen from those that were seen, or written."""

    class Meta:
        model = Column
        fields = ("record_type", "path", "label", "position")
        help_texts = {
            "path": "Begin to write: fields that were seen are offered. A nested one is address.city."
        }
        widgets = {
            "record_type": UnfoldAdminTextInputWidget(
                {
                    "list": "column-types",
                    "autocomplete": "off",
                    "hx-get": reverse_lazy("admin:automations_column_fields"),
                    "hx-trigger": "change",
                    "hx-target": "#column-fields",
                }
            ),
            "path": UnfoldAdminTextInputWidget({"list": "column-fields", "autocomplete": "off"}),
        }

    def clean_path(self) -> str:
        """The field, if every database can be asked for it."""
        path = str(self.cleaned_data["path"])
        if UNREADABLE.search(path):
            raise ValidationError(
                "A field with quotation marks or backslashes in its name cannot be a column."
            )
        return path


class ColumnTypeFilter(DropdownFilter):
    """The columns of one list."""

    title = "list"
    parameter_name = "record_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = Column.objects.order_by().values_list("record_type", flat=True).distinct()
        return [(name, name) for name in sorted({*suggestions.USUAL_TYPES, *chosen})]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(record_type=self.value()) if self.value() else queryset


@admin.register(Column)
class ColumnAdmin(ModelAdmin):
    """Which fields the lists of records show."""

    form = ColumnForm
    fieldsets = ((None, {"fields": ("record_type", "path", "label", "position"), "description": ABOUT}),)
    change_form_template = "admin/automations/column/change_form.html"
    list_display = ("heading", "path", "record_type", "position")
    list_editable = ("position",)
    list_filter = (ColumnTypeFilter,)
    search_fields = ("path", "label")
    empty_title = "Nobody has chosen columns yet"
    empty_words = (
        "The lists show the usual ones: for contacts e-mail, telephone and stage. Choose your own here."
    )
    empty_link = ("Add a column", "admin:automations_column_add")
    not_found = "A search finds fields and headings."

    def get_custom_urls(self) -> tuple[Any, ...]:
        return (("fields/", "automations_column_fields", self.fields_view),)

    def fields_view(self, request: HttpRequest, **_: Any) -> HttpResponse:
        """The fields of a record type as options, asked for by the form when the type is changed."""
        allowed = self.has_change_permission(request) or self.has_add_permission(request)
        fields = _offered(request.GET.get("record_type", "").strip()) if allowed else {}
        return render(request, OPTIONS, {"fields": fields})

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """For the list one came from, behind its last column."""
        record_type = request.GET.get("record_type", "Contact")
        last = Column.objects.filter(record_type=record_type).aggregate(last=Max("position"))["last"]
        return {"record_type": record_type, "position": (last or 0) + 1}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Adds the types and fields to choose from."""
        form = context["adminform"].form
        record_type = form["record_type"].value() if "record_type" in form.fields else ""
        context |= {
            "known_types": suggestions.types(set(facets.types())),
            "known_fields": _offered(str(record_type)) if record_type else {},
        }
        return super().render_change_form(request, context, *args, **kwargs)

    @display(description="Heading")
    def heading(self, column: Column) -> str:
        """What stands above the column."""
        return column.label or column.path


def _offered(record_type: str) -> dict[str, str]:
    """The fields of a type with examples, sensitive ones as dots."""
    hidden = sensitive.known()
    found = suggestions.fields(record_type)
    return {
        path: hidden.mask(path, example) for path, example in found.items() if not UNREADABLE.search(path)
    }
