"""“Mass post …” on the lists of records: with selected or with list, to a webhook that is chosen first."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.decorators import action

from automations.mass_posts import orders, wording
from automations.mass_posts.orders import Order
from automations.models import Record
from webhooks_out.models import Webhook

TEMPLATE = "admin/automations/batch/choose.html"
COUNTED = 100_000  # records counted at most before they are chosen
MAX_PACE = 10_000  # records per second
PERMISSION = "automations.mass_post"


class ChoiceForm(forms.Form):
    """Where to post, and whom to leave out."""

    only_new = forms.BooleanField(
        label="Only those not yet posted",
        required=False,
        initial=True,
        help_text="Leaves out whoever was posted to this webhook with success before.",
    )

    def __init__(self, *args: Any, record_type: str, **options: Any) -> None:
        super().__init__(*args, **options)
        hooks = Webhook.objects.filter(active=True)
        fitting = [hook.pk for hook in hooks if not record_type or hook.is_offered_to(record_type)]
        self.fields["webhook"] = forms.ModelChoiceField(
            hooks.filter(pk__in=fitting),
            empty_label="Choose …",
            initial=fitting[0] if len(fitting) == 1 else None,
            widget=forms.Select(attrs={"class": "fh-select"}),
        )


class PaceForm(forms.Form):
    """How fast to post."""

    pace = forms.IntegerField(
        label="Pace",
        required=False,
        min_value=1,
        max_value=MAX_PACE,
        help_text="Records per second. Empty: as fast as the receiver takes them.",
    )


@dataclass(frozen=True)
class Chosen:
    """The records somebody wants to post, and how they were chosen."""

    records: QuerySet[Any]
    words: str
    ids: list[str]  # of those that were ticked; none means the whole list


class MassPosting(ModelAdmin):
    """Mixed into the admin of every record type."""

    record_type = ""  # "" = any
    actions: Any = ("mass_post",)
    actions_list: Any = ("mass_post_list",)

    def type_of_list(self, request: HttpRequest) -> str:
        """The type of the records listed; "" when they are of several types."""
        return self.record_type

    def has_mass_post_permission(self, request: HttpRequest) -> bool:
        """Who may post many records may post those they see."""
        return request.user.has_perm(PERMISSION) and self.has_view_permission(request)

    @admin.action(description="Mass post …", permissions=["mass_post"])
    def mass_post(self, request: HttpRequest, _records: QuerySet[Record]) -> HttpResponse:
        """With selected, or with the whole list if that was selected."""
        across = request.POST.get("select_across") == "1"
        ids = [] if across else request.POST.getlist(ACTION_CHECKBOX_NAME)
        form = ChoiceForm(record_type=self.type_of_list(request))
        return self._choose(request, self._chosen(request, ids), form)

    @action(description="Mass post this list …", permissions=["mass_post"], icon="send", url_path="mass-post")
    def mass_post_list(self, request: HttpRequest) -> HttpResponse:
        """With list: asks for the webhook; the answer freezes the selection and leads to its preview."""
        if not self.has_mass_post_permission(request):
            raise PermissionDenied
        posted = request.POST if request.method == "POST" else None
        try:
            chosen = self._chosen(request, request.POST.getlist(ACTION_CHECKBOX_NAME))
        except IncorrectLookupParameters:
            return redirect(f"admin:automations_{self.opts.model_name}_changelist")
        form = ChoiceForm(posted, record_type=self.type_of_list(request))
        if not form.is_valid():
            return self._choose(request, chosen, form)
        order = Order(
            webhook=form.cleaned_data["webhook"],
            record_type=self.type_of_list(request),
            selection=chosen.words,
            requested_by=request.user.get_username(),
            only_new=form.cleaned_data["only_new"],
        )
        batch = orders.prepare(order, chosen.records)
        return redirect("admin:automations_batch_change", batch.pk)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The way to “with list” takes the filters along."""
        answer = super().changelist_view(request, extra_context)
        asked = request.GET.urlencode()
        for entry in (getattr(answer, "context_data", None) or {}).get("actions_list", ()) if asked else ():
            if entry.get("path") == self._mass_post_url():
                entry["path"] += f"?{asked}"
        return answer

    def _chosen(self, request: HttpRequest, ids: list[str]) -> Chosen:
        if ids:
            wanted = [int(one) for one in ids if one.isascii() and one.isdecimal() and len(one) < 19]
            records = self.get_queryset(request).filter(pk__in=wanted).order_by("-pk")
            return Chosen(records, f"Selected {wording.noun(self.type_of_list(request))}", ids)
        listed = self.get_changelist_instance(request)
        words = wording.selection(self.type_of_list(request), listed.query, listed.filter_specs)
        return Chosen(listed.get_queryset(request), words, [])

    def _choose(self, request: HttpRequest, chosen: Chosen, form: ChoiceForm) -> HttpResponse:
        number = chosen.records.order_by()[: COUNTED + 1].count()
        more = number > COUNTED
        counted = f"{'more than ' * more}{wording.counted(min(number, COUNTED), self.type_of_list(request))}"
        asked = request.GET.urlencode()
        listed = reverse(f"admin:automations_{self.opts.model_name}_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": f"Mass post: {counted}",
            "opts": self.opts,
            "chosen": chosen,
            "counted": counted,
            "number": number,
            "form": form,
            "here": f"{self._mass_post_url()}?{asked}" if asked else self._mass_post_url(),
            "back": f"{listed}?{asked}" if asked else listed,
        }
        return render(request, TEMPLATE, context)

    def _mass_post_url(self) -> str:
        return reverse(f"admin:automations_{self.opts.model_name}_mass_post_list")
