"""The rows of a rule's page: its conditions and its actions."""

from typing import Any

from django.contrib.admin.options import InlineModelAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import StackedInline, TabularInline

from automations.admin.rule_forms import ActionForm, ActionFormSet, ConditionForm, ConditionFormSet
from automations.models import Action, Condition


class _PartOfARule(InlineModelAdmin):
    """Rows of the rule's page: who may change the rule may change them."""

    tab = False
    hide_title = True
    min_num = 0

    def get_extra(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> int:
        return 0 if obj else 1

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("automations.view_rule") or self._may_edit(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may_edit(request, obj)

    has_change_permission = has_delete_permission = has_add_permission

    def _may_edit(self, request: HttpRequest, obj: Model | None) -> bool:
        return request.user.has_perm(f"automations.{'change' if obj else 'add'}_rule")


class ConditionInline(_PartOfARule, TabularInline):
    """If: the rows of conditions."""

    model = Condition
    form, formset = ConditionForm, ConditionFormSet
    verbose_name_plural = "If: conditions"
    template_before = "admin/automations/rule/about_conditions.html"


class ActionInline(_PartOfARule, StackedInline):
    """Then: the rows of actions."""

    model = Action
    form, formset = ActionForm, ActionFormSet
    verbose_name_plural = "Then: actions"
    fieldsets = (
        (None, {"fields": (("kind", "webhook"), "options", ("delay", "delay_unit"), "when", "once_key")}),
    )
    template_before = "admin/automations/rule/about_actions.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Action]:
        """With the webhooks, which head the rows."""
        return super().get_queryset(request).select_related("webhook")
