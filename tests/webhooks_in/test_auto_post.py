"""A source posts each new record to a webhook, by a rule anybody can see."""

import pytest

from automations.models import Action, Rule
from tests.world import make_rule, make_source, make_webhook, post, work
from webhooks_in import auto_post
from webhooks_in.models import Source
from webhooks_out import definitions
from webhooks_out.models import Delivery, Webhook

pytestmark = pytest.mark.django_db
LEAD = {"email": "ana@harbour.example", "firstname": "Ana"}


@pytest.fixture
def dialer() -> Webhook:
    return make_webhook("http://127.0.0.1:9/", pairs={"email": "email"})


@pytest.fixture
def form(dialer: Webhook) -> Source:
    """A lead form that posts to the dialer."""
    source = make_source("Lead form", dialect="key_values", match_field="email")
    auto_post.keep(source, dialer)
    definitions.touch()
    return Source.objects.get(pk=source.pk)


def test_the_rule_says_what_it_is(form: Source, dialer: Webhook) -> None:
    rule = Rule.objects.get()
    assert form.auto_post == rule
    assert (rule.name, rule.source) == ("Auto-post: Lead form → Dialer", "Lead form")
    assert (rule.record_type, rule.event, rule.monitor) == ("Contact", "created", "every")
    assert "Made for the data source" in rule.note
    assert auto_post.webhook_of(form) == Action.objects.get().webhook == dialer


def test_each_new_record_is_posted_once_and_an_update_is_not(form: Source) -> None:
    for lead in (LEAD, LEAD, {**LEAD, "city": "Harbour Town"}, {"email": "ben@harbour.example"}):
        post(form, lead)
    work()
    assert Delivery.objects.count() == 2


def test_what_comes_through_another_source_is_not_posted(form: Source) -> None:
    post(make_source("Other form", dialect="key_values"), LEAD)
    work()
    assert not Delivery.objects.exists()


def test_another_webhook_changes_the_same_rule(form: Source) -> None:
    action = Action.objects.get()
    auto_post.keep(form, make_webhook("http://127.0.0.1:9/", "Desk"))
    assert Rule.objects.get().name == "Auto-post: Lead form → Desk"
    assert Action.objects.get().pk == action.pk
    assert Action.objects.get().webhook == Webhook.objects.get(title="Desk")


def test_no_webhook_removes_the_rule(form: Source) -> None:
    auto_post.keep(form, None)
    assert not Rule.objects.exists()
    assert Source.objects.get().auto_post is None


def test_removing_the_rule_clears_the_source(form: Source) -> None:
    Rule.objects.get().delete()
    assert Source.objects.get().auto_post is None
    assert auto_post.webhook_of(Source.objects.get()) is None


def test_what_a_person_added_to_the_rule_stays(form: Source, dialer: Webhook) -> None:
    rule = Rule.objects.get()
    rule.conditions.create(field="state", operator="equals", value="CA")
    rule.actions.create(webhook=make_webhook("http://127.0.0.1:9/", "Chat"), position=1)
    Rule.objects.update(name="Californians", active=False)
    auto_post.keep(Source.objects.get(), make_webhook("http://127.0.0.1:9/", "Desk"))
    rule.refresh_from_db()
    assert (rule.name, rule.active, rule.conditions.count()) == ("Californians", False, 1)
    assert [action.webhook.title for action in rule.actions.all() if action.webhook] == ["Desk", "Chat"]


def test_a_rule_that_lost_its_webhook_is_not_removed_with_nothing_chosen(form: Source) -> None:
    Action.objects.all().delete()
    auto_post.keep(form, None)
    assert Rule.objects.exists()


def test_renaming_the_source_renames_it_in_every_rule(form: Source, dialer: Webhook) -> None:
    other = make_rule(dialer, name="By hand", source="Lead form")
    Source.objects.update(title="Web leads")
    source = Source.objects.get()
    auto_post.rename(source, "Lead form")
    auto_post.keep(source, dialer)
    other.refresh_from_db()
    assert other.source == "Web leads"
    assert Rule.objects.get(pk=source.auto_post_id).name == "Auto-post: Web leads → Dialer"


def test_long_titles_and_taken_names_still_give_a_name(dialer: Webhook) -> None:
    long = make_webhook("http://127.0.0.1:9/", "W" * 120)
    for title in ("S" * 119 + "1", "S" * 119 + "2"):
        auto_post.keep(make_source(title, dialect="key_values"), long)
    first, second = Rule.objects.order_by("pk").values_list("name", flat=True)
    assert second == f"{first[:112]} (2)"
    assert len(first) <= auto_post.LONGEST


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"dialect": "insites", "record_type": ""}, auto_post.NO_TYPE),
        ({"dialect": "key_values", "event": "payment.returned"}, "always “payment.returned”"),
        ({"dialect": "key_values", "record_type": ""}, ""),
        ({"dialect": "insites", "record_type": "Contact", "event": "created"}, ""),
    ],
)
def test_a_source_without_new_records_of_one_type_cannot(options: dict[str, str], words: str) -> None:
    found = auto_post.problem(Source(**options))
    assert (words in found) if words else not found
