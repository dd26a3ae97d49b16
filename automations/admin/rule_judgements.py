"""The page of a rule that says why it did not fire: what it made of the newest changes, or of those of one record."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from unfold.decorators import action

from automations import judgements
from automations.admin.definitions import DefinitionAdmin
from automations.models import Rule
from webhooks_out.admin_log import as_uuid

STATES = {
    "": "All it looked at",
    judgements.FIRED: "Fired",
    judgements.SILENT: "Did not fire",
    judgements.HELD: "Held back",
}
BADGES = {
    judgements.FIRED: ("Fired", "success"),
    judgements.SILENT: ("Did not fire", ""),
    judgements.HELD: ("Held back", "warning"),
    "": ("Not looked at", "info"),
}


class RuleJudgements(DefinitionAdmin):
    """The part of the admin of rules that explains them."""

    actions_detail = ("why",)

    def has_why_permission(self, request: HttpRequest, _obj: object = None) -> bool:
        """Who may see both rules and changes."""
        return request.user.has_perms(["automations.view_rule", "automations.view_change"])

    @action(description="Why did it not fire?", permissions=["why"], icon="help", url_path="why")
    def why(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The page; searched for a record or a change, it tells of rules that were not looked at, too."""
        rule: Rule | None = self.get_object(request, object_id)
        if rule is None:
            raise Http404
        term, state = request.GET.get("q", "").strip(), request.GET.get("state", "")
        before = as_uuid(request.GET.get("before", ""))
        page = judgements.about(rule, term, before) if term else judgements.newest(rule, state, before)
        context = self.admin_site.each_context(request) | {
            "title": f"Why did it not fire? {rule.name}",
            "rule": rule,
            "page": page,
            "lines": [(one, *BADGES[one.state]) for one in page.judgements],
            "states": STATES.items(),
            "state": state if state in STATES else "",
            "term": term,
            "is_first": before is None,
            "older": urlencode({"q": term, "state": state, "before": page.older}) if page.older else "",
            "span": judgements.SPAN,
            "opts": self.opts,
        }
        return render(request, "admin/automations/rule/why.html", context)
