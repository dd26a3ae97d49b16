"""The inputs for when an action is due, beside its delay: what that counts from, a time of day, weekdays."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.dateparse import parse_time
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from automations.models import Action
from automations.timing import AFTER, NOW, Timing

PARTS = ("from", "field", "at", "weekdays", "past")
NO_TIME = "Write a time of day such as 09:00."


class TimingInput(forms.Widget):
    """All of an action's time but its number and unit, in one cell; what a choice does not need is hidden."""

    template_name = "admin/automations/rule/timing.html"

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """By the project's own templates, which Django's renderer of forms does not know."""
        said = _parts(value)
        ids = {part: f"id_{name}-{part}" for part in PARTS}
        choices = {"from": Action.CountsFrom.choices, "past": Action.IfPast.choices}
        inputs: dict[str, Any] = {
            part: UnfoldAdminSelectWidget({"id": ids[part]}, choices=choices[part]).render(
                f"{name}-{part}", said[part]
            )
            for part in choices
        }
        offered = {"id": ids["field"], "list": "rule-fields", "autocomplete": "off"}
        inputs["field"] = UnfoldAdminTextInputWidget(offered).render(f"{name}-field", said["field"])
        inputs["at"] = UnfoldAdminTextInputWidget({"id": ids["at"], "type": "time"}).render(
            f"{name}-at", said["at"]
        )
        return render_to_string(
            self.template_name, {"name": name, "ids": ids, "inputs": inputs, "said": said}
        )

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> dict[str, str]:
        """The texts entered, by their parts."""
        return {part: str(data.get(f"{name}-{part}", "")).strip() for part in PARTS}

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Never: without anything entered, a delay counts from the change."""
        return False


class TimingField(forms.Field):
    """When an action is due, without number and unit, which are inputs of their own."""

    widget = TimingInput

    def clean(self, value: Any) -> Timing:
        """What was entered; what does not belong to a delay from the change is dropped with it."""
        said = _parts(value)
        if said["from"] not in Action.CountsFrom.values or said["past"] not in Action.IfPast.values:
            raise ValidationError("Choose what the delay counts from.")
        of_date = said["from"] != AFTER
        return Timing(
            counts_from=said["from"],
            field=said["field"] if of_date else "",
            at=_clock(said["at"]),
            weekdays=bool(said["weekdays"]),
            if_past=said["past"] if of_date else NOW,
        )

    def has_changed(self, initial: Any, data: Any) -> bool:
        return _parts(initial) != _parts(data)


def keep(action: Action, timing: Timing) -> None:
    """Gives the action what was entered, number and unit left as they are."""
    action.counts_from, action.date_field, action.at_time = timing.counts_from, timing.field, timing.at
    action.weekdays, action.if_past = timing.weekdays, timing.if_past


def _parts(value: Any) -> dict[str, str]:
    """What stands in the inputs, from a timing or from what was entered."""
    if isinstance(value, Timing):
        clock, weekdays = (f"{value.at:%H:%M}" if value.at else ""), "on" if value.weekdays else ""
        found = (value.counts_from, value.field, clock, weekdays, value.if_past)
        return dict(zip(PARTS, found, strict=True))
    given = value if isinstance(value, Mapping) else {}
    said = {part: str(given.get(part, "")) for part in PARTS}
    return said | {"from": said["from"] or AFTER, "past": said["past"] or NOW}


def _clock(written: str) -> time | None:
    try:
        found = parse_time(written) if written else None
    except ValueError:
        found = None
    if written and found is None:
        raise ValidationError(NO_TIME)
    return found
