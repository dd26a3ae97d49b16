"""Ana of Harbour Learning, and rules that are tried on her before they are switched on."""

from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.utils import timezone

from automations import occasions, rule_drafts, rule_trials
from automations.models import Action, CertificateTemplate, Change, Record, Rule
from automations.rule_drafts import RuleDraft
from automations.rule_trials import Told, Trial
from tests.automations.actions.acting import rule_that, tell
from tests.automations.certified import make_template as make_certificate
from tests.automations.letters import make_member
from tests.automations.letters import make_template as make_letter
from tests.world import ANA, make_webhook
from webhooks_out.models import Webhook

SATURDAY = datetime(2026, 11, 21, 12, tzinfo=UTC)
# Options that make an action of each kind work, beside the webhook of the one that needs it.
OPTIONS: dict[str, dict[str, str]] = {
    "post_webhook": {},
    "update_record": {"field": "stage", "value": "Certified"},
    "create_record": {"title": "Call {first_name}", "fields": "phone = {phone}"},
    "send_email": {"template": "Welcome"},
    "notify_staff": {"role": "Trainers", "subject": "{first_name} passed", "text": "Stage: {stage}"},
    "issue_certificate": {"template": "Level 2"},
    "recheck": {},
}


def enrol(**fields: Any) -> Record:
    """Ana, who has just become enrolled."""
    tell(**{**ANA, **fields})
    tell(stage="Enrolled")
    return Record.objects.get(type="Contact", external_id="7")


def furnish(url: str = "http://127.0.0.1:9/") -> Webhook:
    """What actions of every kind refer to."""
    make_certificate()
    make_letter(
        to="{email}", subject="Welcome, {first_name}", text="Hello {first_name}, your stage is {stage}."
    )
    make_member("Trainers", "mia@harbour.example")
    return make_webhook(url, pairs={"Email": "email", "Stage": "stage"})


def add_action(rule: Rule, kind: str, webhook: Webhook | None = None, **timing: Any) -> Action:
    """One more action of a rule, with options that work unless others are given."""
    options = timing.pop("options", OPTIONS[kind])
    position = rule.actions.count()
    hook = webhook if kind == "post_webhook" else None
    return Action.objects.create(
        rule=rule, kind=kind, webhook=hook, position=position, options=options, **timing
    )


def rule_with(*conditions: tuple[str, str, str], **options: Any) -> Rule:
    """A rule that is switched off, without any action."""
    rule = rule_that("recheck", *conditions, name="Certify")
    rule.actions.all().delete()
    Rule.objects.filter(pk=rule.pk).update(**{"active": False, **options})
    return rule


def draft_of(rule: Rule) -> RuleDraft:
    """The rule as it is saved."""
    draft = rule_drafts.stored(rule.pk)
    assert draft
    return draft


def try_on(rule: Rule, record: Record, change: Change | str = "", now: datetime | None = None) -> Trial:
    """A test run on a change of the record, its latest one unless said otherwise."""
    key = change.pk if isinstance(change, Change) else change
    happened, _ = occasions.chosen(record, key, rule)
    return rule_trials.run(draft_of(rule), happened, now or timezone.now())


def lines(told: Told) -> dict[str, str]:
    """What a step would do, by its labels."""
    return {line.label: line.value for line in told.foreseen.lines}


def everything() -> dict[str, list[Any]]:
    """Every row of every table."""
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in _tables()}


def last_number() -> int:
    """The running number that was given out last."""
    return CertificateTemplate.objects.get().last_number


def _tables() -> list[Any]:
    return [model for model in apps.get_models() if not model._meta.proxy]
