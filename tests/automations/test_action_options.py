"""What there is to say of a kind of action is entered beside it, checked, told, kept in files, and read by its run."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from automations.actions import ACTIONS
from automations.actions.kinds import Option, Options
from automations.models import Action, Rule
from automations.sentences import sentence
from config.files import NotLoadable, export, load
from tests.automations.test_rule_admin import add, change_url, entered
from tests.staff import form_of, signed_in, text

pytestmark = pytest.mark.django_db
POST = "actions-0-options-post_webhook"
SAID = {f"{POST}-colour": "red", f"{POST}-words": "to {FIRSTNAME}"}


def _refuse(options: Options) -> str:
    return "Not on a Sunday." if options["words"] == "Sunday" else ""


@pytest.fixture(autouse=True)
def painting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Posting a webhook, as if there were more to say of it and no webhook to choose."""
    options = (
        Option("colour", "Colour", "Of the paint.", choices=lambda: [("red", "Red"), ("blue", "Blue")]),
        Option("words", "Words", required=True, lines=3),
        Option("size", "Size", default="10"),
    )
    kind = replace(
        ACTIONS["post_webhook"],
        needs_webhook=False,
        options=options,
        refuse=_refuse,
        deed=lambda given: f"paint “{given['words']}” in {given['size']}",
    )
    monkeypatch.setitem(ACTIONS, "post_webhook", kind)


@pytest.fixture
def client() -> Client:
    return signed_in(superuser=True)


def test_what_was_entered_is_kept_and_told(client: Client) -> None:
    add(client, None, **SAID)
    assert Action.objects.get().options == {"colour": "red", "words": "to {FIRSTNAME}"}
    assert "paint “to {FIRSTNAME}” in 10" in sentence(Rule.objects.get())


def test_it_stands_in_the_form_again_and_stays(client: Client) -> None:
    add(client, None, **SAID)
    page = change_url(Rule.objects.get())
    assert "to {FIRSTNAME}</textarea>" in text(client.get(page))
    client.post(page, form_of(client, page, **SAID | {f"{POST}-words": "Hello"}))
    assert Action.objects.get().options == {"colour": "red", "words": "Hello"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({f"{POST}-words": " "}, "Words: fill this in."),
        ({**SAID, f"{POST}-words": "x" * 10_001}, "Words: this is longer than 10,000 characters."),
        ({**SAID, f"{POST}-colour": "green"}, "Colour: there is no “green”."),
        ({**SAID, f"{POST}-words": "Sunday"}, "Not on a Sunday."),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(
    client: Client, fields: dict[str, Any], words: str
) -> None:
    assert words in add(client, None, **fields)
    assert not Rule.objects.exists()


def test_a_file_holds_it_and_brings_it_back(client: Client) -> None:
    client.post(
        "/admin/automations/rule/add/",
        form_of(client, "/admin/automations/rule/add/", **entered(None, **SAID)),
    )
    written = export()
    assert "words: to {FIRSTNAME}" in written
    Rule.objects.all().delete()
    load(written.encode(), {})
    assert Action.objects.get().options == {"colour": "red", "words": "to {FIRSTNAME}"}
    assert export() == written


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("colour: green", "there is no “green”"),
        ("taste: sweet", "no option “taste”"),
        ("colour: red", "fill this in"),
    ],
)
def test_a_file_that_says_what_cannot_be_is_refused(line: str, words: str) -> None:
    rule = f"rules:\n  - name: Paint\n    actions:\n      - options:\n          {line}\n"
    with pytest.raises(NotLoadable, match=words):
        load(rule.encode(), {})
