"""A rule as it stands in its posted form, judged like one that is saved, and not saved."""

from typing import Any

from django.contrib.admin.utils import flatten_fieldsets
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from automations.admin.rule_forms import NO_ACTION, ActionFormSet, ConditionFormSet
from automations.models import Rule
from automations.rule_drafts import RuleDraft

UNNAMED = "This rule"


def posted(page: ModelAdmin, request: HttpRequest, rule: Rule | None) -> tuple[RuleDraft, list[str]]:
    """The rule in the form, and what is wrong with it, in sentences; a name and an action can wait."""
    fields, change = flatten_fieldsets(page.get_fieldsets(request, rule)), rule is not None
    form = page.get_form(request, rule, change=change, fields=fields)(request.POST, instance=rule)
    form.is_valid()
    formsets, _ = page._create_formsets(request, form.instance, change=change)
    problems = [
        f"{form.fields[name].label if name in form.fields else 'The form'}: {error}"
        for name, errors in form.errors.items()
        if name != "name"
        for error in errors
    ]
    for formset in formsets:
        problems += _problems(formset)
    form.instance.name = form.instance.name or UNNAMED
    conditions, actions = (_rows(formsets, kind) for kind in (ConditionFormSet, ActionFormSet))
    conditions.sort(key=lambda one: one.group)
    return RuleDraft(form.instance, tuple(conditions), tuple(actions)), problems


def _problems(formset: Any) -> list[str]:
    formset.is_valid()
    found = [str(error) for error in formset.non_form_errors() if str(error) != NO_ACTION]
    what = formset.model._meta.verbose_name.capitalize()
    for number, row in enumerate(formset.forms, 1):
        found += [f"{what} {number}: {error}" for listed in row.errors.values() for error in listed]
    return found


def _rows(formsets: list[Any], kind: type) -> list[Any]:
    """The rows that would be kept, as they would be saved."""
    formset: Any = next((one for one in formsets if isinstance(one, kind)), None)
    if formset is None:
        return []
    cleaned = ((row.instance, getattr(row, "cleaned_data", {})) for row in formset.forms)
    return [instance for instance, entered in cleaned if entered and not entered.get("DELETE")]
