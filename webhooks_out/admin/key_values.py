"""The rows of a webhook's mapping, as a part of its page."""

from typing import Any

from django.db.models import Field
from django.http import HttpRequest
from unfold.admin import StackedInline

from webhooks_out.admin_secrets import SECRET_INPUTS
from webhooks_out.forms import KeyValueForm, KeyValueFormSet
from webhooks_out.models import KeyValue

NAMES = "fh-names"  # id of the list of fields and tags that the value inputs offer


class KeyValueInline(StackedInline):
    """One row per key; our template shows of each row what its kind needs."""

    model = KeyValue
    form = KeyValueForm
    formset = KeyValueFormSet
    template = "admin/webhooks_out/webhook/key_values.html"
    formfield_overrides = SECRET_INPUTS
    ordering_field = "position"
    extra = 0
    fields = (
        *("position", "key", "kind", "value", "secret", "missing", "default"),
        *("transform", "argument", "sensitive", "owner", "note"),
    )

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "value" and field:
            field.widget.attrs["list"] = NAMES
        return field
