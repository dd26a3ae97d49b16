"""The inputs for what else there is to say of an action: those of its kind are shown, and read."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from automations.actions import ACTIONS
from automations.actions.kinds import Option

NOT_CHOSEN = "Choose …"


class OptionsInput(forms.Widget):
    """The options of every kind, each group marked with its kind; the page shows the group of the chosen one."""

    template_name = "admin/automations/rule/options.html"

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """By the project's own templates, which Django's renderer of forms does not know."""
        return render_to_string(self.template_name, self.get_context(name, value, attrs))

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        given = value if isinstance(value, Mapping) else {}
        groups = [
            {
                "kind": kind,
                "help": about.help,
                "needs_webhook": about.needs_webhook,
                "inputs": [self._input(name, kind, option, given) for option in about.options],
            }
            for kind, about in ACTIONS.items()
        ]
        return super().get_context(name, value, attrs) | {"groups": groups}

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> dict[str, str]:
        """The texts entered for the kind that is chosen beside them; what is as by default is left out."""
        kind = str(data.get(f"{name.removesuffix('options')}kind", ""))
        about = ACTIONS.get(kind)
        said = (
            {one.name: data.get(_named(name, kind, one), one.default) for one in about.options}
            if about
            else {}
        )
        defaults = about.filled({}) if about else {}
        return {
            key: str(value).replace("\r\n", "\n") for key, value in said.items() if value != defaults[key]
        }

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Never: a kind without options has none to send."""
        return False

    def _input(self, name: str, kind: str, option: Option, given: Mapping[str, Any]) -> dict[str, Any]:
        named, value = _named(name, kind, option), given.get(option.name, option.default)
        attrs = {"id": f"id_{named}", "aria-describedby": f"id_{named}-help"}
        widget: forms.Widget
        if option.choices:
            widget = UnfoldAdminSelectWidget(attrs, choices=self._choices(option, str(value)))
        elif option.lines > 1:
            widget = UnfoldAdminTextareaWidget({**attrs, "rows": option.lines})
        else:
            widget = UnfoldAdminTextInputWidget({**attrs, "autocomplete": "off"})
        return {"option": option, "id": f"id_{named}", "html": widget.render(named, value)}

    def _choices(self, option: Option, value: str) -> list[tuple[str, str]]:
        if option not in self.known:
            self.known[option] = list(option.choices() if option.choices else ())
        choices = self.known[option]
        gone = [(value, f"{value} (no longer there)")] if value and value not in dict(choices) else []
        empty = [] if option.default else [("", NOT_CHOSEN)]
        return [*empty, *choices, *gone]

    @cached_property
    def known(self) -> dict[Option, list[tuple[str, str]]]:
        """Choices by option; the inputs of several rows share them, so that they are asked for once."""
        return {}


class OptionsField(forms.Field):
    """The options of an action as a mapping of texts; what is wrong with them the form says, which knows the kind."""

    widget = OptionsInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or {}) != (data or {})


def _named(name: str, kind: str, option: Option) -> str:
    return f"{name}-{kind}-{option.name}"
