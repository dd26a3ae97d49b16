"""“Send test”: the form as it stands is judged, sent once and told about, and nothing of it is saved."""

from copy import copy
from typing import Any

from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from unfold.admin import ModelAdmin

from webhooks_out import curl, trials
from webhooks_out.admin_log import pretty
from webhooks_out.forms import KeyValueFormSet, WebhookForm
from webhooks_out.masks import masked_headers
from webhooks_out.models import Webhook
from webhooks_out.trials import NoSamples, Samples, Trial

TEMPLATE = "admin/webhooks_out/webhook/trial.html"
UNNAMED = "Test of a new webhook"


class TrialPage(ModelAdmin):
    """The part of the webhook's admin that tries what is in the form."""

    def samples(self, request: HttpRequest) -> Samples:
        """Where records to try on come from; the application's composition overrides it."""
        return NoSamples()

    def try_view(self, request: HttpRequest, object_id: int | None = None) -> HttpResponse:
        """Sends the posted form once and answers with what came of it, as a part of the page."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        webhook = self._of(request, object_id)
        form, rows = self._posted(request, webhook)
        if problems := self._problems(form, rows):
            return render(request, TEMPLATE, {"problems": problems})
        unsaved: Webhook = form.instance
        unsaved.title = unsaved.title or UNNAMED
        kept = rows.rows(moved=form.moved) if rows else []
        sample = self.samples(request).find(
            request.POST.get("_record", ""), request.POST.get("_record_id", "")
        )
        trial = trials.run(unsaved, kept, sample or trials.made_up(kept), request.user.get_username())
        return render(request, TEMPLATE, self._told(trial, unsaved))

    def _of(self, request: HttpRequest, object_id: int | None) -> Webhook | None:
        webhook = self.get_object(request, str(object_id)) if object_id else None
        if not self.has_change_permission(request, webhook):
            raise PermissionDenied
        if object_id and webhook is None:
            raise Http404
        return webhook

    def _posted(
        self, request: HttpRequest, webhook: Webhook | None
    ) -> tuple[WebhookForm, KeyValueFormSet | None]:
        fields = flatten_fieldsets(self.get_fieldsets(request, webhook))
        change = webhook is not None
        form = self.get_form(request, webhook, change=change, fields=fields)(request.POST, instance=webhook)
        form.is_valid()
        formsets, _ = self._create_formsets(request, form.instance, change=change)
        return form, next(iter(formsets), None)

    def _problems(self, form: WebhookForm, rows: KeyValueFormSet | None) -> list[str]:
        """What keeps the form from being sent, in sentences; a title can wait."""
        found = [
            f"{form.fields[name].label if name in form.fields else 'The form'}: {error}"
            for name, errors in form.errors.items()
            if name != "title"
            for error in errors
        ]
        if rows is None:
            return [*found, "You may not see this webhook's keys, so you cannot test it."]
        rows.is_valid()
        found += [str(error) for error in rows.non_form_errors()]
        for number, row in enumerate(rows.forms, 1):
            found += [f"Row {number}: {error}" for listed in row.errors.values() for error in listed]
        return found

    def _told(self, trial: Trial, webhook: Webhook) -> dict[str, Any]:
        """The context of the page: secrets masked, texts as they are (the template escapes them)."""
        shown = copy(trial.delivery)
        shown.webhook = webhook
        answer = trial.answer
        return {
            "trial": trial,
            "delivery": trial.delivery,
            "headers": masked_headers(trial.delivery.headers) | curl.added_headers(shown),
            "body": pretty(bytes(trial.delivery.body), trial.delivery.headers.get("Content-Type", "")),
            "answer": answer,
            "answer_headers": masked_headers(answer.headers) if answer else {},
            "excerpt": pretty(answer.excerpt, "") if answer else "",
        }
