"""The lists below a data source: the field map of its keys, and what new records get beside them."""

from typing import Any

from django import forms
from django.db.models import Model
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from unfold.admin import StackedInline

from webhooks_in import checks
from webhooks_in.dialects.reading import FieldRow
from webhooks_in.models import SourceConstant, SourceField

KEYS, FIELDS = "source-keys", "source-fields"  # ids of the lists of names that are offered


class FieldForm(forms.ModelForm):
    """A row of the field map, refused when it could not do what it says of a missing key."""

    class Meta:
        model = SourceField
        fields = ("key", "field", "required", "transform", "missing", "default", "sensitive", "owner")

    def clean(self) -> dict[str, Any]:
        """Forgets a default nobody sees, and says what is wrong where it is mended."""
        cleaned = super().clean() or {}
        if cleaned.get("missing") != SourceField.Missing.DEFAULT:
            cleaned["default"] = ""
            self.errors.pop("default", None)
        if not self.errors and (reason := checks.default_problem(row(cleaned))):
            self.add_error("default" if reason != checks.NEVER_MISSING else "missing", reason)
        return cleaned


class FieldMap(BaseInlineFormSet):
    """All rows of the field map."""

    def clean(self) -> None:
        """Refuses what the map does to recognising duplicates."""
        super().clean()
        rows = [row(cleaned) for cleaned in _entered(self)]
        _check_match(checks.match_problem(self.instance.match_field, rows, ()))


class Constants(BaseInlineFormSet):
    """All constants."""

    def clean(self) -> None:
        """Refuses a constant by which duplicates are recognised."""
        super().clean()
        fields = {cleaned["field"] for cleaned in _entered(self)}
        _check_match(checks.match_problem(self.instance.match_field, (), fields))


class SourceRows(StackedInline):
    """Rows on the page of a source, laid out by our own template. Who may change the source may change them."""

    template = "admin/webhooks_in/source/rows.html"
    extra = 0
    lists: dict[str, str] = {}  # the field of a row → the list of names it offers
    row_template = heading = about = add_words = ""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name in self.lists:
            field.widget.attrs |= {"list": self.lists[db_field.name], "autocomplete": "off"}
        return field

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm(f"webhooks_in.{'change' if obj else 'add'}_source")

    has_change_permission = has_delete_permission = has_add_permission

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("webhooks_in.view_source") or self.has_add_permission(request, obj)


class FieldInline(SourceRows):
    """The field map of keys and values."""

    model = SourceField
    form = FieldForm
    formset = FieldMap
    lists = {"key": KEYS, "field": FIELDS}
    row_template = "admin/webhooks_in/source/field.html"
    heading = "Field map"
    about = (
        "The key exactly as the sender writes it, and the record's field it fills. Keys that are not listed keep "
        "their own name."
    )
    add_words = "Add a key"
    when = "mapped"


class ConstantInline(SourceRows):
    """What new records get beside what their sender says."""

    model = SourceConstant
    formset = Constants
    lists = {"field": FIELDS}
    row_template = "admin/webhooks_in/source/constant.html"
    heading = "New records also get"
    about = (
        "Fields that every record created through this source gets, unless its sender says otherwise: stage, status, "
        "campaign, type, file_type …"
    )
    add_words = "Add a constant"
    when = ""


def row(cleaned: dict[str, Any]) -> FieldRow:
    """A row of the form as dialects read it."""
    names = ("key", "field", "required", "transform", "missing", "default")
    return FieldRow(**{name: cleaned[name] for name in names})


def _check_match(reason: str) -> None:
    if reason:
        raise forms.ValidationError(f"Recognise duplicates by: {reason}")


def _entered(formset: BaseInlineFormSet) -> list[dict[str, Any]]:
    """What was entered in the rows that will be kept and are right."""
    kept = (form for form in formset.forms if form not in formset.deleted_forms)
    return [form.cleaned_data for form in kept if form.is_valid() and form.cleaned_data.get("field")]
