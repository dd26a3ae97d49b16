"""Form inputs for secrets: nothing stored is sent to a browser; empty keeps, a tick removes, a text replaces it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.widgets import INPUT_CLASSES, TEXTAREA_CLASSES

from webhooks_out.secrets import Secret, SecretField


@dataclass(frozen=True)
class Entry:
    """What a person entered for a secret."""

    text: str = ""
    clear: bool = False

    def over(self, stored: Secret | str) -> Secret:
        """The secret to store in place of the present one."""
        if self.text:
            return Secret.of(self.text)
        return Secret("") if self.clear or not isinstance(stored, Secret) else stored


@dataclass(frozen=True)
class _Shown:
    """What a page may know of a secret: whether one is stored, and whether one was typed that is not kept."""

    stored: bool = False
    typed: bool = False


class SecretInput(forms.Widget):
    """A password-like input, or one of several lines, with a tick to remove what is stored."""

    template_name = "admin/blocks/secret.html"

    def __init__(self, *, lines: int = 1, attrs: dict[str, Any] | None = None) -> None:
        """`lines` more than 1 makes it a text box."""
        super().__init__(attrs)
        self.lines = lines

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        shown = value if isinstance(value, _Shown) else _Shown(stored=bool(value))
        classes = " ".join(INPUT_CLASSES if self.lines == 1 else TEXTAREA_CLASSES)
        context["widget"] |= {
            "shown": shown,
            "lines": self.lines,
            "classes": classes,
            "clear": f"{name}-clear",
        }
        return context

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """The widget by the project's templates, which the renderer of forms does not look into."""
        return render_to_string(self.template_name, self.get_context(name, value, attrs))

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Entry:
        return Entry(text=data.get(name) or "", clear=f"{name}-clear" in data)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data


class SecretEntry(forms.Field):
    """The form field of a SecretField; it cleans to an Entry, which `SecretsForm` turns into the secret to store."""

    widget = SecretInput

    def __init__(self, *, max_length: int | None = None, **options: Any) -> None:
        """Takes what a text column passes to its form field; `max_length` is that of the ciphertext, so ignored."""
        super().__init__(**options)

    def clean(self, value: Entry) -> Entry:
        if "\x00" in value.text:
            raise forms.ValidationError("A secret cannot hold the character NUL.")
        return value

    def bound_data(self, data: Entry, initial: Any) -> Any:
        return _Shown(stored=bool(initial), typed=bool(data.text))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data.text or data.clear)


class SecretsForm(forms.ModelForm):
    """A form of a model with secrets. `entered` tells, by field, what a person entered."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entered: dict[str, Entry] = {}

    def entry(self, name: str) -> Entry:
        """What was entered for this secret."""
        return self.entered.get(name, Entry())

    def clean(self) -> dict[str, Any]:
        """The cleaned data with each secret as it is to be stored."""
        cleaned = super().clean() or self.cleaned_data
        for name in self.fields:
            if isinstance(entry := cleaned.get(name), Entry):
                self.entered[name] = entry
                cleaned[name] = entry.over(getattr(self.instance, name))
        return cleaned


# For `formfield_overrides` of an admin whose form is a SecretsForm.
SECRET_INPUTS: dict[Any, dict[str, Any]] = {SecretField: {"form_class": SecretEntry, "widget": SecretInput}}
