"""The tags as people look for them: by group, with their meaning, their value on a record, and where they are used."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from automations import sensitive
from automations.actions import post_webhook
from automations.models import Change, Record, Tag
from automations.outlines import shown
from webhooks_out import mapping
from webhooks_out.mapping import Values
from webhooks_out.models import KeyValue
from webhooks_out.scalars import is_empty

GROUPS: dict[str, str] = {
    Tag.Group.CONTACT: "The person the record is about.",
    Tag.Group.COAPPLICANT: "The person who applies with them.",
    Tag.Group.CREDITOR: "One tag for each creditor: write the number you mean, as in {C2_NAME}.",
    Tag.Group.BANK: "The account payments are drawn from.",
    Tag.Group.BUDGET: "Income and expenses. To pass them to another hub, the key is the other hub's tag without "
    "braces, and the value is yours with braces.",
    Tag.Group.SYSTEM: "What this hub knows of a record beside its fields.",
    Tag.Group.CUSTOM: "What you added.",
}
SAMPLE_PART = "Custom field"  # in the place of the * of a tag such as CCF:*

_NUMBER = re.compile(r"#")


@dataclass(frozen=True)
class Use:
    """A webhook that uses a tag."""

    webhook_id: int
    title: str


@dataclass(frozen=True)
class Shown:
    """One tag: how it is written in a mapping, and its value on the sample record ("" without one)."""

    tag: Tag
    written: str
    value: str = ""
    uses: tuple[Use, ...] = ()


@dataclass(frozen=True)
class Group:
    """The tags of one group."""

    name: str
    label: str
    help: str
    tags: list[Shown] = field(default_factory=list)


def groups(*, query: str = "", only: str = "", sample: Record | None = None) -> list[Group]:
    """The groups with the tags in which every word of the query occurs; those that hold none are left out.

    Four queries at most, and whatever special values need.
    """
    stored = list(Tag.objects.all())
    table = {tag.name: tag.path for tag in stored}
    values = _values(sample, table) if sample else None
    dots, used = sensitive.known(), uses(table)
    found: dict[str, list[Shown]] = defaultdict(list)
    for tag in stored:
        if only in ("", tag.group) and _matches(tag, query):
            found[tag.group].append(
                Shown(tag, written(tag.name), _value(tag, values, dots), tuple(used.get(tag.name, ())))
            )
    labels = dict(Tag.Group.choices)
    return [Group(name, labels[name], words, found[name]) for name, words in GROUPS.items() if name in found]


def by_group() -> dict[str, dict[str, str]]:
    """What each tag means, or the field it stands for, by the label of its group. One query."""
    labels = dict(Tag.Group.choices)
    found: dict[str, dict[str, str]] = {labels[name]: {} for name in GROUPS}
    for tag in Tag.objects.all():
        found[labels[tag.group]][written(tag.name)] = tag.label or tag.path
    return {label: tags for label, tags in found.items() if tags}


def written(name: str) -> str:
    """How a tag is written in a text: a numbered one for the first, a starred one with a name to be replaced."""
    return f"{{{_NUMBER.sub('1', name).replace('*', SAMPLE_PART)}}}"


def uses(table: Mapping[str, str]) -> dict[str, list[Use]]:
    """The webhooks that use each tag, by the name of its row. One query."""
    found: dict[str, dict[int, Use]] = defaultdict(dict)
    rows = KeyValue.objects.filter(kind=KeyValue.Kind.TEXT, value__contains="{").order_by("webhook__title")
    for webhook, title, value in rows.values_list("webhook", "webhook__title", "value"):
        for name in mapping.tags_in(value):
            found[_row(name, table)][webhook] = Use(webhook, title)
    return {name: list(webhooks.values()) for name, webhooks in found.items()}


def _row(name: str, table: Mapping[str, str]) -> str:
    """The row a tag of a text belongs to: C#_NAME for C2_NAME, CCF:* for CCF:City."""
    if name in table:
        return name
    numbered = re.sub(r"[0-9]{1,6}", "#", name, count=1)
    return numbered if numbered in table else f"{name.partition(':')[0]}:*"


def _values(record: Record, table: Mapping[str, str]) -> Values:
    now = Change(record=record, event="updated", fields=record.fields)
    return post_webhook.values(now, table)


def _value(tag: Tag, values: Values | None, dots: sensitive.Sensitive) -> str:
    if values is None or "*" in tag.name:
        return ""
    value = values.tag(written(tag.name)[1:-1])
    return "" if is_empty(value) else shown(dots.mask(tag.path, value))


def _matches(tag: Tag, query: str) -> bool:
    text = f"{{{tag.name}}} {tag.path} {tag.label} {written(tag.name)}".casefold()
    return all(word in text for word in query.casefold().split())


def newest(types: Iterable[str] | None, limit: int = 15) -> list[Record]:
    """The records a sample can be chosen from, the newest first; `types`: only these, None means all."""
    records = Record.objects.order_by("-id").only("pk", "type", "external_id", "name")
    return list((records if types is None else records.filter(type__in=types))[:limit])
