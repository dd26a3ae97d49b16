"""What the admin's forms check as well: a thing that cannot work is refused before it is saved."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.conf import settings

from automations import certificate_checks, conditions, email_checks, once_keys
from automations import checks as rule_checks
from automations.actions import ACTIONS
from automations.checks import Planned
from automations.models import Action, CertificateTemplate, Condition, EmailTemplate, Rule, Tag
from config.files.entries import revealed
from webhooks_in import checks as source_checks
from webhooks_in import schemes
from webhooks_in.dialects import DIALECTS
from webhooks_in.models import Source
from webhooks_in.processing import field_row
from webhooks_in.signatures import unusable
from webhooks_out import checks as webhook_checks
from webhooks_out import http, mapping, outbox, signing
from webhooks_out.mapping import Pair
from webhooks_out.models import KeyValue, Webhook

_NAME = re.compile(r"\{[^{}]{1,200}\}")

TWICE = {"field_map": "this key is mapped twice.", "constants": "this field has a constant already."}

Problems = Iterator[tuple[str, str]]  # where below the thing, and what is wrong there


def webhook(row: Webhook, rows: Mapping[str, list[KeyValue]]) -> Problems:
    """An address that may be reached, a body its method can carry, headers that can be sent, pairs with a value."""
    allowed = settings.ALLOWED_PRIVATE_NETWORKS
    yield (
        "url",
        http.check_url(row.url, allowed) or http.check_url(outbox.with_port(row.url, row.port), allowed),
    )
    yield "url", "{TAGS} are not filled in here." if {"{", "}"} & set(row.url) else ""
    yield "body_kind", webhook_checks.body_problem(row.method, row.body_kind)
    yield "headers", " ".join(webhook_checks.header_problems(row.headers, secret=False))
    yield "schedule", webhook_checks.schedule_problem(row.schedule)
    yield "ca", webhook_checks.certificate_problem(row.ca)
    for index, pair in enumerate(rows["key_values"]):
        yield f"key_values[{index}]", webhook_checks.row_problem(_without_secret(pair))


def source(row: Source, rows: Mapping[str, list[Any]]) -> Problems:
    """A verification that is complete, a dialect that finds the record's id, and leads treated as can be done."""
    secret = revealed(row.secret)
    yield "custom_scheme" if row.custom_scheme else "preset", " ".join(schemes.problems(row.scheme()))
    yield "secret", " ".join(unusable(row.scheme(), [secret])) if secret else ""
    yield "dedup_template", _template(row.dedup_template)
    if DIALECTS[row.dialect].needs_paths and not row.path_record_id:
        yield "dialect", "this needs path_record_id: where the record's id stands in the request."
    for name, column in (("field_map", "key"), ("constants", "field")):
        seen: set[str] = set()
        for index, one in enumerate(rows[name]):
            yield f"{name}[{index}].{column}", TWICE[name] if getattr(one, column) in seen else ""
            seen.add(getattr(one, column))
    yield from _leads(row, rows)


def rule(row: Rule, rows: Mapping[str, list[Any]]) -> Problems:
    """Conditions that can be judged and can hold together, a data source that is there, and something to do."""
    yield "source", "" if _is_there(row) else "there is no data source with this title."
    of_conditions: list[Condition] = rows["conditions"]
    of_actions: list[Action] = rows["actions"]
    for index, condition in enumerate(of_conditions):
        yield f"conditions[{index}].value", conditions.problem(condition.row())
    yield "conditions", " ".join(rule_checks.contradictions(condition.row() for condition in of_conditions))
    yield "actions", "" if of_actions else "a rule needs at least one action."
    for index, action in enumerate(of_actions):
        planned = Planned(
            webhook=action.webhook.title if action.webhook else "",
            needs_webhook=ACTIONS[action.kind].needs_webhook,
            problem=ACTIONS[action.kind].problem(action.options),
            delay=action.delay,
            unit=action.delay_unit,
            timing=action.timing,
        )
        yield f"actions[{index}].once_key", _once_key(action)
        yield f"actions[{index}].options", planned.problem if action.options else ""
        yield f"actions[{index}]", rule_checks.action_problem(planned)


def _once_key(action: Action) -> str:
    return once_keys.problem(action.once_key, ACTIONS[action.kind].once_tags)


def certificate(row: CertificateTemplate, _rows: Mapping[str, list[Any]]) -> Problems:
    """Tags that there are, and a number that is one."""
    yield from certificate_checks.problems(row, certificate_checks.known_tags())


def tag(row: Tag, _rows: Mapping[str, list[Any]]) -> Problems:
    """A name that is found again in a text."""
    found = mapping.tags_in(f"{{{row.name}}}")
    wrong = "a tag starts with a letter and has no braces, quotes or line breaks."
    yield "", "" if found == (row.name,) else wrong


def email_template(row: EmailTemplate, _rows: Mapping[str, list[Any]]) -> Problems:
    """Tags that are there, addresses that are some, and HTML in which values stay text."""
    yield from email_checks.problems(row)


def _is_there(row: Rule) -> bool:
    """Whether the rule's data source is, or is at least the one it had: that one may be gone by now."""
    there = Source.objects.filter(title=row.source)
    return not row.source or there.exists() or Rule.objects.filter(pk=row.pk, source=row.source).exists()


def _leads(row: Source, rows: Mapping[str, list[Any]]) -> Problems:
    """What is wrong with the field map's defaults and with recognising duplicates."""
    fields = [field_row(one) for one in rows["field_map"]]
    for index, field in enumerate(fields):
        yield f"field_map[{index}].default", source_checks.default_problem(field)
    for column in source_checks.IDLE:
        yield column, source_checks.dialect_problem(row, column)
    yield "event", source_checks.event_problem(row)
    written, constants = row.match_field, {one.field for one in rows["constants"]}
    meant = source_checks.match_field(written)
    yield "match_field", "" if meant == written else f"write “{meant}” here."
    yield "match_field", source_checks.match_problem(written, fields, constants)


def _template(text: str) -> str:
    """Why this template of an identity can never give one, or ""."""
    literal = _NAME.sub("", text)
    wrong = "{" in literal or "}" in literal or (text and literal == text)
    return "write names of headers or fields in braces, such as {webhook-id} or {data.id}." if wrong else ""


def _without_secret(row: KeyValue) -> Pair:
    """The row as the mapping checks it: what its secret is does not matter."""
    value = "" if row.kind == KeyValue.Kind.SECRET else row.value
    return Pair(
        row.key, row.kind, value, row.missing, row.default, transform=row.transform, argument=row.argument
    )


_WRONG_HEADERS = "one of its lines cannot be sent as a header, or stands there twice."  # does not repeat it

# What a secret may be, judged only when the file sets it: what is stored may have been entered for good reasons.
SECRETS: dict[str, Callable[[str], str]] = {
    "signing_secret": signing.check_secret,
    "secret_headers": lambda text: (
        _WRONG_HEADERS if any(webhook_checks.header_problems(text, secret=True)) else ""
    ),
}
CHECKS: dict[type, Any] = {
    CertificateTemplate: certificate,
    EmailTemplate: email_template,
    Rule: rule,
    Source: source,
    Tag: tag,
    Webhook: webhook,
}
