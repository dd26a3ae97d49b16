"""What a person fills in for an import: the file and its source, how it is read, and what each column is for."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from webhooks_in.imports import updates
from webhooks_in.imports.layouts import DELIMITERS, ENCODINGS, WORKBOOK, Layout
from webhooks_in.models import Import, Source

MAX_FIELD = 200  # characters of a field's name
NO_ID = "none"


class UploadForm(forms.Form):
    """The file and where it belongs."""

    source = forms.ModelChoiceField(
        Source.objects.all(),
        label="Data source",
        empty_label="Choose …",
        widget=UnfoldAdminSelectWidget(),
        help_text="Its field map, constants and way with duplicates count for the file as for what it posts.",
    )
    file = forms.FileField(
        label="CSV or Excel file",
        max_length=200,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.txt,.tsv,.xlsx,text/csv"}),
        help_text="The first row must hold the headings. Nothing is imported yet.",
    )


class LayoutForm(forms.Form):
    """How the file is read, as it was guessed: for a text its delimiter and encoding, for a workbook the sheet."""

    delimiter = forms.ChoiceField(choices=list(DELIMITERS.items()), widget=UnfoldAdminSelectWidget())
    encoding = forms.ChoiceField(choices=list(ENCODINGS.items()), widget=UnfoldAdminSelectWidget())
    sheet = forms.ChoiceField(widget=UnfoldAdminSelectWidget())

    def __init__(self, layout: Layout, data: Mapping[str, Any] | None = None) -> None:
        shown = {"delimiter": layout.delimiter, "encoding": layout.encoding, "sheet": layout.sheet}
        super().__init__(data, initial=shown)
        self.layout = layout
        if layout.kind == WORKBOOK:
            del self.fields["delimiter"], self.fields["encoding"]
            self.fields["sheet"].choices = [(name, name) for name in layout.sheets]  # type: ignore[attr-defined] # - a choice field
        else:
            del self.fields["sheet"]

    def chosen(self) -> Layout:
        """The layout with what was chosen; its notes on the headings are told anew."""
        return replace(self.layout, notes=(), **self.cleaned_data)


def enter(load: Import, posted: Mapping[str, Any]) -> list[str]:
    """Puts what was entered for the columns into the import, not stored; what is wrong with it, as sentences."""
    load.mapping = [_field(posted, at) for at in range(len(load.headings))]
    wanted = str(posted.get("id", NO_ID))
    load.id_column = int(wanted) if wanted.isdecimal() and int(wanted) < len(load.headings) else None
    return list(_problems(load))


def field_input(at: int, value: str) -> str:
    """The input for the field of one column."""
    attributes = {"list": "known-fields", "autocomplete": "off", "id": f"field-{at}", "maxlength": MAX_FIELD}
    return UnfoldAdminTextInputWidget().render(f"field-{at}", value, attributes)


def _field(posted: Mapping[str, Any], at: int) -> str:
    if posted.get(f"leave-{at}"):
        return ""
    return " ".join(str(posted.get(f"field-{at}", "")).replace("\0", "").split())[:MAX_FIELD]


def _problems(load: Import) -> Any:
    used = [field for field in load.mapping if field]
    if not used:
        yield "Every column is left out. Name the field of at least one."
    for field in sorted({field for field in used if used.count(field) > 1}):
        yield f"Two columns are for {field}. Leave one out, or give it another field."
    if load.id_column is not None and not load.mapping[load.id_column]:
        yield f"“{load.headings[load.id_column]}” holds the record id, so it cannot be left out."
    for field in updates.required(load):
        yield f"The data source requires {field}. Say which column holds it."
