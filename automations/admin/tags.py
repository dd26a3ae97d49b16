"""The page where tags are found, understood, copied and added."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from automations import access, tags
from automations.admin.definitions import DefinitionAdmin
from automations.models import Record, Tag
from webhooks_out import mapping

ABOUT_TAGS = (
    "# stands for a number: the tag C#_NAME with the field creditors.#.name gives {C1_NAME}, {C2_NAME} and so on. "
    "* stands for any text: CCF:* with coapplicant.* gives {CCF:City}. A budget field has a path that begins with "
    "budget., such as budget.rent."
)
BUDGET = "budget"


class TagForm(ModelForm):
    """A tag whose name can stand between braces."""

    class Meta:
        model = Tag
        fields = ("name", "path", "group", "label")

    def clean_name(self) -> str:
        """The name, if a text with it in braces is read as this tag."""
        name = str(self.cleaned_data["name"])
        if mapping.tags_in(f"{{{name}}}") != (name,):
            raise ValidationError(
                "A tag starts with a letter and has no braces, quotation marks or line breaks."
            )
        return name

    def clean(self) -> dict[str, Any]:
        """A tag of the budget leads into the budget: only there other hubs' posts find it."""
        cleaned = super().clean() or self.cleaned_data
        path = cleaned.get("path", "")
        if cleaned.get("group") == BUDGET and path and not path.startswith("budget."):
            self.add_error("path", "The field of a budget tag begins with budget., for example budget.rent.")
        return cleaned


@admin.register(Tag)
class TagAdmin(DefinitionAdmin):
    """The names that mappings may use in braces."""

    form = TagForm
    fieldsets = ((None, {"fields": ("name", "path", "group", "label"), "description": ABOUT_TAGS}),)
    search_fields = ("name", "path", "label")

    class Media:
        css = {"all": ["tags.css"]}
        js = ["incoming-copy.js"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A tag that is added from the budget's page is one of the budget."""
        initial = super().get_changeform_initial_data(request)
        return {"path": "budget.", **initial} if initial.get("group") == BUDGET else initial

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The tags by group. What is posted, such as deleting several, goes the usual way."""
        if request.method == "POST":
            return super().changelist_view(request, extra_context)
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        records = offered(request)
        sample = chosen(request.GET.get("record", ""), records)
        only, query = request.GET.get("group", ""), request.GET.get("q", "").strip()
        context = {
            **self.admin_site.each_context(request),
            "title": "Budget fields" if only == BUDGET else "Tags",
            "opts": self.opts,
            "media": self.media,
            "groups": tags.groups(query=query, only=only, sample=sample),
            "kinds": [(name, label) for name, label in Tag.Group.choices if name in tags.GROUPS],
            "only": only,
            "query": query,
            "records": records,
            "sample": sample,
            "may_add": self.has_add_permission(request),
            "may_see_webhooks": request.user.has_perm("webhooks_out.view_webhook"),
        }
        return TemplateResponse(request, "admin/automations/tag/found.html", context)


def offered(request: HttpRequest) -> list[Record]:
    """The newest records this person may see."""
    if request.user.has_perm("automations.view_record"):
        return tags.newest(None)
    types = [name for name in access.MODELS if access.may_view(request.user, name)]
    return tags.newest(types) if types else []


def chosen(key: str, choices: list[Record]) -> Record | None:
    """The record of that key if it is offered, else the newest one, with its fields."""
    keys = [record.pk for record in choices]
    wanted = int(key) if key.isascii() and key.isdecimal() and len(key) < 19 else 0
    known = wanted if wanted in keys else next(iter(keys), 0)
    return Record.objects.filter(pk=known).first()
