"""What the admin needs of more than one application: people in its own look, webhooks tried on real records.

The queue library's tables stay out of it: whoever may add a schedule there may run any function.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest, HttpResponse
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from automations.admin.rules import RuleAdmin
from automations.models import Rule
from config import examples, triggers
from webhooks_in.models import Source
from webhooks_out.admin import WebhookAdmin
from webhooks_out.models import Webhook
from webhooks_out.trials import Samples

admin.site.unregister([User, Group])
for _model in (Failure, OrmQ, Schedule, Success):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


@admin.register(User)
class PersonAdmin(UserAdmin, ModelAdmin):
    """People who may sign in."""

    form: Any = UserChangeForm
    add_form: Any = UserCreationForm
    change_password_form: Any = AdminPasswordChangeForm


@admin.register(Group)
class TeamAdmin(GroupAdmin, ModelAdmin):
    """Groups of people who may do the same."""


@admin.register(Webhook)
class TriedWebhookAdmin(WebhookAdmin):
    """Webhooks, tried on the records that the automations know, with the rules that use them."""

    def samples(self, request: HttpRequest) -> Samples:
        return examples.for_person(request.user)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Adds the rules that post to it."""
        context |= {"triggers": triggers.of(context["original"], request.user)}
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(Rule)
class InformedRuleAdmin(RuleAdmin):
    """Rules, with the data sources and the events they name to choose from."""

    def sources(self) -> list[str]:
        return list(Source.objects.values_list("title", flat=True))

    def declared_events(self) -> set[str]:
        return set(Source.objects.exclude(event="").values_list("event", flat=True))
