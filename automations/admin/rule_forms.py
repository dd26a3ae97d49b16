"""The forms of a rule: one page with its conditions and actions, refused while the rule cannot work."""

from collections.abc import Iterable
from functools import cached_property
from itertools import count
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from automations import checks, once_keys, timing
from automations.actions import ACTIONS
from automations.actions.kinds import Kind
from automations.admin.option_inputs import OptionsField
from automations.admin.timing_inputs import TimingField, keep
from automations.checks import Planned
from automations.conditions import Row, problem
from automations.models import Action, Condition, Rule
from webhooks_out.models import Webhook

RULE_FIELDS = (
    *("name", "active", "record_type", "event", "system", "source", "monitor"),
    *("stops", "again", "time_zone", "brake_runs", "brake_minutes", "note"),
)
NO_ACTION = "A rule needs at least one action: say what is to be done."


class SourceField(forms.ChoiceField):
    """A data source by its title, or any."""

    def __init__(self, titles: Iterable[str], **options: Any) -> None:
        self.titles = list(titles)
        super().__init__(choices=self._titled(), required=False, widget=UnfoldAdminSelectWidget, **options)

    def offer(self, stored: str) -> None:
        """Lets a rule keep the data source it names although that is gone."""
        if stored and stored not in self.titles:
            self.choices = [*self._titled(), (stored, f"{stored} (no longer there)")]

    def _titled(self) -> list[tuple[str, str]]:
        return [("", "Any data source"), *((title, title) for title in self.titles)]


class RuleForm(forms.ModelForm):
    """The rule itself: its name and when it is asked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        system = self.fields.get("system")
        if isinstance(system, forms.ModelChoiceField):
            system.empty_label = "Any system"
        zone = self.fields.get("time_zone")
        if isinstance(zone, forms.TypedChoiceField):
            zone.choices = [("", f"This hub’s: {settings.TIME_ZONE}"), *timing.zones()]
        source, stored = self.fields.get("source"), self.instance.source
        if isinstance(source, SourceField):
            source.offer(stored)

    class Meta:
        model = Rule
        fields = RULE_FIELDS
        widgets = {
            "record_type": UnfoldAdminTextInputWidget(
                {
                    "list": "rule-types",
                    "autocomplete": "off",
                    "hx-get": reverse_lazy("admin:automations_rule_fields"),
                    "hx-trigger": "change",
                    "hx-target": "#rule-fields",
                }
            ),
            "event": UnfoldAdminTextInputWidget({"list": "rule-events", "autocomplete": "off"}),
        }

    def clean_event(self) -> str:
        """The event; one that every system has is written in its one way."""
        entered = str(self.cleaned_data["event"])
        return next((event for event in checks.EVENTS if event == entered.casefold()), entered)


class ConditionForm(forms.ModelForm):
    """One condition; refused with the reason when it could never be judged."""

    class Meta:
        model = Condition
        fields = ("group", "field", "operator", "value")
        widgets = {
            "field": UnfoldAdminTextInputWidget({"list": "rule-fields", "autocomplete": "off"}),
        }

    def clean(self) -> dict[str, Any]:
        """Adds why the row cannot work to the value, where it is usually mended."""
        cleaned = super().clean() or {}
        if not self.errors and (reason := problem(row(cleaned))):
            self.add_error("value", reason)
        return cleaned


class ConditionFormSet(PaginationInlineFormSet):
    """A rule's conditions; refused when a group of them excludes itself."""

    def clean(self) -> None:
        super().clean()
        if not any(self.errors):
            reasons = checks.contradictions(row(cleaned) for cleaned in entered(self))
            if reasons:
                raise ValidationError(reasons)


class ActionForm(forms.ModelForm):
    """One action; refused when it names nothing to do."""

    options = OptionsField(label="What", required=False)
    when = TimingField(label="When", required=False)

    class Meta:
        model = Action
        fields = ("kind", "webhook", "options", "delay", "delay_unit", "once_key")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["when"] = self.instance.timing

    def clean(self) -> dict[str, Any]:
        """Adds what is missing to the field it is missing in."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        keep(self.instance, cleaned["when"])
        kind = ACTIONS[cleaned["kind"]]
        if reason := once_keys.problem(cleaned["once_key"], kind.once_tags):
            self.add_error("once_key", reason)
        if not kind.needs_webhook:
            cleaned["webhook"] = None
        if reason := checks.action_problem(planned(cleaned)):
            self.add_error(_place(kind, cleaned), reason)
        return cleaned


class ActionFormSet(PaginationInlineFormSet):
    """A rule's actions: at least one. Each keeps its number for life, for a run is known by it."""

    @cached_property
    def webhooks(self) -> list[tuple[Any, str]]:
        """The webhooks to choose from, asked for once for all rows."""
        titles = Webhook.objects.values_list("pk", "title", "active")
        named = [(pk, title if active else f"{title} (switched off)") for pk, title, active in titles]
        return [("", "Select a webhook"), *named]

    @cached_property
    def choices_known(self) -> dict[Any, Any]:
        """What there is to choose from in options, each asked for once for all rows."""
        return {}

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        webhook = form.fields.get("webhook")
        if isinstance(webhook, forms.ModelChoiceField):
            webhook.choices = self.webhooks
        options = form.fields.get("options")
        if isinstance(options, OptionsField):
            options.widget.known = self.choices_known

    def clean(self) -> None:
        super().clean()
        if not any(self.errors) and not list(entered(self)):
            raise ValidationError(NO_ACTION)

    def save_new_objects(self, commit: bool = True) -> Any:
        """New actions are numbered behind all that were there, also behind those deleted just now."""
        taken = max((action.position for action in self.get_queryset()), default=-1)
        numbers = count(taken + 1)
        for form in self.extra_forms:
            form.instance.position = next(numbers)
        return super().save_new_objects(commit)


def _place(kind: Kind, cleaned: dict[str, Any]) -> str:
    """The field in which what is wrong with an action is mended."""
    if kind.needs_webhook and cleaned["webhook"] is None:
        return "webhook"
    if kind.problem(cleaned["options"]):
        return "options"
    return "when" if timing.problem(cleaned["when"]) else "delay"


def row(cleaned: dict[str, Any]) -> Row:
    """A condition as the evaluator reads it."""
    return Row(**{name: cleaned[name] for name in ("group", "field", "operator", "value")})


def planned(cleaned: dict[str, Any]) -> Planned:
    """An action as the checks read it."""
    webhook = cleaned["webhook"]
    return Planned(
        webhook=webhook.title if webhook else "",
        webhook_active=webhook.active if webhook else True,
        needs_webhook=ACTIONS[cleaned["kind"]].needs_webhook,
        problem=ACTIONS[cleaned["kind"]].problem(cleaned["options"]),
        delay=cleaned["delay"],
        unit=cleaned["delay_unit"],
        timing=cleaned["when"],
    )


def entered(formset: Any) -> list[dict[str, Any]]:
    """What was entered in the rows that will be kept."""
    rows = [form.cleaned_data for form in formset.forms if form not in formset.deleted_forms]
    return [cleaned for cleaned in rows if cleaned]
