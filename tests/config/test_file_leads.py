"""What a data source does with leads goes into a file and comes back as it was, its rule included."""

from collections.abc import Callable

import pytest

from automations.models import Rule, System
from config.files import NotLoadable, export, load
from tests.world import make_source, make_webhook
from webhooks_in import auto_post, checks
from webhooks_in.models import Source
from webhooks_out.models import Webhook

FORM = """\
systems: [Web]
sources:
  - title: Lead form
    system: Web
    dialect: key_values
    match_field: email
    field_map:
      - key: st
        field: state
        missing: default
        default: CA
    constants:
      - field: campaign
        value: Spring
"""


@pytest.fixture
def form(db: None) -> Source:
    """A lead form with much that is not a default, and its rule."""
    leads = {"match_field": "my_id", "match_action": "mark", "reply": "text", "imports_fire": True}
    source = make_source("Lead form", dialect="key_values", **leads)
    state = {"missing": "default", "default": "CA", "sensitive": True, "owner": "Lead desk"}
    source.field_map.create(key="st", field="state", **state)
    source.constants.create(field="campaign", value="Spring: 1")
    auto_post.keep(source, make_webhook("https://dialer.example/"))
    return source


def loaded(text: str) -> set[str]:
    """What became of the things of a file."""
    return {outcome.state for outcome in load(text.encode(), {})}


def refused(text: str) -> str:
    """Why a file was not loaded."""
    with pytest.raises(NotLoadable) as problem:
        load(text.encode(), {})
    return str(problem.value)


@pytest.fixture
def emptied(form: Source) -> Callable[[], str]:
    """Writes the file, then removes everything that is in it."""

    def empty() -> str:
        text = export()
        for model in (Rule, Webhook, Source, System):
            model._default_manager.all().delete()
        return text

    return empty


def test_a_lead_form_comes_back_as_it_was(emptied: Callable[[], str]) -> None:
    text = emptied()
    assert "created" in loaded(text)
    assert export() == text
    assert Source.objects.get().auto_post == Rule.objects.get()
    assert System.objects.get().identified_by == ["my_id"]


def test_loading_what_was_written_changes_nothing(form: Source) -> None:
    text = export()
    assert loaded(text) == {"left"}
    assert export() == text


def test_a_rule_knows_the_source_it_was_made_for(form: Source) -> None:
    text, rule = export(), Rule.objects.get()
    line = "    auto_post_of: Lead form\n"
    loaded(text.replace(line, ""))
    assert Source.objects.get().auto_post is None
    loaded(text)
    assert Source.objects.get().auto_post == rule == Rule.objects.get()


def test_a_dry_run_leaves_the_rule_with_its_source(form: Source) -> None:
    text = export().replace("    auto_post_of: Lead form\n", "")
    outcomes = load(text.encode(), {}, dry_run=True)
    assert "auto_post_of: Lead form → (default)" in "\n".join(map(str, outcomes))
    assert Source.objects.get().auto_post == Rule.objects.get()


def test_a_rule_of_an_unknown_source_names_the_line(form: Source) -> None:
    text = export().replace("auto_post_of: Lead form", "auto_post_of: Lead forms")
    assert "auto_post_of: there is no data source “Lead forms”; did you mean “Lead form”?" in refused(text)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("default: CA", "default: ''", f"line 11, sources[0].field_map[0].default: {checks.NO_DEFAULT}"),
        ("missing: default\n", "required: yes\n", f".default: {checks.IDLE_DEFAULT}"),
        (
            "missing: default\n",
            "missing: never\n",
            "line 10, sources[0].field_map[0].missing: there is no missing",
        ),
        ("match_field: email", "match_field: E-Mail", "line 6, sources[0].match_field: write “email” here."),
        ("match_field: email", "match_field: st", "line 6, sources[0].match_field: st is the sender's key."),
        ("match_field: email", "match_field: campaign", "Every new record gets the same campaign"),
        ("match_field: email", "match_field: email\n    event: created", f"event: {checks.NO_UPDATES}"),
        ("match_field: email", "match_action: refuse", "there is no match action “refuse”"),
        ("dialect: key_values", "dialect: insites", f"line 6, sources[0].match_field: {checks.POSTED_ONLY}"),
        (
            "campaign\n",
            "campaign\n        value: a\n      - field: campaign\n",
            "this field has a constant already.",
        ),
    ],
)
def test_what_cannot_work_is_refused_at_its_line(db: None, old: str, new: str, sentence: str) -> None:
    assert sentence in refused(FORM.replace(old, new))
    assert not Source.objects.exists()
