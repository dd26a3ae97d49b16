"""A rule is one page; it is refused with a sentence while it cannot work."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from automations.models import Action, Change, Condition, Record, Rule, Run, System
from tests.staff import form_of, queries, signed_in, text
from tests.world import make_rule, make_source, make_webhook, post, update, work
from webhooks_out import definitions
from webhooks_out.models import Webhook

pytestmark = pytest.mark.django_db
LIST, ADD = "/admin/automations/rule/", "/admin/automations/rule/add/"


@pytest.fixture
def client() -> Client:
    return signed_in(superuser=True)


@pytest.fixture
def dialer() -> Webhook:
    return make_webhook("http://127.0.0.1:9/")


def change_url(rule: Rule) -> str:
    return reverse("admin:automations_rule_change", args=[rule.pk])


def entered(webhook: Webhook | None, **fields: Any) -> dict[str, Any]:
    """A rule with one condition and one action, as a person would enter it."""
    return {
        "name": "Tell the dialer",
        "conditions-0-field": "stage",
        "conditions-0-operator": "changed_to",
        "conditions-0-value": "Enrolled",
        "actions-0-webhook": webhook.pk if webhook else None,
    } | fields


def add(client: Client, webhook: Webhook | None, **fields: Any) -> str:
    """The page after the form of a new rule was sent."""
    return text(client.post(ADD, form_of(client, ADD, **entered(webhook, **fields)), follow=True))


def test_a_rule_is_saved_with_its_conditions_and_actions(client: Client, dialer: Webhook) -> None:
    before = definitions.version()
    add(client, dialer)
    rule = Rule.objects.get()
    assert [str(condition) for condition in rule.conditions.all()] == ["stage changed to Enrolled"]
    assert [action.webhook for action in rule.actions.all()] == [dialer]
    assert definitions.version() != before


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"conditions-0-value": ""}, "needs a value"),
        ({"conditions-0-operator": "greater", "conditions-0-value": "many"}, "write a number"),
        ({"conditions-0-operator": "matches", "conditions-0-value": "(["}, "cannot be read"),
        ({"actions-0-webhook": None, "actions-0-delay": 5}, "Choose the webhook"),
        ({"actions-0-delay": 2_147_483_647, "actions-0-delay_unit": "days"}, "longer than 3660 days"),
        ({"actions-0-webhook": None}, "at least one action"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_with_the_reason(
    client: Client, dialer: Webhook, fields: dict[str, Any], words: str
) -> None:
    assert words in add(client, dialer, **fields)
    assert not Rule.objects.exists()


def test_an_event_every_system_has_is_written_in_its_one_way(client: Client, dialer: Webhook) -> None:
    add(client, dialer, event="Created OR Updated")
    assert Rule.objects.get().event == "created or updated"


def test_conditions_that_exclude_each_other_are_refused(client: Client, dialer: Webhook) -> None:
    second = {"conditions-1-group": 1, "conditions-1-field": "stage", "conditions-1-operator": "is_empty"}
    first = {"conditions-0-operator": "equals", "conditions-TOTAL_FORMS": 2}
    assert "Group 1 can never hold" in add(client, dialer, **first, **second)
    assert not Rule.objects.exists()


def test_what_is_odd_is_told_after_saving(client: Client, dialer: Webhook) -> None:
    Webhook.objects.update(active=False)
    assert "is switched off" in add(client, dialer)
    assert Rule.objects.exists()


def test_actions_keep_their_numbers_and_new_ones_go_behind(client: Client, dialer: Webhook) -> None:
    rule = make_rule(dialer)
    first = Action.objects.get()
    extra = {"actions-TOTAL_FORMS": 2, "actions-1-kind": "post_webhook", "actions-1-webhook": dialer.pk}
    times = {"actions-1-delay": 3, "actions-1-delay_unit": "days", "actions-0-DELETE": "on"}
    client.post(change_url(rule), form_of(client, change_url(rule), **extra, **times))
    assert list(rule.actions.values_list("position", flat=True)) == [first.position + 1]


def test_a_rule_is_copied_under_another_name(client: Client, dialer: Webhook) -> None:
    rule = make_rule(dialer, ("stage", "changed_to", "Enrolled"))
    Action.objects.create(rule=rule, webhook=dialer, position=4, delay=3)
    client.post(
        change_url(rule), form_of(client, change_url(rule), name="The copy", _saveasnew="Save as new")
    )
    copy = Rule.objects.get(name="The copy")
    assert list(copy.actions.values_list("position", "delay")) == [(0, 0), (1, 3)]
    assert copy.conditions.count() == rule.conditions.count() == 1


def test_another_page_can_hand_over_a_first_condition(client: Client, dialer: Webhook) -> None:
    url = f"{ADD}?record_type=Company&field=plan&operator=changed_to&value=Gold"
    form = form_of(client, url, **{"name": "Gold", "actions-0-webhook": dialer.pk})
    client.post(url, form)
    assert str(Condition.objects.get()) == "plan changed to Gold"
    assert Rule.objects.get().record_type == "Company"


def test_the_form_asks_in_the_order_of_the_sentence(client: Client) -> None:
    page = text(client.get(ADD))
    asked = [
        "id_name",
        "id_event",
        "id_conditions-0-field",
        "id_actions-0-kind",
        "id_stops",
        "id_brake_runs",
        "id_note",
    ]
    places = [page.index(f'id="{one}"') for one in asked]
    assert places == sorted(places)


def test_fields_that_were_received_are_offered_with_an_example(client: Client) -> None:
    crm = System.objects.create(name="Harbour CRM")
    Record.objects.create(system=crm, type="Company", external_id="1", fields={"plan": {"name": "Gold"}})
    options = text(client.get("/admin/automations/rule/fields/?record_type=Company"))
    assert 'value="plan.name"' in options
    assert "for example Gold" in options


def test_the_list_tells_each_rule_as_a_sentence_and_when_it_fired(client: Client, dialer: Webhook) -> None:
    make_rule(dialer, ("stage", "changed_to", "Enrolled"))
    make_rule(make_webhook("http://127.0.0.1:9/", "Other"), name="Idle")
    Rule.objects.filter(name="Idle").update(event="deleted")
    post(make_source(), update({"stage": "Enrolled"}))
    work()
    page = text(client.get(LIST))
    assert "When a Contact is created or updated and stage changed to Enrolled: post to Dialer." in page
    assert f"/admin/automations/run/?rule={Run.objects.get().rule_id}" in page
    assert "never" in page


def test_rules_are_switched_off_and_on_together(client: Client, dialer: Webhook) -> None:
    rule = make_rule(dialer, delay=60)
    post(make_source(), update({"stage": "Enrolled"}))
    work()
    version = definitions.version()
    page = text(client.post(LIST, {"action": "switch_off", "_selected_action": rule.pk}, follow=True))
    assert "1 switched off." in page
    assert "Actions started earlier that still wait for their time: 1." in page
    assert definitions.version() != version
    client.post(LIST, {"action": "switch_on", "_selected_action": rule.pk})
    rule.refresh_from_db()
    assert rule.active


def test_deleting_rules_tells_the_workers(client: Client, dialer: Webhook) -> None:
    rule, other = make_rule(dialer), make_rule(dialer, name="Other")
    versions = [definitions.version()]
    client.post(reverse("admin:automations_rule_delete", args=[rule.pk]), {"post": "yes"})
    versions.append(definitions.version())
    client.post(LIST, {"action": "delete_selected", "_selected_action": other.pk, "post": "yes"})
    versions.append(definitions.version())
    assert len(set(versions)) == 3
    assert not Rule.objects.exists()


def test_the_list_costs_the_same_for_two_rules_and_for_twenty(client: Client, dialer: Webhook) -> None:
    costs = []
    for count in (2, 18):
        for number in range(count):
            make_rule(dialer, ("stage", "changed", ""), name=f"{count}-{number}")
        costs.append(queries(client, LIST))
    assert costs[0] == costs[1] <= 9


def test_the_form_costs_the_same_for_two_rows_and_for_twenty(client: Client, dialer: Webhook) -> None:
    rule, costs = make_rule(dialer), []
    for count in (2, 18):
        for number in range(count):
            Condition.objects.create(rule=rule, field=f"{count}-{number}", operator="changed")
            Action.objects.create(rule=rule, webhook=dialer, position=count * 100 + number)
        costs.append(queries(client, change_url(rule)))
    assert costs[0] == costs[1] <= 16


@pytest.mark.parametrize(
    ("permissions", "status"),
    [((), 403), (("automations.view_rule",), 403), (("automations.add_rule",), 302)],
)
def test_only_who_may_add_rules_adds_them(dialer: Webhook, permissions: tuple[str, ...], status: int) -> None:
    form = form_of(signed_in(superuser=True, name="root"), ADD, **entered(dialer))
    assert signed_in(*permissions).post(ADD, form).status_code == status
    assert Rule.objects.exists() is (status == 302)


def test_who_may_only_look_cannot_switch_or_change(dialer: Webhook) -> None:
    rule, viewer = make_rule(dialer), signed_in("automations.view_rule")
    viewer.post(LIST, {"action": "switch_off", "_selected_action": rule.pk})
    assert viewer.post(change_url(rule), {"name": "x"}).status_code == 403
    assert 'name="name"' not in text(viewer.get(change_url(rule)))
    rule.refresh_from_db()
    assert rule.active
    assert Change.objects.count() == 0
