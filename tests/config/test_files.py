"""What is defined goes into a file and comes back as it was, with its secrets staying where they are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import models, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.models import Action, Rule, Run, System, Tag
from config.files import NotLoadable, Outcome, export, load, report
from config.files.kinds import KINDS
from tests.world import insites, make_rule, make_source, make_webhook, post, update, work
from webhooks_in.models import Source
from webhooks_out import definitions, signing
from webhooks_out.models import KeyValue, Webhook
from webhooks_out.secrets import SecretField

__all__ = ["insites"]

SAID_OTHERWISE = "position rule source webhook kind value delay_unit counts_from date_field at_time weekdays"
DIALER = """\
webhooks:
  - title: Dialer
    url: https://dialer.example/post
    key_values:
      - key: firstname
        field: first_name
      - key: apikey
        secret: keep
"""


@pytest.fixture
def world(db: None) -> None:
    """One of everything, with much that is not a default."""
    source = make_source(secret="shared", allow_get=True, note="Call Ana.\r\nOr Ben.", max_body=5_000)
    source.field_map.create(key="fname", field="first_name", required=True, transform="title")
    scheme = {"mode": "hmac", "header": "X-Sig", "tolerance": 300, "timestamp_header": "X-Time"}
    make_source("Odd CRM", preset="custom", custom_scheme=scheme, secret="odd", path_record_id="a.b")
    dialer = make_webhook("https://dialer.example/post", port=8443, headers="X-Team: leads", method="PUT")
    limits = {"rate": 90, "rate_per": "minute", "order": "latest", "breaker_after": 0, "disable_after": 48}
    Webhook.objects.update(**limits)
    dialer.key_values.create(position=0, key="first name", value="first_name", transform="title")
    dialer.key_values.create(position=1, key="apikey", kind="secret", secret="hush-hush", owner="Leads")
    dialer.key_values.create(position=2, key="line", kind="text", value="{FIRSTNAME}: yes #1", missing="omit")
    dialer.key_values.create(position=3, key="line", kind="constant", value="")
    Webhook.objects.filter(pk=dialer.pk).update(auth_password="hush", signing_secret="hush", active=False)
    rule = make_rule(dialer, ("stage", "changed_from_to", "Lead -> Client"), name="New client", delay=3)
    rule.conditions.create(group=2, field="stage", operator="is_empty")
    rule.actions.create(position=7, webhook=dialer, delay=1, delay_unit="days")
    Rule.objects.update(system=source.system, source=source.title, monitor="every", event="payment.returned")
    Tag.objects.create(name="CF:Favourite color", path="custom.colour")


def empty() -> None:
    """Leaves nothing of what a file holds."""
    for model in (Rule, Webhook, Source, System, Tag):
        model._default_manager.all().delete()


def loaded(text: str, environment: dict[str, str] | None = None, *, dry_run: bool = False) -> list[Outcome]:
    """What came of loading a file."""
    return load(text.encode(), environment or {}, dry_run=dry_run)


def test_everything_comes_back_as_it_was(world: None) -> None:
    before = export()
    empty()
    assert {outcome.state for outcome in loaded(before)} == {"created"}
    assert export() == before


def test_a_file_reads_as_a_person_would_write_it(world: None) -> None:
    text = export()
    assert "      - field: stage\n        operator: changed_from_to\n        value: Lead -> Client\n" in text
    assert "      - webhook: Dialer\n        delay: 3 minutes\n\n" not in text
    assert "      - webhook: Dialer\n        delay: 1 day\n" in text
    assert "    note: |-\n      Call Ana.\n      Or Ben.\n" in text
    assert "\n  FIRSTNAME:\n    path: first_name\n    group: contact\n    label: First name\n" in text


def test_no_secret_and_no_token_is_written(world: None) -> None:
    text = export()
    assert "hush" not in text
    assert "shared" not in text
    assert not any(source.token.reveal() in text for source in Source.objects.all())


def test_loading_what_was_written_changes_nothing(world: None) -> None:
    version, text = definitions.version(), export()
    before = [list(kind.model._default_manager.order_by("pk").values()) for kind in KINDS.values()]
    assert {outcome.state for outcome in loaded(text)} == {"left"}
    assert [list(kind.model._default_manager.order_by("pk").values()) for kind in KINDS.values()] == before
    assert definitions.version() == version


def test_what_the_file_does_not_name_stays(world: None) -> None:
    loaded(DIALER)
    assert Rule.objects.count() == 1
    assert Source.objects.count() == 2


def test_workers_are_told_of_a_change(db: None) -> None:
    version = definitions.version()
    loaded("systems: [Insites]")
    assert definitions.version() != version


def test_a_dry_run_tells_and_changes_nothing(world: None) -> None:
    before = export()
    text = before.replace("method: PUT", "method: PATCH").replace("value: Lead -> Client", "value: A -> B")
    told = report(loaded(text + "\n  NEW: new_field\n", dry_run=True), dry_run=True)
    assert export() == before
    assert "~ webhook Dialer: changed\n    method: PUT → PATCH\n" in told
    assert "    conditions - {field: stage, operator: changed_from_to, value: Lead -> Client}\n" in told
    assert "    conditions + {field: stage, operator: changed_from_to, value: A -> B}\n" in told
    assert "+ tag NEW: created\n    name: NEW\n    path: new_field\n" in told
    assert told.endswith("1 created, 2 changed, 107 left. This was a dry run: nothing was changed.")


def test_a_default_comes_back_when_a_key_is_left_out(world: None) -> None:
    (outcome,) = loaded(DIALER)
    webhook = Webhook.objects.get()
    assert (webhook.method, webhook.active, webhook.port, webhook.headers) == ("POST", True, None, "")
    assert "method: PUT → (default)" in outcome.lines


def test_secrets_come_from_the_environment(db: None) -> None:
    text = DIALER.replace("keep", "{env: DIALER_KEY}") + "    signing_secret: {env: SIGNING}\n"
    signing = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    (outcome,) = loaded(text, {"DIALER_KEY": "k1", "SIGNING": signing})
    webhook = Webhook.objects.get()
    assert webhook.signing_secret.reveal() == signing
    assert webhook.key_values.get(key="apikey").pair().value == "k1"
    assert "key_values[1].secret: set from the environment" in outcome.lines
    assert "k1" not in str(outcome)
    assert loaded(text, {"DIALER_KEY": "k1", "SIGNING": signing})[0].state == "left"
    assert loaded(text, {"DIALER_KEY": "k2", "SIGNING": signing})[0].state == "changed"
    assert Webhook.objects.get().key_values.get(key="apikey").pair().value == "k2"


def test_secrets_stay_when_the_file_says_nothing_of_them(world: None) -> None:
    text = export().replace("transform: title", "transform: upper")
    loaded(text.replace("owner: Leads", "owner: Sales"))
    webhook = Webhook.objects.get()
    assert (webhook.auth_password.reveal(), webhook.signing_secret.reveal()) == ("hush", "hush")
    assert webhook.key_values.get(key="apikey").pair().value == "hush-hush"
    assert set(Source.objects.values_list("title", flat=True)) == {"Insites: contacts", "Odd CRM"}
    assert Source.objects.get(title="Odd CRM").secret.reveal() == "odd"


def test_a_webhook_that_moves_loses_the_credentials_of_its_old_address(world: None) -> None:
    (outcome,) = loaded(DIALER.replace("dialer.example", "elsewhere.example"))
    webhook = Webhook.objects.get()
    assert (webhook.auth_password.reveal(), webhook.signing_secret.reveal()) == ("", "hush")
    assert webhook.key_values.get(key="apikey").pair().value == ""
    assert "auth_password: blanked, because it was entered for another address" in outcome.lines
    assert "apikey has no secret value yet" in outcome.warnings


def test_a_new_source_gets_a_new_url_and_says_what_it_lacks(db: None) -> None:
    text = "systems: [Insites]\nsources:\n  - {title: Contacts, system: Insites, preset: insites-hmac}\n"
    text = text.replace("Contacts,", "Contacts, dialect: insites,")
    outcome = loaded(text)[-1]
    source = Source.objects.get()
    assert len(source.path) > 30
    assert outcome.warnings == ("it has no secret yet, so every request will be refused",)
    loaded(text.replace("insites-hmac", "insites-token"))
    assert Source.objects.get().path == source.path


def test_a_token_can_come_from_the_environment(insites: Source) -> None:
    text = f"sources:\n  - title: '{insites.title}'\n    system: Harbour CRM\n    dialect: insites\n"
    token = "a-token-that-nobody-guesses"
    loaded(text + "    record_type: Contact\n    token: {env: TOKEN}\n", {"TOKEN": token})
    assert Source.objects.get().path == f"/in/{token}/"
    assert post(Source.objects.get(), update({})).status_code == 202


def test_a_delayed_action_that_is_still_in_the_file_is_still_done(world: None) -> None:
    webhook = make_webhook("https://desk.example/", "Desk")
    rule = make_rule(webhook, monitor="every", name="Later", delay=5)
    post(Source.objects.get(title="Insites: contacts"), update({"stage": "Client"}))
    work()
    text = export().replace("      - webhook: Desk\n", "      - webhook: Dialer\n      - webhook: Desk\n")
    loaded(text)
    run = Run.objects.get(rule=rule)
    assert run.action == Action.objects.get(webhook=webhook)
    assert list(rule.actions.values_list("position", "webhook__title")) == [(0, "Desk"), (1, "Dialer")]
    assert {outcome.state for outcome in loaded(text)} == {"left"}


def test_every_column_an_administrator_edits_is_in_the_file() -> None:
    below = [rows for kind in KINDS.values() for rows in kind.rows.values()]
    for kind in (*KINDS.values(), *below):
        columns = {
            one.name for one in kind.model._meta.concrete_fields if one.editable and not one.primary_key
        }
        said_otherwise = set(SAID_OTHERWISE.split())
        assert columns - set(kind.keys) <= said_otherwise


def texts(column: Any) -> st.SearchStrategy[str]:
    odd = st.sampled_from("\r\n\t :-#'\"{}[]&*!|>%@`,?\x85\u2028\ufeff\\~=<")
    storable = st.characters(codec="utf-8", exclude_characters="\x00")
    return st.text(st.one_of(storable, odd), max_size=min(column.max_length or 40, 40))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
@pytest.mark.django_db
def test_odd_texts_come_back_as_they_were(data: st.DataObject) -> None:
    with transaction.atomic():
        Tag.objects.all().delete()  # a hundred of them would only take time
        webhook = make_webhook("https://x.example/", "w" + data.draw(texts(Webhook._meta.get_field("title"))))
        for kind in ("field", "constant", "text"):
            fill(webhook.key_values.model(webhook=webhook, kind=kind, value="v", key="k"), data)
        rule = make_rule(webhook, name="r" + data.draw(texts(Rule._meta.get_field("name"))))
        for group in (2, 1):
            fill(rule.conditions.model(rule=rule, field="f", value="v", group=group), data)
        fill(rule, data)
        Rule.objects.update(source="")  # another kind of text: the title of a data source that is there
        before = export()
        empty()
        loaded(before)
        assert export() == before
        transaction.set_rollback(True)


def test_a_replaced_secret_of_a_source_goes_on_counting_for_a_while(world: None) -> None:
    line = "title: 'Insites: contacts'\n"
    text = export().replace(line, f"{line}    secret: {{env: NEW}}\n")
    loaded(text, {"NEW": "another"})
    source = Source.objects.get(title="Insites: contacts")
    assert list(source.secrets_at(timezone.now())) == ["another", "shared"]


def test_a_replaced_signing_secret_goes_on_signing_for_a_while(db: None) -> None:
    old, new = signing.new_secret(), signing.new_secret()
    text = "webhooks:\n- {title: Desk, url: 'https://desk.example/', signing_secret: {env: SIGNING}}\n"
    loaded(text, {"SIGNING": old})
    assert not Webhook.objects.get().previous_signing_secret
    loaded(text, {"SIGNING": new})
    webhook = Webhook.objects.get()
    assert (webhook.signing_secret.reveal(), webhook.previous_signing_secret.reveal()) == (new, old)
    assert webhook.previous_valid_until


def fill(row: models.Model, data: st.DataObject) -> None:
    """Appends odd characters to every text of a row that takes any, and stores it."""
    for column in row._meta.concrete_fields:
        plain = isinstance(column, models.CharField | models.TextField) and not isinstance(
            column, SecretField
        )
        if plain and not column.choices and column.name not in ("title", "name", "argument"):
            added = data.draw(texts(column))
            if isinstance(row, KeyValue) and row.kind == "text":
                added = added.replace("{", "").replace("}", "")  # half a brace is refused there
            setattr(row, column.name, getattr(row, column.name)[:40] + added)
    row.save()


@pytest.fixture
def config(world: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """`config("load", "--dry-run")` runs the command on a file and returns what it printed."""

    def run(command: str, *options: str) -> str:
        call_command("config", command, str(tmp_path / "hub.yaml"), *options)
        return capsys.readouterr().out

    return run


def test_the_command_writes_a_file_and_takes_it_over(config: Callable[..., str]) -> None:
    assert config("export").startswith("Written to ")
    empty()
    assert "This was a dry run" in config("load", "--dry-run")
    assert Webhook.objects.count() == 0
    assert "+ webhook Dialer: created\n" in config("load")
    assert Action.objects.count() == 2


def test_the_command_names_the_file_that_is_not_there(config: Callable[..., str]) -> None:
    with pytest.raises(CommandError, match=r"hub\.yaml: No such file or directory\."):
        config("load")


def test_the_command_names_the_place_that_is_wrong(config: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "hub.yaml").write_text("systems:\n- A\nrule: []\n")
    with pytest.raises(
        CommandError, match=r"nothing was changed\.\nline 3, rule: there is no key “rule” here; did"
    ):
        config("load")
    with pytest.raises(NotLoadable):
        loaded("rule: []")
