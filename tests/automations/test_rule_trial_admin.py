"""The form of a rule is tried as it stands: saved or not, and nothing of it is saved."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from automations.models import Action, Record, Rule
from tests.automations.actions.acting import tell
from tests.automations.rehearsal import add_action, enrol, everything, furnish, rule_with
from tests.staff import form_of, queries, signed_in, text
from webhooks_out.models import Webhook

pytestmark = pytest.mark.django_db
ADD, TRIAL, BACKTEST = (f"/admin/automations/rule/{page}/" for page in ("add", "trial", "backtest"))
RECORDS = "/admin/automations/rule/trial/records/"
CHANGED = ("stage", "changed_to", "Enrolled")
RULES, CONTACTS = "automations.view_rule", "automations.view_contact"


@pytest.fixture
def client() -> Client:
    return signed_in(superuser=True)


@pytest.fixture
def dialer() -> Webhook:
    return furnish()


@pytest.fixture
def ana(dialer: Webhook) -> Record:
    return enrol()


def entered(webhook: Webhook, **fields: Any) -> dict[str, Any]:
    """A rule with one condition and one action, as a person would enter it; it has no name yet."""
    return {
        "conditions-0-field": "stage",
        "conditions-0-operator": "changed_to",
        "conditions-0-value": "Enrolled",
        "actions-0-webhook": webhook.pk,
    } | fields


def url_of(rule: Rule, page: str) -> str:
    return reverse(f"admin:automations_rule_{page}", args=[rule.pk])


def tried(client: Client, form: dict[str, Any], url: str = TRIAL, **chosen: Any) -> str:
    """What the page says of the form as it was entered; nothing but the session may have changed."""
    before = {name: rows for name, rows in everything().items() if name != "sessions.Session"}
    answer = text(client.post(url, form | chosen))
    after = everything()
    assert {name: after[name] for name in before} == before
    return " ".join(answer.split())


def test_a_rule_that_was_never_saved_is_tried_on_the_latest_record(
    client: Client, dialer: Webhook, ana: Record
) -> None:
    page = tried(client, form_of(client, ADD, **entered(dialer)))
    assert "It would fire" in page
    assert "When a Contact is created or updated and stage changed to Enrolled: post to Dialer." in page
    assert "stage changed from &#x27;Lead&#x27; to &#x27;Enrolled&#x27;" in page
    assert "1. Post to Dialer" in page
    assert "Would be done" in page
    assert "Email = ana@harbour.example" in page
    assert not Rule.objects.exists()


def test_what_is_changed_in_the_form_counts_and_not_what_is_saved(
    client: Client, dialer: Webhook, ana: Record
) -> None:
    rule = rule_with(CHANGED)
    add_action(rule, "post_webhook", dialer)
    change, trial = url_of(rule, "change"), url_of(rule, "trial")
    assert "It would fire" in tried(client, form_of(client, change), trial)
    other = form_of(client, change, **{"conditions-0-value": "Won", "actions-0-DELETE": "on"})
    page = tried(client, other, trial)
    assert "It would not fire: stage changed from &#x27;Lead&#x27; to &#x27;Enrolled&#x27;" in page
    assert "Nothing yet: add an action" in page
    assert Action.objects.count() == 1


def test_what_is_wrong_in_the_form_is_told_in_sentences(client: Client, dialer: Webhook, ana: Record) -> None:
    wrong = {"conditions-0-value": "", "actions-0-webhook": "", "actions-0-delay": 3}
    page = tried(client, form_of(client, ADD, **entered(dialer, **wrong)))
    assert "Nothing was tried yet" in page
    assert "Condition 1: “changed to” needs a value." in page
    assert "Action 1: Choose the webhook to post to." in page


def test_a_record_and_what_happens_to_it_are_chosen(client: Client, dialer: Webhook, ana: Record) -> None:
    tell("8", first_name="Bo", stage="Lead")
    form, bo = form_of(client, ADD, **entered(dialer)), Record.objects.get(external_id="8")
    assert "It would not fire" in tried(client, form, _record=bo.pk)
    tell("8", stage="Enrolled")
    page = tried(client, form, _record=bo.pk, _change="created")
    assert "It would fire" in page
    assert "as if it were created just now" in page


def test_records_are_found_by_name_and_those_that_changed_last_are_offered(
    client: Client, ana: Record
) -> None:
    tell("8", first_name="Bo")
    assert text(client.get(RECORDS, {"record_type": "Contact"})).count('name="_record"') == 2
    found = text(client.get(RECORDS, {"record_type": "Contact", "_find": "lop"}))
    assert found.count('name="_record"') == 1
    assert "Ana Lopez" in found
    assert "updated: stage" in found
    assert "as if all its fields had just changed" in text(client.get(RECORDS, {"_record": ana.pk}))


def test_without_a_record_the_next_step_is_named(client: Client, dialer: Webhook) -> None:
    words = "There is no record of the type “Deal” yet. Send one through a data source"
    assert words in text(client.get(RECORDS, {"record_type": "Deal"}))
    assert words in tried(client, form_of(client, ADD, **entered(dialer, record_type="Deal")))
    nobody = text(client.get(RECORDS, {"record_type": "Deal", "_find": "xy"}))
    assert "Nobody is found by “xy”." in nobody


def test_a_backtest_compares_the_form_with_what_is_saved(
    client: Client, dialer: Webhook, ana: Record
) -> None:
    rule = rule_with(CHANGED)
    add_action(rule, "post_webhook", dialer)
    form = form_of(client, url_of(rule, "change"), **{"conditions-0-value": "Lead"})
    page = tried(client, form, url_of(rule, "backtest"))
    assert "It would have fired 1 time on the last 2 changes" in page
    assert "1 new, 1 lost" in page
    assert "wanted a change to &#x27;Enrolled&#x27;" in page
    assert f'hx-post="{url_of(rule, "trial")}"' in page


def test_a_backtest_of_a_new_rule_needs_no_action(client: Client, dialer: Webhook, ana: Record) -> None:
    page = tried(client, form_of(client, ADD, **entered(dialer, **{"actions-0-webhook": ""})), BACKTEST)
    assert "It would have fired 1 time on the last 2 changes" in page
    assert "lost" not in page


def test_who_may_not_change_the_rule_tries_it_as_it_is_saved(dialer: Webhook, ana: Record) -> None:
    rule = rule_with(CHANGED)
    add_action(rule, "post_webhook", dialer)
    viewer = signed_in(RULES, CONTACTS)
    assert 'id="trial-find"' in text(viewer.get(url_of(rule, "change")))
    posted = {"conditions-0-value": "Won", "record_type": "Task"}
    assert "It would fire" in tried(viewer, posted, url_of(rule, "trial"))
    assert "It would have fired 1 time" in tried(viewer, posted, url_of(rule, "backtest"))


def test_records_that_a_person_may_not_see_are_not_tried_on(dialer: Webhook, ana: Record) -> None:
    rule = rule_with(CHANGED)
    stranger = signed_in(RULES, "automations.view_task")
    words = "You may not see records of the type “Contact”"
    for url in (url_of(rule, "trial"), url_of(rule, "backtest")):
        assert words in tried(stranger, {"_record": ana.pk}, url)
    assert words in text(stranger.get(RECORDS, {"record_type": "Contact", "_find": "Ana"}))
    assert "updated" not in text(stranger.get(RECORDS, {"_record": ana.pk}))


def test_the_request_is_shown_to_who_may_see_webhooks(dialer: Webhook, ana: Record) -> None:
    rule = rule_with(CHANGED)
    add_action(rule, "post_webhook", dialer)
    shown = tried(signed_in(RULES, CONTACTS, "webhooks_out.view_webhook"), {}, url_of(rule, "trial"))
    assert "Email = ana@harbour.example" in shown
    hidden = tried(signed_in(RULES, CONTACTS, name="bo"), {}, url_of(rule, "trial"))
    assert "You may not see webhooks" in hidden
    assert "ana@harbour.example" not in hidden


@pytest.mark.parametrize("query", ["record_type=a%00", "record_type=Contact&_find=%00", "_record=%00"])
def test_what_no_text_can_hold_finds_nothing(client: Client, ana: Record, query: str) -> None:
    assert client.get(f"{RECORDS}?{query}").status_code == 200


def test_another_record_that_a_person_may_not_see_stays_hidden(dialer: Webhook, ana: Record) -> None:
    tell("42", "Company", name="Harbour Ltd", contacts=1)
    tell(company_id="42")
    rule = rule_with()
    linked = {"record_type": "Company", "link_field": "company_id"}
    add_action(rule, "update_record", options={"field": "contacts", "how": "increment", **linked})
    page = tried(signed_in(RULES, CONTACTS), {}, url_of(rule, "trial"))
    assert "a record that you may not see" in page
    assert "Harbour Ltd" not in page


@pytest.mark.parametrize("more", [(), ("automations.view_company",)])
@pytest.mark.parametrize(("deleted", "told"), [(True, "Harbour Ltd was deleted"), (False, "was like this")])
def test_nor_is_told_why_another_record_is_not_written(
    dialer: Webhook, ana: Record, deleted: bool, told: str, more: tuple[str, ...]
) -> None:
    tell("42", "Company", name="Harbour Ltd", tier="Gold")
    Record.objects.filter(external_id="42").update(deleted=deleted)
    tell(company_id="42")
    rule = rule_with()
    linked = {"record_type": "Company", "link_field": "company_id"}
    add_action(rule, "update_record", options={"field": "tier", "value": "Gold", **linked})
    assert (told in tried(signed_in(RULES, CONTACTS, *more), {}, url_of(rule, "trial"))) is bool(more)


@pytest.mark.parametrize("permissions", [(), (CONTACTS,), ("automations.add_rule",)])
def test_only_who_may_look_at_rules_tries_one(ana: Record, permissions: tuple[str, ...]) -> None:
    rule, stranger = rule_with(CHANGED), signed_in(*permissions)
    for page in ("trial", "backtest"):
        assert stranger.post(url_of(rule, page)).status_code == 403


def test_hostile_values_are_shown_as_text(client: Client, dialer: Webhook) -> None:
    enrol(email="<script>alert(1)</script>", first_name="<b>Ana")
    page = tried(client, form_of(client, ADD, **entered(dialer)))
    assert "<script>" not in page
    assert "<b>" not in page


def test_secrets_of_a_webhook_are_dots(client: Client, dialer: Webhook, ana: Record) -> None:
    dialer.key_values.create(key="apikey", kind="secret", secret="hunter22", position=9)
    Webhook.objects.update(auth_username="harbour", auth_password="hunter23", headers="X-Token: hunter24")
    page = tried(client, form_of(client, ADD, **entered(dialer)))
    assert "apikey = ••••••" in page
    assert "Authorization" in page
    assert "hunter2" not in page


def test_the_form_costs_no_more_for_the_card(client: Client, dialer: Webhook, ana: Record) -> None:
    before = queries(client, RECORDS + "?record_type=Contact")
    for number in range(20):
        tell(str(100 + number), first_name=f"N{number}")
    assert queries(client, RECORDS + "?record_type=Contact") == before <= 8
