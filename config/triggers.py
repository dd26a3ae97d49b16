"""What makes a webhook post: the rules that use it, as its page lists them."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.urls import reverse

from automations import stats
from automations.models import Rule
from automations.sentences import sentence
from webhooks_out.admin_log import ago
from webhooks_out.models import Webhook

SHOWN = 50  # rules listed; one more than that says that there are more


@dataclass(frozen=True)
class Trigger:
    """One rule that posts to a webhook."""

    name: str
    url: str
    sentence: str
    active: bool
    fired: str  # how long ago it last started something


@dataclass(frozen=True)
class Triggers:
    """The rules that post to a webhook; `add` leads to a new one with it filled in, "" for who may not add any."""

    rules: tuple[Trigger, ...]
    more: bool
    add: str


def of(webhook: Webhook | None, person: AbstractUser | AnonymousUser) -> Triggers | None:
    """The rules of a stored webhook; None for who may not look at rules. Five queries, however many there are."""
    if webhook is None or not person.has_perm("automations.view_rule"):
        return None
    using = Rule.objects.filter(pk__in=Rule.objects.filter(actions__webhook=webhook).values("pk"))
    using = using.select_related("system").prefetch_related("conditions", "actions__webhook")
    found = list(stats.with_firings(using)[: SHOWN + 1])
    may_add = person.has_perm("automations.add_rule")
    add = f"{reverse('admin:automations_rule_add')}?webhook={webhook.pk}" if may_add else ""
    return Triggers(tuple(_trigger(rule) for rule in found[:SHOWN]), len(found) > SHOWN, add)


def _trigger(rule: Any) -> Trigger:
    return Trigger(
        name=rule.name,
        url=reverse("admin:automations_rule_change", args=[rule.pk]),
        sentence=sentence(rule),
        active=rule.active,
        fired=f"{ago(rule.last_fired_at)} ago" if rule.last_fired_at else "never",
    )
