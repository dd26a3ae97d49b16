"""“Try it” on the form of a rule: a test run on a record, and a backtest, of what is in the form. Nothing is saved."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from automations import access, backtests, occasions, rule_drafts, rule_trials, search
from automations.admin import trial_words
from automations.admin.held_runs import HeldRuns
from automations.admin.rule_drafts import posted
from automations.models import Change, Record
from automations.rule_drafts import RuleDraft
from webhooks_out.admin_log import as_uuid

FOLDER = "admin/automations/rule/trial"
OFFERED = 8  # records
RECENT = 200  # changes of any type among which those that changed last are found
NOT_YOURS = "You may not see records of the type “{type}”, so you cannot try a rule on them."
NO_RECORD = "There is no record of the type “{type}” yet. Send one through a data source, or add one by hand."


class RuleTrials(HeldRuns):
    """The part of the admin of rules that tries what is in the form."""

    def get_urls(self) -> list[URLPattern]:
        pages = []
        for name, view in (("trial", self.trial_view), ("backtest", self.backtest_view)):
            asked = self.admin_site.admin_view(view)
            pages.append(path(f"{name}/", asked, name=f"automations_rule_{name}_new"))
            pages.append(path(f"<int:object_id>/{name}/", asked, name=f"automations_rule_{name}"))
        records = self.admin_site.admin_view(self.trial_records_view)
        return [
            path("trial/records/", records, name="automations_rule_trial_records"),
            *pages,
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Adds where the form is tried."""
        rule = context.get("original")
        for name in ("trial", "backtest"):
            page = f"admin:automations_rule_{name}"
            context[f"{name}_url"] = reverse(page, args=[rule.pk]) if rule else reverse(f"{page}_new")
        return super().render_change_form(request, context, *args, **kwargs)

    def trial_records_view(self, request: HttpRequest) -> HttpResponse:
        """The records to choose from, or what happened to the one that was chosen."""
        if not (self.has_view_or_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        if key := request.GET.get("_record", ""):
            record = _record(request, key, None)
            happened = occasions.offered(record) if record else []
            return render(request, f"{FOLDER}/occasions.html", {"occasions": happened})
        record_type = request.GET.get("record_type", "").replace("\0", "").strip()
        term = request.GET.get("_find", "").strip()
        may = access.may_view(request.user, record_type)
        records = _offered(record_type, term) if may else []
        nothing = "" if records else _nothing(record_type, may, term)
        return render(
            request,
            f"{FOLDER}/records.html",
            {
                "records": records,
                "nothing": nothing,
                "occasions": occasions.offered(records[0]) if records else [],
            },
        )

    def trial_view(self, request: HttpRequest, object_id: int | None = None) -> HttpResponse:
        """What the rule in the form would do for the chosen record, step by step."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        draft, problems = self._draft(request, object_id)
        if problems:
            return _refused(request, problems)
        record_type = draft.rule.record_type
        record = _record(request, request.POST.get("_record", ""), record_type)
        if record is None:
            may = access.may_view(request.user, record_type)
            return _refused(request, [_nothing(record_type, may, "")])
        wanted = request.POST.get("_change", "")
        key: str | UUID = as_uuid(wanted) or wanted
        change, occasion = occasions.chosen(record, key, draft.rule)
        trial = rule_trials.run(draft, change, timezone.now())
        return render(request, f"{FOLDER}/trial.html", trial_words.told(trial, occasion, request.user))

    def backtest_view(self, request: HttpRequest, object_id: int | None = None) -> HttpResponse:
        """How often the rule in the form would have fired, beside the one that is saved."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        draft, problems = self._draft(request, object_id)
        if not problems and not access.may_view(request.user, draft.rule.record_type):
            problems = [NOT_YOURS.format(type=draft.rule.record_type)]
        if problems:
            return _refused(request, problems)
        saved = rule_drafts.stored(object_id) if object_id else None
        found = backtests.run(draft, saved)
        return render(
            request,
            f"{FOLDER}/backtest.html",
            {
                "backtest": found,
                "draft": draft,
                "listed": backtests.LISTED,
                "trial_url": request.path.replace("/backtest/", "/trial/"),
            },
        )

    def _draft(self, request: HttpRequest, object_id: int | None) -> tuple[RuleDraft, list[str]]:
        """The rule in the form; for who may not change it, the rule as it is saved."""
        rule = self.get_object(request, str(object_id)) if object_id else None
        may = (
            self.has_view_or_change_permission(request, rule)
            if object_id
            else self.has_add_permission(request)
        )
        if not may:
            raise PermissionDenied
        if object_id and rule is None:
            raise Http404
        if rule is None or self.has_change_permission(request, rule):
            return posted(self, request, rule)
        saved = rule_drafts.stored(rule.pk)
        return (saved, []) if saved else (RuleDraft(rule, (), ()), [])


def _record(request: HttpRequest, key: str, record_type: str | None) -> Record | None:
    """The record of that key, else the first of those offered for the type; of those this person may see."""
    found: Record | None = None
    if key.isascii() and key.isdecimal() and len(key) < 19:
        found = Record.objects.filter(pk=int(key)).first()
    if record_type is not None and (found is None or found.type != record_type):
        found = next(iter(_offered(record_type, "")), None)
    return found if found and access.may_view(request.user, found.type) else None


def _offered(record_type: str, term: str) -> list[Record]:
    """The records of the type that are found by the term, or those that changed last. A few queries."""
    among = Record.objects.filter(type=record_type)
    if term:
        return list(among.filter(pk__in=search.records(among, term, [record_type])).order_by("-id")[:OFFERED])
    recent = Change.objects.order_by("-id").values_list("record_id", "record__type")[:RECENT]
    keys = list(dict.fromkeys(pk for pk, kind in recent if kind == record_type))[:OFFERED]
    found = among.in_bulk(keys)
    changed = [found[pk] for pk in keys if pk in found]
    return changed or list(among.order_by("-id")[:OFFERED])


def _nothing(record_type: str, may: bool, term: str) -> str:
    if not may:
        return NOT_YOURS.format(type=record_type)
    return f"Nobody is found by “{term}”." if term else NO_RECORD.format(type=record_type)


def _refused(request: HttpRequest, problems: list[str]) -> HttpResponse:
    return render(request, f"{FOLDER}/trial.html", {"problems": problems})
