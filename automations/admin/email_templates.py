"""E-mail templates: written with tags, looked at with a real record, and tried on oneself."""

from dataclasses import replace
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import URLPattern, path
from unfold.decorators import display

from automations import email_checks, email_trials, tags
from automations.admin.definitions import DefinitionAdmin
from automations.admin.tags import chosen, offered
from automations.models import Action, EmailTemplate

SHOWN = "admin/automations/emailtemplate/shown.html"
ABOUT = (
    "A rule sends it with the action “Send e-mail”. Write {TAGS} where the record's values belong; which there are "
    "stands below."
)


class EmailTemplateForm(ModelForm):
    """A template that can be sent."""

    class Meta:
        model = EmailTemplate
        fields = (
            "title",
            "to",
            "cc",
            "reply_to",
            "sender",
            "subject",
            "text",
            "html",
            "attach",
            "attach_name",
            "missing",
            "note",
        )

    def _post_clean(self) -> None:
        """Once the fields are in the row, says at each what keeps it from being sent."""
        super()._post_clean()  # type: ignore[misc] # - Django documents none
        for name, reason in email_checks.problems(self.instance):
            if name in self.fields and name not in self.errors:
                self.add_error(name, reason)


@admin.register(EmailTemplate)
class EmailTemplateAdmin(DefinitionAdmin):
    """The e-mails that rules send."""

    form = EmailTemplateForm
    change_form_template = "admin/automations/emailtemplate/change_form.html"
    fieldsets = (
        (None, {"fields": ("title",), "description": ABOUT}),
        ("Who", {"fields": ("to", "cc", "reply_to", "sender")}),
        ("What", {"fields": ("subject", "text", "html", "attach", "attach_name", "missing")}),
        ("Note", {"fields": ("note",), "classes": ("collapse",)}),
    )
    list_display = ("title", "subject", "to", "used_by")
    search_fields = ("title", "subject", "to", "text")
    save_as = True
    empty_title = "No e-mail template yet"
    empty_words = "A rule sends it with the action “Send e-mail”, with the values of the record filled in."
    empty_link = ("Write an e-mail", "admin:automations_emailtemplate_add")

    class Media:
        css = {"all": ["tags.css"]}
        js = ["incoming-copy.js"]

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view
        ours = [
            path("preview/", page(self.preview_view), name="automations_emailtemplate_preview"),
            path("test/", page(self.test_view), name="automations_emailtemplate_test"),
        ]
        return [*ours, *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Only one that no rule sends."""
        used = isinstance(obj, EmailTemplate) and rules_of(obj.title)
        return obj is not None and not used and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The rules that send it follow its title."""
        super().save_model(request, obj, form, change)
        if change and "title" in form.changed_data:
            for action in _sending(form.initial["title"]):
                action.options = {**action.options, "template": obj.title}
                action.save(update_fields=["options"])

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Adds the tags, the records to look at it with, and where a test goes."""
        original = context.get("original")
        context |= {
            "tag_groups": tags.by_group(),
            "records": offered(request),
            "own_address": getattr(request.user, "email", ""),
            "rules": rules_of(original.title) if original else [],
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """What the posted form would send of the chosen record; nothing is saved or sent."""
        return self._shown(request, send=False)

    def test_view(self, request: HttpRequest) -> HttpResponse:
        """The same, and sends it to the person who asks for it."""
        return self._shown(request, send=True)

    @display(description="Sent by")
    def used_by(self, template: EmailTemplate) -> str:
        """The rules that send it."""
        return ", ".join(rules_of(template.title)) or "no rule yet"

    def _shown(self, request: HttpRequest, *, send: bool) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_change_permission(request):
            raise PermissionDenied
        form = EmailTemplateForm(request.POST)
        form.is_valid()
        wrong = [
            f"{form.fields[name].label}: {error}"
            for name, errors in form.errors.items()
            if name != "title"
            for error in errors
        ]
        if wrong:
            return render(request, SHOWN, {"problems": wrong})
        record = chosen(request.POST.get("_record", ""), offered(request))
        trial = email_trials.preview(form.instance, record)
        if not request.user.has_perm("automations.view_document"):
            trial = replace(trial, files=())
        if send:
            trial = email_trials.sent_to(trial, getattr(request.user, "email", ""))
        return render(request, SHOWN, {"trial": trial, "record": record})


def rules_of(title: str) -> list[str]:
    """The names of the rules that send the template of this title."""
    return sorted({action.rule.name for action in _sending(title)})


def _sending(title: str) -> list[Action]:
    sending = Action.objects.filter(kind=Action.Kind.SEND_EMAIL).select_related("rule")
    return [action for action in sending if action.options.get("template") == title]
