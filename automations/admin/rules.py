"""Rules: one page that says when, if and what; a list that reads as sentences."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Field, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from unfold.decorators import action, display

from automations import checks, stats, suggestions
from automations.actions import ACTIONS
from automations.admin.logs import log_all
from automations.admin.rule_forms import RuleForm, SourceField
from automations.admin.rule_judgements import RuleJudgements
from automations.admin.rule_rows import ActionInline, ConditionInline
from automations.admin.rule_trials import RuleTrials
from automations.checks import Draft, Known, Planned
from automations.models import Action, Rule, Run
from automations.operators import OPERATORS
from automations.sentences import sentence
from webhooks_out import definitions
from webhooks_out.admin_log import ago
from webhooks_out.jobs import Job

BELOW = "after-actions"  # the class of what a form shows below a rule's actions
OPERATOR_HELP = {name: operator.help for name, operator in OPERATORS.items()}
# What other pages hand over: of a first condition, and of a first action.
FROM_QUERY = {ConditionInline: ("field", "operator", "value"), ActionInline: ("webhook",)}


class RuleAdmin(RuleJudgements, RuleTrials):
    """When this happens and these conditions hold, do these things.

    What data sources there are is known to whoever composes the application: see `sources`.
    """

    form = RuleForm
    inlines = (ConditionInline, ActionInline)
    fieldsets = (
        (None, {"fields": ("name", "active")}),
        ("When", {"fields": ("record_type", "event", "system", "source", "monitor")}),
        ("Later steps", {"fields": ("stops", "again", "time_zone"), "classes": (BELOW,)}),
        ("Brake", {"fields": (("brake_runs", "brake_minutes"),), "classes": (BELOW, "collapse")}),
        ("Note", {"fields": ("note",), "classes": (BELOW, "collapse")}),
    )
    save_as = True
    list_display = ("name", "told", "is_active", "started", "last_fired")
    list_filter = ("active", "monitor", "system")
    list_select_related = ("system",)
    search_fields = ("name", "record_type", "event", "conditions__field", "actions__webhook__title")
    actions = ("switch_on", "switch_off")
    empty_title = "No rule yet"
    empty_words = "A rule says what happens when a record changes: a webhook, an e-mail, a certificate …"
    empty_link = ("Write a rule", "admin:automations_rule_add")

    class Media:
        css = {"all": ["rules-form.css", "rule-trials.css"]}
        js = ["rules-form.js", "rule-trials.js"]

    def get_custom_urls(self) -> tuple[Any, ...]:
        return (("fields/", "automations_rule_fields", self.fields_view),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rule]:
        """With all that the list shows; the form asks for its own rows."""
        rules = super().get_queryset(request)
        if request.resolver_match and "object_id" in request.resolver_match.kwargs:
            return rules
        return stats.with_firings(rules.prefetch_related("conditions", "actions__webhook"))

    def fields_view(self, request: HttpRequest, **_: Any) -> HttpResponse:
        """The fields of a record type as options, asked for by the form when the type is changed."""
        allowed = self.has_view_or_change_permission(request) or self.has_add_permission(request)
        fields = suggestions.fields(request.GET.get("record_type", "").strip()) if allowed else {}
        return render(request, "admin/automations/rule/field_options.html", {"fields": fields})

    def sources(self) -> list[str]:
        """The titles of the data sources; the application's composition overrides it."""
        return []

    def declared_events(self) -> set[str]:
        """Events that data sources name although none has come yet; the composition overrides this, too."""
        return set()

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        """The data source is chosen by its title."""
        if db_field.name != "source":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        words = {"label": capfirst(db_field.verbose_name), "help_text": db_field.help_text}
        return SourceField(self.sources(), **words)

    def get_formset_kwargs(self, request: HttpRequest, obj: Rule, inline: Any, prefix: str) -> dict[str, Any]:
        """With a first condition or action when another page hands one over in the query string."""
        options = super().get_formset_kwargs(request, obj, inline, prefix)
        names = FROM_QUERY.get(type(inline), ())
        handed = {name: request.GET[name] for name in names if name in request.GET}
        if handed and request.method == "GET" and obj._state.adding:
            options["initial"] = [handed]
        return options

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Adds the names to choose from and what each operator expects."""
        form = context["adminform"].form
        record_type = form["record_type"].value() if "record_type" in form.fields else ""
        types, _ = suggestions.heard()
        events = self._events()
        context |= {
            "known_types": suggestions.types(types),
            "known_events": suggestions.events(events),
            "known_fields": suggestions.fields(str(record_type)),
            "operator_help": OPERATOR_HELP,
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        rule = form.instance
        for warning in checks.warnings(_draft(rule.pk), self._known(rule.record_type)):
            messages.warning(request, warning)
        if not rule.active:
            _tell_of_waiting(request, [rule])

    @action(description="Switch on", permissions=["change"])
    def switch_on(self, request: HttpRequest, rules: QuerySet[Rule]) -> None:
        """Makes the rules active."""
        self._switch(request, rules, active=True)

    @action(description="Switch off", permissions=["change"])
    def switch_off(self, request: HttpRequest, rules: QuerySet[Rule]) -> None:
        """Makes the rules inactive."""
        self._switch(request, rules, active=False)

    @display(description="What it does")
    def told(self, rule: Rule) -> str:
        """The rule as a sentence."""
        return format_html('<span class="rule-sentence">{}</span>', sentence(rule))

    @display(description="Active", label={"On": "success", "Off": ""})
    def is_active(self, rule: Rule) -> str:
        """On or off."""
        return "On" if rule.active else "Off"

    @display(description="Runs in 24 h")
    def started(self, rule: Any) -> int:
        """How many actions it started lately."""
        return rule.runs_recently

    @display(description="Last fired")
    def last_fired(self, rule: Any) -> str:
        """How long ago, with a link to what it started."""
        if rule.last_fired_at is None:
            return "never"
        runs = f"{reverse('admin:automations_run_changelist')}?rule={rule.pk}"
        return format_html('<a class="text-link" href="{}">{} ago</a>', runs, ago(rule.last_fired_at))

    def _known(self, record_type: str) -> Known:
        """What a rule is compared with; before anything was heard, nothing is unheard of."""
        known = suggestions.known(record_type)
        return replace(known, events={*known.events, *self._events()}) if known.events else known

    def _events(self) -> set[str]:
        return {*suggestions.named_events(), *self.declared_events()}

    def _switch(self, request: HttpRequest, rules: QuerySet[Rule], *, active: bool) -> None:
        with transaction.atomic():
            switched = list(Rule.objects.filter(pk__in=rules.values("pk")).exclude(active=active))
            Rule.objects.filter(pk__in=[rule.pk for rule in switched]).update(active=active)
            definitions.touch()
        log_all(request, switched, f"Switched {'on' if active else 'off'}.")
        self.message_user(request, f"{len(switched)} switched {'on' if active else 'off'}.", messages.SUCCESS)
        if not active:
            _tell_of_waiting(request, switched)


def _tell_of_waiting(request: HttpRequest, rules: list[Rule]) -> None:
    """Switching a rule off does not stop what it already started."""
    waiting = Run.objects.filter(rule__in=rules, state=Job.State.WAITING).count()
    if waiting:
        words = f"Actions started earlier that still wait for their time: {waiting}. Cancel them under Runs."
        messages.warning(request, words)


def _draft(rule_id: int) -> Draft:
    """A stored rule as the checks read it."""
    rule = Rule.objects.prefetch_related("conditions", "actions__webhook").get(pk=rule_id)
    return Draft(
        record_type=rule.record_type,
        event=rule.event,
        rows=tuple(condition.row() for condition in rule.conditions.all()),
        actions=tuple(_planned(action) for action in rule.actions.all()),
    )


def _planned(one: Action) -> Planned:
    """An action as the checks read it."""
    webhook = one.webhook
    return Planned(
        webhook=webhook.title if webhook else "",
        webhook_active=bool(webhook and webhook.active),
        needs_webhook=ACTIONS[one.kind].needs_webhook,
        problem=ACTIONS[one.kind].problem(one.options),
        delay=one.delay,
        unit=one.delay_unit,
        timing=one.timing,
    )
