"""How a field of a sample is carried over to where it is used."""

from collections.abc import Collection
from urllib.parse import urlencode

from django import template
from django.urls import reverse

from automations.changes import RecordUpdate
from automations.models.rules import ANY_CHANGE
from automations.outlines import Leaf

register = template.Library()


@register.filter
def in_braces(path: str) -> str:
    """The path as texts of a mapping write it."""
    return f"{{{path}}}"


@register.simple_tag
def rule_url(update: RecordUpdate, leaf: Leaf, changed: Collection[str] | None) -> str:
    """The page of a new rule that asks for this field with this value."""
    ordinary = update.event in ("", "created", "updated")
    query = {
        "record_type": update.record_type,
        "event": ANY_CHANGE if ordinary else update.event,
        "field": leaf.path,
        "operator": _operator(leaf, changed or ()),
        "value": leaf.value,
    }
    return f"{reverse('admin:automations_rule_add')}?{urlencode({key: text for key, text in query.items() if text})}"


def _operator(leaf: Leaf, changed: Collection[str]) -> str:
    """What is probably meant: a field the sender calls changed is waited for to change again."""
    if leaf.path in changed:
        return "changed_to" if leaf.value else "changed"
    return "equals" if leaf.value else "is_not_empty"
