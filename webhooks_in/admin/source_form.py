"""The form of a data source: what is asked first, what depends on the choices, and what cannot work."""

import re
from datetime import datetime, timedelta
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from webhooks_in import auto_post, checks, schemes
from webhooks_in.admin import scheme_fields
from webhooks_in.dialects.events import as_type
from webhooks_in.models import CUSTOM, PATHS, Source
from webhooks_in.presets import PRESETS
from webhooks_in.schemes import Scheme
from webhooks_in.signatures import unusable
from webhooks_out.admin_secrets import Entry, SecretsForm
from webhooks_out.models import Webhook
from webhooks_out.secrets import Secret, SecretUnreadable

GRACE = timedelta(hours=24)  # a replaced secret still counts for this long
POSTED_FIELDS = tuple(checks.IDLE)  # asked for posting URLs only
PATH_FIELDS = ("path_record_id", *(f"path_{name}" for name in PATHS if name != "record_id"))

PATH_LABELS = {
    "record_id": "Record id",
    "record_type": "Record type",
    "event": "Event",
    "event_id": "Event's own id",
    "changes": "Changes",
    "snapshot": "Record",
    "occurred_at": "Time of the event",
    "items": "List of events",
}

_TAG = re.compile(r"\{[^{}]{1,200}\}")


_Knobs: Any = type("_Knobs", (forms.Form,), dict(scheme_fields.fields()))


class SourceForm(_Knobs, SecretsForm):
    """A data source with the knobs of its verification as fields of their own."""

    end_previous = forms.BooleanField(
        label="End the previous secret",
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text="It stops counting at once instead of 24 hours after it was replaced.",
    )
    post_to = forms.ModelChoiceField(
        Webhook.objects.order_by("title"),
        label="Automatically post to",
        required=False,
        empty_label="Nowhere",
        widget=UnfoldAdminSelectWidget(),
        help_text="Each new record of this source is posted to this webhook, by a rule that is made for you.",
    )

    class Meta:
        model = Source
        fields = (
            *(
                "title",
                "dialect",
                "preset",
                "secret",
                "active",
                "system",
                "record_type",
                "event",
                "allow_get",
            ),
            *PATH_FIELDS,
            *POSTED_FIELDS,
            *("imports_fire", "dedup_template", "dedup_window", "max_body", "note"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._had = self.instance.secret
        custom = self.instance.custom_scheme
        shown = Scheme(**custom) if custom else _template(self.instance.preset)
        self.initial = {**scheme_fields.initial(shown), **self.initial}
        system = self.fields.get("system")
        if isinstance(system, forms.ModelChoiceField):
            system.required, system.empty_label = False, "A new one, named like the source"
        self.initial["post_to"] = auto_post.webhook_of(self.instance)
        for name, label in PATH_LABELS.items():
            if field := self.fields.get(f"path_{name}"):
                field.label = label

    def clean_record_type(self) -> str:
        """The type as dialects write it: contact and CONTACT are Contact."""
        return as_type(str(self.cleaned_data["record_type"]))

    def clean_match_field(self) -> str:
        """The field as it is looked up: E-mail is email."""
        field = checks.match_field(str(self.cleaned_data["match_field"]))
        if reason := checks.match_problem(field, (), ()):
            raise forms.ValidationError(reason)
        return field

    def clean_dedup_template(self) -> str:
        """The template, if it can ever give an identity."""
        template = str(self.cleaned_data["dedup_template"]).strip()
        literal = _TAG.sub("", template)
        if "{" in literal or "}" in literal:
            raise forms.ValidationError(
                "A brace has no other half: write names as {webhook-id} or {data.id}."
            )
        if template and literal == template:
            raise forms.ValidationError("Name at least one header or field in braces, such as {webhook-id}.")
        return template

    def clean(self) -> dict[str, Any]:
        """Adds what is wrong with the verification and its secret."""
        cleaned = super().clean()
        self._forget_leads(cleaned)
        if "preset" not in cleaned:
            return cleaned
        entered = scheme_fields.scheme(cleaned)
        scheme = entered if cleaned["preset"] == CUSTOM else _preset_scheme(cleaned["preset"])
        if cleaned["preset"] == CUSTOM:
            for problem in schemes.problems(scheme):
                self.add_error("preset", problem)
            self.instance.custom_scheme = dict(vars(entered))
        else:
            self._forget_knobs()
        for problem in self._secret_problems(scheme, cleaned.get("secret")):
            self.add_error("secret", problem)
        return cleaned

    def rotate(self, source: Source, now: datetime) -> None:
        """Lets a replaced secret count a while longer, so that the sender can be changed without a gap."""
        entry = self.entered.get("secret", Entry())
        if entry.text and self._had:
            source.previous_secret, source.previous_valid_until = self._had, now + GRACE
        if entry.clear or self.cleaned_data.get("end_previous"):
            source.previous_secret, source.previous_valid_until = Secret(""), None

    def _post_clean(self) -> None:
        """Adds what only the whole source tells."""
        super()._post_clean()
        if reason := checks.event_problem(self.instance):
            self.add_error("event", reason)
        if self.cleaned_data.get("post_to") and (reason := auto_post.problem(self.instance)):
            self.add_error("post_to", reason)

    def _forget_leads(self, cleaned: dict[str, Any]) -> None:
        """What is asked for posting URLs only has its default for every other dialect."""
        if cleaned.get("dialect") in (None, *checks.POSTED):
            return
        for name, default in checks.IDLE.items():
            cleaned[name] = default
            self.errors.pop(name, None)

    def _forget_knobs(self) -> None:
        """What stands in fields nobody sees must not keep the form from being saved."""
        for name in scheme_fields.NAMES:
            self.errors.pop(name, None)

    def _secret_problems(self, scheme: Scheme, secret: Secret | None) -> list[str]:
        if not secret:
            return []
        try:
            return unusable(scheme, [secret.reveal()])
        except SecretUnreadable as reason:
            return [str(reason)]


def _template(preset: str) -> Scheme:
    """What a custom verification starts from: the preset chosen before, else what most senders do."""
    scheme = _preset_scheme(preset)
    return scheme if scheme.mode != "none" else Scheme(mode="hmac")


def _preset_scheme(name: str) -> Scheme:
    return PRESETS[name].scheme if name in PRESETS else Scheme()
