"""A file that is wrong changes nothing and says on which line and under which key, in words."""

import re

import pytest

from automations.models import Rule
from config.files import NotLoadable, export, load
from tests.world import make_source
from webhooks_in.models import Source
from webhooks_out.models import Webhook

START = """\
systems: [Insites]
webhooks:
  - title: Dialer
    url: https://dialer.example/post
sources:
  - title: Contacts
    system: Insites
    dialect: insites
rules:
  - name: Passed review
    conditions:
      - field: level2_review_status
        operator: changed_to
        value: Passed
    actions:
      - webhook: Dialer
"""

# What of START is replaced by what, and the beginning of the sentence that follows.
RULE, CONDITION, ACTION = "rules[0]", "rules[0].conditions[0]", "rules[0].actions[0]"
IN_CONDITION = {
    "operator: equal": f"13, {CONDITION}.operator: there is no operator “equal”; did you mean “equals”?",
    "operator: is empty": f"13, {CONDITION}.operator: there is no operator “is empty”; did you mean “is_empty”?",
    "operater: equals": f"13, {CONDITION}.operater: there is no key “operater” here; did you mean “operator”?",
    "operator: between": f"14, {CONDITION}.value: “is between” cannot work: write two numbers",
    "operator: is_empty": f"14, {CONDITION}.value: “is empty” takes no value",
    "operator: equals\n        group: 0": f"14, {CONDITION}.group: Ensure this value is greater than",
    "operator: equals\n        field: a": f"14, {CONDITION}.field: this key stands here twice.",
}
IN_ACTION = {
    "": "15, rules[0].actions: a rule needs at least one action.",
    "- webhook: Dailer": f"16, {ACTION}.webhook: there is no webhook “Dailer”; did you mean “Dialer”?",
    "- delay: 2 minutes": f"16, {ACTION}: Choose the webhook to post to.",
    "- {webhook: Dialer, delay: soon}": f"16, {ACTION}.delay: write a delay such as “30 minutes”",
    "- {webhook: Dialer, delay: 9999 days}": f"16, {ACTION}: The delay is longer than",
}
IN_RULE = {
    "monitor: once": f"10, {RULE}: the rule has no name.",
    "name: " + "n" * 121: f"10, {RULE}.name: Ensure this value has at most 120 characters",
    "name: [R]": f"10, {RULE}.name: write a text here.",
    "name: R\n    record_type: ''": f"11, {RULE}.record_type: This field cannot be blank.",
    "name: R\n    active: maybe": f"11, {RULE}.active: write true or false here.",
    "name: R\n    source: Tasks": f"11, {RULE}.source: there is no data source with this title.",
    "name: R\n    how often: once": f"11, {RULE}.'how often': there is no key “how often” here; did you mean “mon",
}
IN_SOURCE = {
    "system: Insite": "7, sources[0].system: there is no system “Insite”; did you mean “Insites”?",
    "note: x": "6, sources[0]: system: This field cannot be null.",
    "system: Insites\n    preset: custom": "6, sources[0]: “preset: custom” and a custom_scheme need each other.",
    "system: Insites\n    dedup_template: '{id'": "8, sources[0].dedup_template: write names of headers or fields",
    "system: Insites\n    max_body: 12": "8, sources[0].max_body: Ensure this value is greater than",
    "system: Insites\n    max_body: 1e6": "8, sources[0].max_body: write a whole number here.",
    "system: Insites\n    secret: hush": "8, sources[0].secret: name a variable of the environment, {env: NAME}",
    "system: Insites\n    secret: {file: x}": "8, sources[0].secret: name a variable of the environment",
    "system: Insites\n    secret: {env: UNSET}": "8, sources[0].secret: the environment has no variable 'UNSET'",
    "system: Insites\n    preset: basic\n    secret: {env: SHORT}": "9, sources[0].secret: Write the secret as",
    "system: Insites\n    token: {env: SHORT}": "8, sources[0].token: a token has 20 to 200 letters",
    "system: Insites\n    token: {env: TAKEN}": "8, sources[0].token: another data source has this token.",
    "system: Insites\n    field_map: [{key: a, field: b}, {key: a, field: c}]": (
        "8, sources[0].field_map[1].key: this key is mapped twice."
    ),
    "system: Insites\n    field_map: [{key: a, field: b, transform: upcase}]": (
        "8, sources[0].field_map[0].transform: there is no transform “upcase”"
    ),
}
IN_SCHEME = {
    "{mode: hmac}": "Name the header",
    "{header: X-Signature}": "the custom_scheme has no mode.",
    "{mode: hmac, moda: x}": "there is no key “moda” here; did you mean “mode”?",
    "{mode: token-equals, header: X, tolerance: x}": "write a whole number here.",
}
IN_WEBHOOK = {
    "url: ftp://dialer.example/": "4, webhooks[0].url: ",
    "url: http://10.0.0.1/": "4, webhooks[0].url: ",
    "url: https://[/\n    port: 80": "4, webhooks[0].url: ",
    "url: https://x.example/\n    schedule: often": "5, webhooks[0].schedule: Write seconds",
    "url: https://x.example/\n    headers: 'Host: x'": "5, webhooks[0].headers: The header Host is set",
    "url: https://x.example/\n    headers: hello": "5, webhooks[0].headers: “hello” has no colon.",
    "url: https://x.example/\n    signing_secret: {env: SHORT}": "5, webhooks[0].signing_secret: A signing secret",
    "url: https://x.example/\n    secret_headers: {env: SHORT}": "5, webhooks[0].secret_headers: one of its lines",
    'url: https://x.example/\n    note: "a\\0b"': "5, webhooks[0].note: this text holds a character that no",
}
IN_PAIR = {
    "{key: a}": "say where the value comes from: one of field, constant, secret, text.",
    "{key: a, field: b, text: c}": "say where the value comes from",
    "{field: a}": "key: This field cannot be blank.",
    "{key: a, field: ''}": "a: choose the field.",
    "{key: a, field: b, transform: truncate}": "a: Write how many characters to keep",
}
IN_THE_FILE = {
    "systems: [Insites, Insites]": "1, systems[1]: this system stands in the file twice, first on line 1.",
    "systems: Insites": "1, systems: write a list here.",
    "systems: ['']": "1, systems[0]: This field cannot be blank.",
    "system: [Insites]": "1, system: there is no key “system” here; did you mean “systems”?",
    "systems: [Insites]\ntags: {'7*7': a}": "2, tags.'7*7': a tag starts with a letter",
    "systems: [Insites]\ntags: [a]": "2, tags: write keys and values here.",
}
WRONG = [
    *(("operator: changed_to", *case) for case in IN_CONDITION.items()),
    *(("- webhook: Dialer", *case) for case in IN_ACTION.items()),
    *(("name: Passed review", *case) for case in IN_RULE.items()),
    *(("system: Insites", *case) for case in IN_SOURCE.items()),
    *(("url: https://dialer.example/post", *case) for case in IN_WEBHOOK.items()),
    *(("systems: [Insites]", *case) for case in IN_THE_FILE.items()),
]


@pytest.mark.parametrize(("right", "wrong", "sentence"), WRONG)
def test_what_is_wrong_is_named_with_its_place(db: None, right: str, wrong: str, sentence: str) -> None:
    taken = make_source("Taken", system="Insites")
    refused = refusal(
        START.replace(f"{right}\n", f"{wrong}\n"), SHORT="too short", TAKEN=taken.token.reveal()
    )
    assert refused.startswith(f"line {sentence}")
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(("scheme", "sentence"), IN_SCHEME.items())
def test_a_custom_scheme_must_be_complete(db: None, scheme: str, sentence: str) -> None:
    text = START.replace(
        "dialect: insites", f"dialect: insites\n    preset: custom\n    custom_scheme: {scheme}"
    )
    assert re.match(rf"line 10, sources\[0\]\.custom_scheme[.\w]*: {re.escape(sentence)}", refusal(text))


@pytest.mark.parametrize(("pair", "sentence"), IN_PAIR.items())
def test_a_key_value_must_be_complete(db: None, pair: str, sentence: str) -> None:
    text = f"webhooks:\n- title: A\n  url: https://a.example/\n  key_values:\n  - {{key: ok, field: b}}\n  - {pair}\n"
    assert re.match(
        rf"line 6, webhooks\[0\]\.key_values\[1\][.\w]*: {re.escape(sentence)}", refusal(text), re.IGNORECASE
    )


def test_a_dialect_that_needs_paths_asks_for_them(db: None) -> None:
    assert refusal(START.replace("dialect: insites", "dialect: json")).startswith(
        "line 8, sources[0].dialect: this needs path_record_id"
    )


def test_a_rule_stands_in_the_file_once(db: None) -> None:
    text = START + "  - name: Passed review\n    actions: [webhook: Dialer]\n"
    assert refusal(text) == "line 17, rules[1].name: this rule stands in the file twice, first on line 10."


def test_a_wrong_file_leaves_what_is_there_as_it_was(db: None) -> None:
    load(START.encode(), {})
    before = export()
    refusal(START.replace("post\n", "other\n").replace("operator: changed_to", "operator: equal"))
    assert export() == before


def test_the_file_the_errors_are_put_into_is_right(db: None) -> None:
    load(START.encode(), {})
    assert (Rule.objects.count(), Source.objects.count(), Webhook.objects.count()) == (1, 1, 1)


def test_several_things_of_one_kind_are_corrected_at_once(db: None) -> None:
    text = (
        "webhooks:\n- title: A\n  url: x\n- title: B\n  url: https://b.example/\n- title: C\n  mode: fast\n"
    )
    first, second = refusal(text).splitlines()
    assert first.startswith("line 3, webhooks[0].url: ")
    assert second == "line 7, webhooks[2].mode: there is no mode “fast”."


def test_a_wrong_secret_is_not_repeated(db: None) -> None:
    text = "webhooks:\n- {title: A, url: 'https://a.example/', secret_headers: {env: HEADERS}}\n"
    assert "hush" not in refusal(text, HEADERS="Bearer hush-hush: x")


def refusal(text: str, **environment: str) -> str:
    """Why the file is not loaded."""
    with pytest.raises(NotLoadable) as refused:
        load(text.encode(), environment)
    return str(refused.value)
