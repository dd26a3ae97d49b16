"""The form of a webhook and its rows: what may be saved, and which secrets a new address takes away."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.forms.models import BaseInlineFormSet
from django.forms.utils import ErrorDict, ErrorList

from webhooks_out import checks, outbox, signing
from webhooks_out.admin_secrets import SecretsForm
from webhooks_out.http import check_url
from webhooks_out.mapping import Pair
from webhooks_out.models import KeyValue, Webhook
from webhooks_out.secrets import Secret

SPLIT = "_split"  # the name of the button that splits a pasted sample string
HUB = "hub"  # the value of the one that adds what another Fieldhook understands
CREDENTIALS = ("auth_password", "secret_headers")  # bound to the address they were entered for
ROTATION = timedelta(hours=24)  # a replaced signing secret goes on signing for this long


class _Form(SecretsForm):
    """While a pasted sample is being split, what was typed is shown again and nothing of it is judged or saved."""

    @property
    def errors(self) -> ErrorDict:
        return ErrorDict() if SPLIT in self.data else super().errors

    def is_valid(self) -> bool:
        return SPLIT not in self.data and super().is_valid()


class WebhookForm(_Form):
    """A webhook. `moved`: scheme, host or port are new; `lost` names the credentials that this blanked."""

    new_signing_secret = forms.BooleanField(
        label="Generate a new one",
        required=False,
        help_text="Shown once, after saving. For 24 hours requests are then signed with both the old and the new one.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.moved = False
        self.lost: list[str] = []
        self._signed_with = self.instance.signing_secret

    def clean_url(self) -> str:
        """The URL, if it may be reached at all."""
        url = str(self.cleaned_data["url"]).strip()
        if "{" in url or "}" in url:
            raise forms.ValidationError(
                "{TAGS} are not filled in here: nothing in the data may change the address."
            )
        return self._unless(url, [check_url(url, settings.ALLOWED_PRIVATE_NETWORKS)])

    def clean_headers(self) -> str:
        """The plain headers."""
        text = str(self.cleaned_data["headers"])
        return self._unless(text, checks.header_problems(text, secret=False))

    def clean_schedule(self) -> str:
        """The waits between attempts."""
        text = str(self.cleaned_data["schedule"])
        return self._unless(text, [checks.schedule_problem(text)])

    def clean_ca(self) -> str:
        """The receiver's own authority."""
        text = str(self.cleaned_data["ca"])
        return self._unless(text, [checks.certificate_problem(text)])

    def clean(self) -> dict[str, Any]:
        """The cleaned data; credentials are blanked if the address is a new one."""
        cleaned = super().clean()
        if problem := checks.body_problem(cleaned.get("method", ""), cleaned.get("body_kind", "")):
            self.add_error("body_kind", problem)
        for problem in checks.header_problems(self.entry("secret_headers").text, secret=True):
            self.add_error("secret_headers", problem)
        if (secret := self.entry("signing_secret").text) and (problem := signing.check_secret(secret)):
            self.add_error("signing_secret", problem)
        if secret and cleaned.get("new_signing_secret"):
            self.add_error("new_signing_secret", "Either enter a signing secret or have one generated.")
        if "url" in cleaned and self.instance.pk:
            self._let_go(cleaned)
        return cleaned

    def rotate(self, webhook: Webhook, now: datetime) -> str:
        """Settles which signing secrets count from now on; returns a generated one, which is shown only now."""
        entered = self.entry("signing_secret")
        generated = signing.new_secret() if self.cleaned_data.get("new_signing_secret") else ""
        if generated:
            webhook.signing_secret = Secret.of(generated)
        if (generated or entered.text) and self._signed_with:
            webhook.previous_signing_secret = self._signed_with
            webhook.previous_valid_until = now + ROTATION
        elif entered.clear:
            webhook.previous_signing_secret, webhook.previous_valid_until = Secret(""), None
        return generated

    def _unless(self, value: str, problems: Iterable[str]) -> str:
        if found := [problem for problem in problems if problem]:
            raise forms.ValidationError(found)
        return value

    def _let_go(self, cleaned: dict[str, Any]) -> None:
        before = outbox.origin(outbox.with_port(self.instance.url, self.instance.port))
        self.moved = outbox.origin(outbox.with_port(cleaned["url"], cleaned.get("port"))) != before
        for name in CREDENTIALS if self.moved else ():
            if getattr(self.instance, name) and not self.entry(name).text:
                cleaned[name] = Secret("")
                self.lost.append(str(self.fields[name].label or name).lower())


class KeyValueForm(_Form):
    """One row. Its key and value are kept to the letter, blanks included."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if position := self.fields.get("position"):
            position.required, position.initial = False, None
        for name in ("key", "value", "default"):
            if isinstance(field := self.fields.get(name), forms.CharField):
                field.strip = False

    def clean(self) -> dict[str, Any]:
        """The cleaned row; only a secret custom value keeps a secret."""
        cleaned = super().clean()
        if cleaned.get("kind") == KeyValue.Kind.SECRET:
            cleaned["value"] = ""
        else:
            cleaned["secret"] = Secret("")
        if cleaned.get("kind") == KeyValue.Kind.FIELD:
            cleaned["value"] = cleaned.get("value", "").strip()
        if not self.errors and (problem := checks.row_problem(self._pair(cleaned))):
            raise forms.ValidationError(problem)
        return cleaned

    def _pair(self, cleaned: dict[str, Any]) -> Pair:
        names = ("key", "kind", "value", "missing", "default", "transform", "argument", "sensitive")
        return Pair(**{name: cleaned[name] for name in names})


class KeyValueFormSet(BaseInlineFormSet):
    """The rows of a webhook."""

    @property
    def errors(self) -> Any:
        return [] if SPLIT in self.data else super().errors

    def is_valid(self) -> bool:
        return SPLIT not in self.data and super().is_valid()

    def non_form_errors(self) -> ErrorList:
        return ErrorList() if SPLIT in self.data else super().non_form_errors()

    def clean(self) -> None:
        """Rows without a position go to the end, in the order they stand in."""
        super().clean()
        placed = [(form, form.cleaned_data.get("position")) for form in self._kept() if form.is_valid()]
        last = max((place for _, place in placed if place is not None), default=-1)
        for form, place in placed:
            if place is None:
                form.instance.position = last = last + 1

    def rows(self, *, moved: bool) -> list[KeyValue]:
        """The rows as saving would leave them; `moved`: secrets not entered anew are blanked."""
        rows = [form.instance for form in self._kept()]
        for row in self.lost() if moved else ():
            row.secret = Secret("")
        return sorted(rows, key=lambda row: row.position)

    def lost(self) -> list[KeyValue]:
        """The rows whose stored secret was not entered anew."""
        kept = self._kept()
        return [form.instance for form in kept if form.instance.secret and not form.entry("secret").text]

    def _kept(self) -> list[Any]:
        forms_ = [form for form in self.forms if form.instance.pk or form.has_changed()]
        return [form for form in forms_ if form not in self.deleted_forms]
