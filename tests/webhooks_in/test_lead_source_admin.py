"""Setting up a lead form: its beginning, its map, its duplicates, its webhook, and its instructions."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from automations.models import Rule, System
from tests.staff import form_of, signed_in, text
from tests.world import make_source, make_webhook, post, update
from webhooks_in import auto_post, checks
from webhooks_in.models import Source, SourceConstant, SourceField
from webhooks_out import definitions

pytestmark = pytest.mark.django_db
ADD = "/admin/webhooks_in/source/add/"


@pytest.fixture
def client() -> Client:
    return signed_in(superuser=True)


def change_url(source: Source) -> str:
    return reverse("admin:webhooks_in_source_change", args=[source.pk])


def rows(prefix: str, *entered: dict[str, Any]) -> dict[str, Any]:
    """What a browser posts of new rows."""
    posted: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(entered)}
    for at, row in enumerate(entered):
        posted |= {f"{prefix}-{at}-{name}": value for name, value in row.items()}
    return posted


def add(client: Client, **entered: Any) -> str:
    """The page after the form of a new lead form was sent."""
    url = f"{ADD}?kind=form"
    posted = form_of(client, url, **{"title": "Lead form", **entered}, _save="Save")
    return text(client.post(url, posted, follow=True))


def change(client: Client, source: Source, **entered: Any) -> str:
    """The page after the form of this source was sent."""
    url = change_url(source)
    return text(client.post(url, form_of(client, url, **entered, _continue="Save"), follow=True))


def test_a_beginning_fills_in_what_fits(client: Client) -> None:
    add(client)
    source = Source.objects.get()
    assert (source.dialect, source.record_type, source.allow_get) == ("key_values", "Contact", True)
    assert (source.match_field, source.match_action, source.reply) == ("email", "update", "json")
    assert source.max_body == 65_536


def test_a_new_source_offers_three_beginnings_and_an_old_one_none(client: Client) -> None:
    page = text(client.get(ADD))
    assert all(f'href="?kind={kind}"' in page for kind in ("form", "crm", "import"))
    assert "?kind=" not in text(client.get(change_url(make_source())))


def test_the_map_and_the_constants_are_kept_whole(client: Client) -> None:
    row = {"key": "st", "field": "state", "missing": "default", "default": "CA", "transform": "upper"}
    row |= {"sensitive": "on", "owner": "Lead desk"}
    constant = {"field": "campaign", "value": "Spring"}
    add(client, **rows("field_map", row), **rows("constants", constant))
    field = SourceField.objects.get()
    assert (field.missing, field.default, field.sensitive, field.owner) == (
        "default",
        "CA",
        True,
        "Lead desk",
    )
    assert str(SourceConstant.objects.get()) == "campaign = Spring"


@pytest.mark.parametrize(
    ("entered", "words"),
    [
        (rows("field_map", {"key": "st", "field": "state", "missing": "default"}), checks.NO_DEFAULT),
        (
            rows("field_map", {"key": "st", "field": "state", "missing": "empty", "required": "on"}),
            checks.NEVER_MISSING,
        ),
        (
            {
                **rows("field_map", {"key": "my_id", "field": "their_id", "missing": "keep"}),
                "match_field": "my_id",
            },
            "It fills the field their_id: write that.",
        ),
        (
            {**rows("constants", {"field": "my_id", "value": "1"}), "match_field": "my_id"},
            "Every new record gets the same my_id",
        ),
        ({"match_field": "(name)"}, checks.NOT_BY_NAME),
        ({"event": "created"}, checks.NO_UPDATES),
    ],
)
def test_what_cannot_work_is_refused(client: Client, entered: dict[str, Any], words: str) -> None:
    assert words in add(client, **entered)
    assert not Source.objects.exists()


def test_a_default_nobody_sees_is_forgotten(client: Client) -> None:
    add(client, **rows("field_map", {"key": "st", "field": "state", "missing": "keep", "default": "CA"}))
    assert SourceField.objects.get().default == ""


def test_records_are_known_by_the_chosen_field_from_now_on(client: Client) -> None:
    version = definitions.version()
    add(client, match_field="my_id")
    assert System.objects.get().identified_by == ["my_id"]
    assert definitions.version() != version


def test_e_mail_needs_no_registering(client: Client) -> None:
    add(client, match_field="E-Mail")
    assert Source.objects.get().match_field == "email"
    assert System.objects.get().identified_by == []


def test_another_dialect_forgets_what_only_posting_urls_do(client: Client) -> None:
    add(client, dialect="insites", match_action="reject")
    source = Source.objects.get()
    assert (source.match_field, source.match_action, source.reply) == ("", "update", "receipt")


def test_a_webhook_is_chosen_changed_and_taken_away(client: Client) -> None:
    dialer, desk = make_webhook("http://127.0.0.1:9/"), make_webhook("http://127.0.0.1:9/", "Desk")
    page = add(client, post_to=dialer.pk)
    source = Source.objects.get()
    assert reverse("admin:automations_rule_change", args=[source.auto_post_id]) in page
    change(client, source, post_to=desk.pk, title="Web leads")
    assert Rule.objects.get().name == "Auto-post: Web leads → Desk"
    change(client, source, post_to="")
    assert not Rule.objects.exists()


def test_a_source_whose_records_have_no_type_cannot_post(client: Client) -> None:
    page = add(client, dialect="insites", record_type="", post_to=make_webhook("http://127.0.0.1:9/").pk)
    assert auto_post.NO_TYPE in page
    assert not Source.objects.exists()


def test_switching_the_source_off_leaves_the_rule(client: Client) -> None:
    add(client, post_to=make_webhook("http://127.0.0.1:9/").pk)
    change(client, Source.objects.get(), active=None)
    assert not Source.objects.get().active
    assert Rule.objects.get().active


def test_who_may_not_make_rules_neither_sees_nor_changes_the_webhook(client: Client) -> None:
    dialer = make_webhook("http://127.0.0.1:9/")
    add(client, post_to=dialer.pk)
    source = Source.objects.get()
    other = signed_in("webhooks_in.change_source", "webhooks_in.view_source", name="ben")
    assert 'name="post_to"' not in text(other.get(change_url(source)))
    change(other, source, title="Web leads", post_to="")
    assert Rule.objects.get().name == "Auto-post: Web leads → Dialer"


def test_names_that_were_seen_are_offered_the_usual_first(client: Client) -> None:
    source = make_source(dialect="key_values")
    post(source, {"id": "7", "fav_colour": "teal"})
    page = text(client.get(change_url(source)))
    fields = page.partition('id="source-fields"')[2].partition("</datalist>")[0]
    assert fields.index('"email"') < fields.index('"phone"') < fields.index('"fav_colour"')


def test_only_who_may_change_the_source_gets_its_instructions(client: Client) -> None:
    source = make_source(dialect="key_values")
    url = reverse("admin:webhooks_in_source_instructions", args=[source.pk])
    assert source.path in text(client.get(url))
    assert url in text(client.get(change_url(source)))
    viewer = signed_in("webhooks_in.view_source", "webhooks_in.view_receipt", name="ben")
    assert viewer.get(url).status_code == 403
    assert client.get("/admin/webhooks_in/source/999/instructions/").status_code == 404


def test_sensitive_keys_are_dots_wherever_a_request_is_shown(client: Client) -> None:
    source = make_source(dialect="key_values")
    source.field_map.create(key="tax number", field="tax_code", sensitive=True)
    post(source, {"id": "7", "tax number": "987-65", "city": "Harbour Town"})
    receipt = reverse("admin:webhooks_in_receipt_change", args=[source.receipts.get().pk])
    for url in (change_url(source), receipt):
        page = text(client.get(url))
        assert "987-65" not in page
        assert "Harbour Town" in page
        assert "••••••" in page


def test_what_is_not_sensitive_is_shown_as_it_was_sent(client: Client) -> None:
    source = make_source()
    post(source, update({"stage": "Client"}))
    receipt = reverse("admin:webhooks_in_receipt_change", args=[source.receipts.get().pk])
    assert "ana@harbour.example" in text(client.get(receipt))
