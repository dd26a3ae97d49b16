"""Runs are repeated and cancelled by people who may, with POST only, and the history says who."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from automations.models import Rule, Run
from tests.staff import signed_in, text
from tests.world import make_rule, make_source, make_webhook, post, update, work
from webhooks_out.models import Delivery

pytestmark = pytest.mark.django_db
LIST = "/admin/automations/run/"
YES = {"_form_submitted": "on"}


@pytest.fixture
def client() -> Client:
    return signed_in(superuser=True)


def run(delay: int = 0) -> Run:
    """A run that was started by a contact's enrolment."""
    make_rule(make_webhook("http://127.0.0.1:9/"), delay=delay)
    post(make_source(), update({"stage": "Enrolled"}))
    work()
    return Run.objects.get()


def test_a_run_is_repeated_from_its_page(client: Client) -> None:
    made = run()
    answer = client.post(f"{LIST}{made.pk}/repeat/", YES, follow=True)
    assert "1 will be repeated." in text(answer)
    work()
    assert Delivery.objects.count() == 2
    assert LogEntry.objects.get().change_message == "Repeated."


def test_a_dialog_leads_htmx_back_to_the_page(client: Client) -> None:
    made = run()
    answer = client.post(f"{LIST}{made.pk}/repeat/", YES, headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == f"{LIST}{made.pk}/change/"


def test_looking_at_a_dialog_does_nothing(client: Client) -> None:
    made = run()
    assert "Repeat this action?" in text(client.get(f"{LIST}{made.pk}/repeat/"))
    made.refresh_from_db()
    assert made.state == "done"


def test_a_waiting_run_is_cancelled_from_its_page(client: Client) -> None:
    made = run(delay=60)
    client.post(f"{LIST}{made.pk}/cancel/", YES)
    made.refresh_from_db()
    assert (made.state, made.reason) == ("cancelled", "Cancelled by mia.")


@pytest.mark.parametrize(("delay", "offered"), [(0, "repeat"), (60, "cancel")])
def test_only_what_fits_is_offered(client: Client, delay: int, offered: str) -> None:
    made = run(delay)
    page = text(client.get(f"{LIST}{made.pk}/change/"))
    assert [name for name in ("repeat", "cancel") if f"{made.pk}/{name}/" in page] == [offered]


def test_selected_runs_are_repeated_and_the_others_counted(client: Client) -> None:
    run()
    waiting = Run.objects.create(
        change=Run.objects.get().change,
        record=Run.objects.get().record,
        rule_name="x",
        kind="post_webhook",
        position=9,
    )
    chosen = [str(pk) for pk in Run.objects.values_list("pk", flat=True)]
    page = text(client.post(LIST, {"action": "repeat_selected", "_selected_action": chosen}, follow=True))
    assert "1 will be repeated. 1 left" in page
    page = text(
        client.post(LIST, {"action": "cancel_selected", "_selected_action": [str(waiting.pk)]}, follow=True)
    )
    assert "1 cancelled." in page


def test_the_list_is_narrowed_by_rule_and_state(client: Client) -> None:
    made = run()
    rule = Rule.objects.get()
    for query, found in [
        (f"rule={rule.pk}", 1),
        ("rule=0", 0),
        ("rule=x", 1),
        ("state=done", 1),
        ("state=held", 0),
    ]:
        assert len(client.get(f"{LIST}?{query}").context["cl"].result_list) == found, query
    for term in (made.pk, made.change_id, made.correlation_id):
        assert list(client.get(LIST, {"q": str(term)}).context["cl"].result_list) == [made]


@pytest.mark.parametrize("name", ["repeat", "cancel"])
def test_who_may_only_look_repeats_and_cancels_nothing(name: str) -> None:
    made = run(delay=60)
    viewer = signed_in("automations.view_run")
    assert viewer.post(f"{LIST}{made.pk}/{name}/", YES).status_code == 403
    viewer.post(LIST, {"action": f"{name}_selected", "_selected_action": str(made.pk)})
    made.refresh_from_db()
    assert made.state == "waiting"


def test_a_post_without_the_token_is_refused() -> None:
    made = run()
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in(superuser=True).cookies
    assert client.post(f"{LIST}{made.pk}/repeat/", YES).status_code == 403


def test_a_made_up_run_is_not_repeated(client: Client) -> None:
    assert client.post(f"{LIST}nonsense/repeat/", YES).status_code == 302
    assert not LogEntry.objects.exists()
