"""The queue shows everything that is pending, and does with it what a person who may asks for, once."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from automations.models import Action, Change, Record, Rule, Run, System
from automations.pending import ORDERS
from tests.staff import queries, signed_in, text
from tests.world import make_rule, make_webhook, work
from webhooks_out.models import Delivery

pytestmark = pytest.mark.django_db
LIST = "/admin/automations/queued/"


@pytest.fixture
def client() -> Client:
    return signed_in(superuser=True)


@pytest.fixture
def rule() -> Rule:
    return make_rule(make_webhook("http://127.0.0.1:9/"), delay=60)


def pending(rule: Rule, count: int = 1, hours: float = 1, **columns: object) -> list[Run]:
    """That many runs of the rule, each of a contact of its own."""
    system, _ = System.objects.get_or_create(name="Harbour CRM")
    due = timezone.now() + timedelta(hours=hours)
    first = Record.objects.count()
    made = []
    for number in range(first, first + count):
        record = Record.objects.create(
            system=system, type="Contact", external_id=str(number), name=f"P{number}"
        )
        change = Change.objects.create(record=record, event="updated", fields={"stage": "Lead"})
        about = {"change": change, "record": record, "rule": rule, "rule_name": rule.name}
        when = {"due_at": due, "planned_at": due}
        action = Action.objects.first()
        made.append(
            Run.objects.create(**about, **{"kind": "post_webhook", "action": action} | when | columns)
        )
    return made


def held(rule: Rule, **columns: object) -> Run:
    return pending(rule, **{"due_at": None, "state": "held"} | columns)[0]


def order(client: Client, name: str, *runs: Run, **said: str) -> str:
    """The page after an order for these runs was given; confirmed unless told otherwise."""
    chosen = {"action": f"{name}_selected", "_selected_action": [str(run.pk) for run in runs]}
    return text(client.post(LIST, {"confirmed": str(len(runs)), **chosen, **said}, follow=True))


def states(*runs: Run) -> set[str]:
    return set(Run.objects.filter(pk__in=[run.pk for run in runs]).values_list("state", flat=True))


def test_the_queue_shows_what_is_pending_and_why_the_next_first(client: Client, rule: Rule) -> None:
    pending(rule, hours=48)
    pending(rule, hours=1)
    held(rule, reason="Its time cannot be told: due_date is empty.", hours=50)
    pending(rule, state="done", due_at=None)
    page = text(client.get(LIST))
    assert page.index(">P1</a>") < page.index(">P0</a>") < page.index(">P2</a>")
    assert "Post to Dialer" in page
    assert "Its time cannot be told: due_date is empty." in page
    assert ">P3</a>" not in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [("due=24h", ["P0"]), ("state=held", ["P2"]), ("kind=recheck", ["P1"]), ("rule={other}", ["P3"])],
)
def test_the_queue_is_filtered(client: Client, rule: Rule, query: str, shown: list[str]) -> None:
    other = Rule.objects.create(name="Other")
    pending(rule)
    pending(rule, hours=48, kind="recheck")
    held(rule, hours=48)
    pending(other, hours=48)
    page = text(client.get(f"{LIST}?{query.format(other=other.pk)}"))
    assert [f"P{number}" for number in range(4) if f">P{number}</a>" in page] == shown


@pytest.mark.parametrize(
    ("name", "button", "state"),
    [("cancel", "Cancel: 2 actions", "cancelled"), ("hold", "Hold: 2 actions", "held")],
)
def test_an_order_is_confirmed_by_a_button_with_its_number(
    client: Client, rule: Rule, name: str, button: str, state: str
) -> None:
    runs = pending(rule, 2)
    assert button in order(client, name, *runs, confirmed="")
    assert states(*runs) == {"waiting"}
    assert f"2 {'held' if name == 'hold' else 'cancelled'}." in order(client, name, *runs)
    assert states(*runs) == {state}
    assert LogEntry.objects.count() == 2
    assert set(Run.objects.values_list("reason", flat=True)) == {f"{state.capitalize()} by mia."}


def test_a_number_that_is_not_true_any_more_does_nothing(client: Client, rule: Rule) -> None:
    runs = pending(rule, 2)
    assert "The number has changed" in order(client, "cancel", *runs, confirmed="3")
    assert states(*runs) == {"waiting"}


def test_with_all_that_the_filter_shows(client: Client, rule: Rule) -> None:
    runs = pending(rule, 60)
    assert "60 cancelled." in order(client, "cancel", runs[0], select_across="1", confirmed="60")
    assert states(*runs) == {"cancelled"}


def test_what_is_released_is_due_at_its_time_again(client: Client, rule: Rule) -> None:
    run = held(rule)
    assert "1 released." in order(client, "release", run)
    run.refresh_from_db()
    assert (run.state, run.due_at) == ("waiting", run.planned_at)


def test_what_had_no_time_is_released_once_it_has_one(client: Client, rule: Rule) -> None:
    rule.actions.update(counts_from="since", date_field="due_date")
    run = held(rule, hours=-1)
    assert "0 released. 1 left as they are" in order(client, "release", run)
    run.refresh_from_db()
    assert (run.state, run.reason) == ("held", "Its time cannot be told: due_date is not in the record.")
    Record.objects.update(fields={"due_date": "2033-05-01"})
    order(client, "release", run)
    run.refresh_from_db()
    assert (run.state, str(run.due_at)[:10]) == ("waiting", "2033-05-01")


def test_what_is_done_now_is_done_once(client: Client, rule: Rule) -> None:
    runs = [*pending(rule), held(rule)]
    assert "2 will be done now." in order(client, "now", *runs)
    work()
    assert states(*runs) == {"done"}
    assert "None of these can be" in order(client, "now", *runs)
    assert Delivery.objects.count() == 2


def test_who_may_only_look_can_give_no_order(rule: Rule) -> None:
    runs, viewer = pending(rule), signed_in("automations.view_run", name="vic")
    assert "P0" in text(viewer.get(LIST))
    order(viewer, "cancel", *runs)
    assert states(*runs) == {"waiting"}
    assert signed_in("automations.view_rule", name="rob").get(LIST).status_code == 403


def test_the_page_costs_the_same_for_two_and_for_forty(client: Client, rule: Rule) -> None:
    costs = []
    for count in (2, 38):
        pending(rule, count)
        costs.append(queries(client, LIST))
    assert costs[0] == costs[1] <= 8


@pytest.mark.parametrize(
    ("state", "offered"), [("waiting", "now hold cancel"), ("held", "now release cancel")]
)
def test_each_row_offers_the_orders_that_fit_it(client: Client, rule: Rule, state: str, offered: str) -> None:
    (run,) = pending(rule, state=state)
    page = text(client.get(LIST))
    found = [name for name in ORDERS if f"{LIST}{run.pk}/order/?do={name}" in page]
    assert found == offered.split()


@pytest.mark.parametrize(("name", "state"), [("now", "waiting"), ("hold", "held"), ("cancel", "cancelled")])
def test_an_order_for_one_row_is_confirmed_and_carried_out(
    client: Client, rule: Rule, name: str, state: str
) -> None:
    run, other = pending(rule, 2)
    asked = text(client.get(f"{LIST}{run.pk}/order/?do={name}"))
    assert f"{ORDERS[name].verb} 1 action?" in asked
    assert f"{run}, for {run.record}." in asked
    assert f'action="{LIST}"' in asked
    assert f'value="{run.pk}"' in asked
    assert states(run) == {"waiting"}
    order(client, name, run)
    assert states(run) == {state}
    assert states(other) == {"waiting"}


@pytest.mark.parametrize("name", ["release", "explode", ""])
def test_an_order_that_does_not_fit_leads_back_to_the_list(client: Client, rule: Rule, name: str) -> None:
    (run,) = pending(rule)
    assert "not pending like that any more" in text(
        client.get(f"{LIST}{run.pk}/order/?do={name}", follow=True)
    )
    assert states(run) == {"waiting"}


def test_who_may_only_look_is_offered_no_order(rule: Rule) -> None:
    (run,) = pending(rule)
    viewer = signed_in("automations.view_run", name="vic")
    assert "/order/" not in text(viewer.get(LIST))
    assert viewer.get(f"{LIST}{run.pk}/order/?do=now").status_code == 403
