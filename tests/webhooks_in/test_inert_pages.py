"""Whatever was stored, by senders or by colleagues, no page runs it, follows it or breaks on it."""

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from automations.models import Action, Change, Condition, Record, Rule, Run, System, Tag
from tests.staff import signed_in, text
from tests.world import make_source, post, work
from webhooks_in.models import Receipt, Source, SourceField
from webhooks_out import definitions
from webhooks_out.models import Delivery, Webhook

pytestmark = pytest.mark.django_db
MARK = "planted"
HOSTILE = (
    f"<script>{MARK}()</script>",
    f'"><img src=x onerror={MARK}()>',
    f"'-{MARK}()-'",
    f"javascript:{MARK}()",
    f"{{{{ {MARK} }}}}{{% {MARK} %}}${{{MARK}}}",
    f"</script></textarea></style><svg onload={MARK}()>",
)


class Danger(HTMLParser):
    """Collects what a browser would run or follow: elements and attributes in which the mark stands as code."""

    RUNS = re.compile(r"^(on|x-|:|@|hx-)")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag if tag in ("script", "style") else self.inside
        if MARK in tag:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            code = self.RUNS.match(name) and name != "x-model.fill"
            followed = name in ("href", "src", "action", "formaction") and (value or "").lower().startswith(
                "javascript"
            )
            if MARK in name or (MARK in (value or "") and (code or followed)):
                self.found.append(f"<{tag} {name}={value}>")

    def handle_endtag(self, tag: str) -> None:
        self.inside = "" if tag == self.inside else self.inside

    def handle_data(self, data: str) -> None:
        if self.inside and MARK in data and not data.lstrip().startswith(("{", "[")):
            self.found.append(f"in <{self.inside}>: {data[:80]}")


def dangers(page: str) -> list[str]:
    """What in the page would run; the parser is first shown to see such things."""
    parser = Danger()
    parser.feed(page)
    return parser.found


@pytest.mark.parametrize(
    "page",
    [
        f"<script>{MARK}()</script>",
        f"<img onerror='{MARK}()'>",
        f"<a href='javascript:{MARK}()'>x</a>",
        f"<div x-show='{MARK}'></div>",
        f"<{MARK}>",
    ],
)
def test_the_search_for_dangers_finds_them(page: str) -> None:
    assert dangers(page)


@pytest.fixture
def world() -> list[Any]:
    """One row of everything, with hostile text wherever text may stand; returns what has a page of its own."""
    poison = "".join(HOSTILE)
    system = System.objects.create(name=poison[:120])
    source = make_source(title=poison[:120], note=poison, record_type="", dialect="standard_webhooks")
    Source.objects.update(system=system)
    SourceField.objects.create(source=source, key=poison[:200], field=poison[:200])
    rule = Rule.objects.create(name=HOSTILE[0], monitor="every", record_type="Contact", note=poison)
    for number, bad in enumerate(HOSTILE):
        Condition.objects.create(rule=rule, group=number + 2, field=bad, operator="not_equals", value=bad)
    webhook = Webhook.objects.create(title=poison[:120], url="http://127.0.0.1:9/")
    Action.objects.create(rule=rule, webhook=webhook)
    Action.objects.create(rule=rule, webhook=webhook, position=1, delay=1)
    Tag.objects.create(name=poison[:60], path=poison[:200])
    definitions.touch()
    data = {"id": poison[:200].replace("{", "("), "name": poison, **dict.fromkeys(HOSTILE, poison)}
    post(
        source,
        {"type": "contact.updated", "data": {**data, "previous": {"name": "x"}}},
        **{"X-Odd": HOSTILE[1]},
    )
    post(source, {"type": HOSTILE[0], "data": data})
    work()
    Receipt.objects.update(
        reason=poison[:500], notes=[poison], dedup_key=None, query=poison, content_type=poison[:200]
    )
    Change.objects.update(actor=poison[:200], notes=[poison], source=poison[:120])
    Run.objects.update(reason=poison[:500])
    Delivery.objects.update(reason=poison[:500], requested_by=HOSTILE[0], origin="manual")
    return [
        *(model.objects.first() for model in (Source, Rule, System, Tag, Record, Change)),
        *Run.objects.all(),
        Receipt.objects.last(),
    ]


def test_no_page_runs_what_was_stored(world: list[Any]) -> None:
    client = signed_in(superuser=True)
    for row in world:
        start = f"admin:{row._meta.app_label}_{row._meta.model_name}"
        for url in (reverse(f"{start}_change", args=[row.pk]), reverse(f"{start}_changelist")):
            page = text(client.get(url))
            assert MARK in page, f"{url} should show what is stored"
            assert not dangers(page), url


def test_a_handed_over_condition_is_only_text(world: list[Any]) -> None:
    client: Client = signed_in(superuser=True)
    for bad in HOSTILE:
        query = urlencode(
            {"field": bad, "operator": bad, "value": bad, "record_type": bad, "event": bad, "name": bad}
        )
        assert not dangers(text(client.get(f"/admin/automations/rule/add/?{query}")))
        assert not dangers(text(client.get(f"/admin/automations/rule/fields/?{query}")))
        assert not dangers(
            text(client.get(f"/admin/automations/record/?{urlencode({'q': bad, 'type': bad})}"))
        )


def test_messages_about_what_was_stored_are_only_text(world: list[Any]) -> None:
    client = signed_in(superuser=True)
    rule = Rule.objects.get()
    chosen = {"action": "switch_off", "_selected_action": rule.pk}
    assert not dangers(text(client.post("/admin/automations/rule/", chosen, follow=True)))
    assert not dangers(text(client.get(f"/admin/automations/rule/{rule.pk}/history/")))
    assert not dangers(text(client.get(f"/admin/automations/rule/{rule.pk}/delete/")))
