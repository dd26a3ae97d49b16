"""Setting up a data source: what is asked, what is refused, and who sees its URL."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from automations.models import System
from tests.staff import form_of, queries, signed_in, text
from tests.world import SECRET, make_source, post, update, work
from webhooks_in.admin.source_hints import PATHS_READ
from webhooks_in.dialects import DIALECTS
from webhooks_in.models import PATHS, Receipt, Source, SourceField
from webhooks_in.presets import PRESETS
from webhooks_in.schemes import Scheme
from webhooks_out import definitions
from webhooks_out.secrets import Secret

pytestmark = pytest.mark.django_db
LIST, ADD = "/admin/webhooks_in/source/", "/admin/webhooks_in/source/add/"
YES = {"_form_submitted": "on"}
ROWS = {"field_map-TOTAL_FORMS": 1}
OURS = "https://hub.example"


@pytest.fixture
def client(settings: Any) -> Client:
    settings.PUBLIC_URL = OURS
    return signed_in(superuser=True)


def change_url(source: Source) -> str:
    return reverse("admin:webhooks_in_source_change", args=[source.pk])


def add(client: Client, **entered: Any) -> str:
    """The page after the form of a new source was sent."""
    fields = {"title": "Insites: contacts", "dialect": "insites", "preset": "github"} | entered
    return text(client.post(ADD, form_of(client, ADD, **fields, _save="Save"), follow=True))


def change(client: Client, source: Source, **entered: Any) -> str:
    """The page after the form of this source was sent."""
    url = change_url(source)
    return text(client.post(url, form_of(client, url, **entered, _continue="Save"), follow=True))


def test_a_new_source_gets_a_url_and_a_system_of_its_name(client: Client) -> None:
    page = add(client, secret=SECRET)
    source = Source.objects.get()
    assert source.system == System.objects.get(name="Insites: contacts")
    assert source.secret.reveal() == SECRET
    assert OURS + source.path in page
    assert SECRET not in page


def test_a_source_can_be_saved_before_the_sender_tells_its_secret(client: Client) -> None:
    assert "No secret is stored yet" in add(client)
    assert Source.objects.exists()


def test_a_source_of_any_json_says_what_it_waits_for(client: Client) -> None:
    assert "before the path to the record id is set" in add(client, dialect="json", preset="none")


@pytest.mark.parametrize(
    ("entered", "words"),
    [
        ({"preset": "close", "secret": "not hexadecimal"}, "not written as hex"),
        ({"preset": "basic", "secret": "only-a-user"}, "user:password"),
        ({"preset": "gohighlevel", "secret": "no key"}, "no public key"),
        ({"dedup_template": "{webhook-id"}, "A brace has no other half"),
        ({"dedup_template": "webhook-id"}, "at least one header or field in braces"),
        ({"preset": "custom", "scheme_mode": "hmac"}, "Name the header"),
        (
            {"preset": "custom", "scheme_mode": "hmac", "scheme_header": "x", "scheme_content": "{id}"},
            "must contain",
        ),
    ],
)
def test_what_could_never_verify_is_refused(client: Client, entered: dict[str, Any], words: str) -> None:
    assert words in add(client, **entered)
    assert not Source.objects.exists()


def test_a_custom_verification_is_made_of_fields(client: Client) -> None:
    knobs = {
        "scheme_mode": "hmac",
        "scheme_header": "X-Sig",
        "scheme_digest": "sha512",
        "scheme_prefix": "Bearer ",
    }
    add(client, preset="custom", secret=SECRET, **knobs, scheme_tolerance="")
    source = Source.objects.get()
    assert source.scheme() == Scheme(mode="hmac", header="X-Sig", digest="sha512", prefix="Bearer ")
    assert 'value="X-Sig"' in text(client.get(change_url(source)))


def test_fields_that_nobody_sees_do_not_keep_a_source_from_being_saved(client: Client) -> None:
    add(client, preset="github", scheme_tolerance="-5", scheme_mode="nonsense")
    assert Source.objects.get().custom_scheme == {}


def test_custom_starts_from_the_preset_that_was_chosen(client: Client) -> None:
    page = text(client.get(change_url(make_source(preset="stripe"))))
    assert 'value="stripe-signature"' in page


def test_an_empty_secret_keeps_the_stored_one_and_a_tick_removes_it(client: Client) -> None:
    source = make_source(preset="github", secret=SECRET)
    assert SECRET not in change(client, source, note="Call Ann.")
    source.refresh_from_db()
    assert source.secret.reveal() == SECRET
    change(client, source, **{"secret-clear": "on"})
    source.refresh_from_db()
    assert not source.secret


def test_a_replaced_secret_counts_for_another_day(client: Client) -> None:
    source = make_source(preset="github", secret=SECRET)
    change(client, source, secret="the new one")
    source.refresh_from_db()
    now = timezone.now()
    assert list(source.secrets_at(now)) == ["the new one", SECRET]
    with time_machine.travel(now + timedelta(hours=25)):
        assert list(source.secrets_at(timezone.now())) == ["the new one"]


def test_the_previous_secret_can_be_ended_at_once(client: Client) -> None:
    source = make_source(preset="github", secret=SECRET)
    change(client, source, secret="the new one")
    change(client, source, end_previous="on")
    source.refresh_from_db()
    assert list(source.secrets_at(timezone.now())) == ["the new one"]


def test_renewing_the_url_ends_the_old_one(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webhooks_in.directory.MAX_AGE", 0, raising=False)
    source = make_source()
    definitions.touch()  # from here on the web processes keep the source in memory
    old = source.path
    assert post(source, update({})).status_code == 202
    assert "Renew the URL?" in text(client.get(f"{LIST}{source.pk}/renew/"))
    client.post(f"{LIST}{source.pk}/renew/", YES)
    assert post(source, update({})).status_code == 401
    source.refresh_from_db()
    assert source.path != old
    assert post(source, update({})).status_code == 202
    assert LogEntry.objects.get().change_message == "Renewed the URL."


def test_a_url_renewed_meanwhile_survives_an_older_form(client: Client) -> None:
    source = make_source()
    form = form_of(client, change_url(source), title="Renamed")
    client.post(f"{LIST}{source.pk}/renew/", YES)
    renewed = Source.objects.get().path
    client.post(change_url(source), form)
    assert (Source.objects.get().path, Source.objects.get().title) == (renewed, "Renamed")


def test_a_lost_key_leaves_the_page_usable(client: Client) -> None:
    source = make_source(preset="github", secret=SECRET)
    Source.objects.filter(pk=source.pk).update(token=Secret("sealed with another key"))
    assert "The URL cannot be shown." in text(client.get(change_url(source)))
    client.post(f"{LIST}{source.pk}/renew/", YES)
    assert Source.objects.get().path in text(client.get(change_url(source)))


@pytest.mark.parametrize(
    ("entered", "kept"), [("contact", "Contact"), ("COMPANY", "Company"), ("LeadX", "LeadX")]
)
def test_a_record_type_is_written_as_dialects_write_it(client: Client, entered: str, kept: str) -> None:
    add(client, record_type=entered)
    assert Source.objects.get().record_type == kept


def test_only_who_may_change_a_source_sees_or_renews_its_url() -> None:
    source = make_source()
    viewer = signed_in("webhooks_in.view_source", "webhooks_in.view_receipt")
    page = text(viewer.get(change_url(source)))
    assert source.path not in page
    assert "Somebody who may change this source" in page
    assert viewer.post(f"{LIST}{source.pk}/renew/", YES).status_code == 403


def test_samples_are_shown_only_to_who_may_see_receipts() -> None:
    source = make_source()
    post(source, update({"stage": "Enrolled"}))
    for permissions, seen in [((), False), (("webhooks_in.view_receipt",), True)]:
        client = signed_in("webhooks_in.view_source", *permissions, name=str(seen))
        assert ("ana@harbour.example" in text(client.get(change_url(source)))) is seen


def test_a_source_that_received_something_cannot_be_deleted(client: Client) -> None:
    source = make_source()
    post(source, update({}))
    assert client.post(f"{LIST}{source.pk}/delete/", {"post": "yes"}).status_code == 403
    Receipt.objects.all().delete()
    client.post(f"{LIST}{source.pk}/delete/", {"post": "yes"})
    assert not Source.objects.exists()


def test_the_field_map_is_a_part_of_the_page(client: Client) -> None:
    source = make_source(dialect="key_values")
    row = {"key": "firstname", "field": "first_name", "missing": "keep"}
    change(client, source, **{f"field_map-0-{name}": value for name, value in row.items()}, **ROWS)
    assert str(SourceField.objects.get()) == "firstname → first_name"


def test_the_list_tells_traffic_and_what_was_not_let_in(client: Client) -> None:
    source = make_source(preset="github", secret=SECRET)
    post(source, update({}))
    work()
    page = text(client.get(LIST))
    assert "1 quarantined" in page
    assert "1 refused in 24 h" in page
    assert "Insites · Contact" in page


def test_the_list_costs_the_same_for_two_sources_and_for_twenty(client: Client) -> None:
    costs = []
    for count in (2, 18):
        for number in range(count):
            post(make_source(f"{count}-{number}"), update({}))
        costs.append(queries(client, LIST))
    assert costs[0] == costs[1] <= 11


def test_the_page_costs_the_same_for_one_sample_and_for_many(client: Client) -> None:
    source, costs = make_source(), []
    for count in (1, 9):
        for number in range(count):
            post(source, [update({}, id=number), {"changes": {}}])
            SourceField.objects.create(source=source, key=f"{count}-{number}", field="x")
        costs.append(queries(client, change_url(source)))
    assert costs[0] == costs[1] <= 15


def test_every_preset_and_dialect_has_its_help_on_the_form(client: Client) -> None:
    page = text(client.get(ADD)).replace("&#x27;", "'").replace("&quot;", '"')
    assert all(preset.help in page for preset in PRESETS.values())
    assert all(dialect.help in page for dialect in DIALECTS.values())
    assert "{webhook-id}" in page


@pytest.mark.parametrize("dialect", [name for name in DIALECTS if name in PATHS_READ])
def test_the_form_asks_for_the_paths_a_dialect_reads(dialect: str) -> None:
    code = (
        DIALECTS[dialect].read.__globals__["__loader__"].get_data(DIALECTS[dialect].read.__code__.co_filename)
    )
    assert {path for path in PATHS if f"path_{path}".encode() in code} <= {*PATHS_READ[dialect]}


def test_an_empty_list_shows_the_next_step(client: Client) -> None:
    page = text(client.get(LIST))
    assert "No data source yet" in page
    assert f'href="{ADD}"' in page
