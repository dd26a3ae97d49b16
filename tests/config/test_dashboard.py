"""The home page: what is going on, in the same number of queries for little and for much, and only for who may see."""

import json
from datetime import timedelta

import pytest
from django.contrib import admin
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ, Schedule, Success
from pytest_django import DjangoAssertNumQueries

from automations.models import Run
from config import dashboard, menu
from tests.webhooks_out.pages import HOSTILE, said, staff
from tests.webhooks_out.test_admin_log import log
from tests.world import make_rule, make_source, make_webhook, post, update, work
from webhooks_in.models import Receipt, Refusal
from webhooks_out.drains import BEAT
from webhooks_out.models import Delivery, Heartbeat, Webhook

pytestmark = pytest.mark.django_db
HOME = "/admin/"


def numbers(client: Client) -> dict[str, int]:
    """Each number of the home page by its words."""
    context = client.get(HOME).context
    return {figure.words: figure.count for figure in (*context["incoming"], *context["outgoing"])}


def test_what_came_in_is_counted(admin_client: Client) -> None:
    source = make_source(dedup_template="{webhook-id}")
    for name in ("a", "a", "b"):
        post(source, {"id": 7}, **{"webhook-id": name})
    Receipt.objects.create(source=source, state="held", due_at=None, verified=False)
    Refusal.objects.create(key="k", hour=timezone.now(), status=401, count=4)
    seen = numbers(admin_client)
    assert (seen["Received"], seen["Repeats"], seen["Refused"], seen["Quarantined"]) == (2, 1, 4, 1)


def test_what_went_out_is_counted(admin_client: Client) -> None:
    log(3, state="done", status=200)
    log(2)
    log(1, state="held")
    log(1, state="waiting", due_at=timezone.now())
    seen = numbers(admin_client)
    assert (seen["Delivered"], seen["Deliveries failed"], seen["Deliveries held"]) == (3, 2, 1)


def test_actions_that_failed_or_are_held_are_counted(admin_client: Client) -> None:
    make_rule(make_webhook("http://127.0.0.1:9/"), ("stage", "changed", ""))
    source = make_source()
    for stage in ("New", "Enrolled", "Left"):
        post(source, update({"stage": stage}))
    work()
    run, other, _ = Run.objects.order_by("id")
    Run.objects.filter(pk=run.pk).update(state="held")
    Run.objects.filter(pk=other.pk).update(state="dead")
    seen = numbers(admin_client)
    assert (seen["Actions started"], seen["Actions failed"], seen["Actions held"]) == (3, 1, 1)


def test_the_queries_do_not_grow_with_what_is_there(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (2, 20):
        log(count)
        source = make_source(f"Source {count}")
        for _ in range(count):
            Receipt.objects.create(source=source, state="dead", due_at=None)
        with django_assert_max_num_queries(26):
            admin_client.get(HOME)


def test_the_chart_puts_each_hour_in_its_place(admin_client: Client) -> None:
    start = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=dashboard.HOURS - 1)
    log(2)
    log(1, state="done")
    context = dashboard.overview(admin_client.get(HOME).wsgi_request, {})
    data = json.loads(context["chart"]["data"])
    assert len(data["labels"]) == dashboard.HOURS
    assert data["labels"][0] == f"{timezone.localtime(start):%H}:00"
    assert [one["data"][-1] for one in data["datasets"]] == [0, 1, 2]


def test_overdue_work_and_silent_workers_are_said(admin_client: Client) -> None:
    log(1, state="waiting", due_at=timezone.now() - timedelta(minutes=7))
    assert "Workers silent" in said(admin_client.get(HOME))
    Heartbeat.objects.create(name=BEAT, beat_at=timezone.now())
    answer = admin_client.get(HOME)
    late = {queue["name"]: queue["late"] for queue in answer.context["backlog"]}
    assert late == {"Deliveries": "7 min", "Receipts": "", "Runs": ""}
    assert "Workers running" in said(answer)


def test_webhooks_in_trouble_and_failures_come_with_their_reasons(admin_client: Client) -> None:
    make_webhook("https://a.example/", title="Fine")
    make_webhook("https://b.example/", title="Bad", failures_in_row=4)
    make_webhook("https://d.example/", title="Slow", failures_in_row=9, breaker_opened_at=timezone.now())
    make_webhook("https://c.example/", title="Gone", active=False, disabled_reason="It answered 410.")
    log(1, reason="The receiver answered 500.")
    answer = admin_client.get(HOME)
    assert [hook.title for hook in answer.context["hooks"]] == ["Slow", "Bad", "Gone"]
    for told in (
        "Paused",
        "Its deliveries wait.",
        "4 failures in a row",
        "It answered 410.",
        "The receiver answered 500.",
    ):
        assert told in said(answer)


def test_failures_of_every_kind_stand_in_one_list_newest_first(admin_client: Client) -> None:
    log(1)
    Receipt.objects.create(source=make_source(), state="dead", due_at=None, reason="Not understood.")
    kinds = [failure["kind"] for failure in admin_client.get(HOME).context["failures"]]
    assert kinds == ["receipt", "delivery"]


def test_before_anything_was_received_the_next_step_is_shown(admin_client: Client) -> None:
    page = said(admin_client.get(HOME))
    assert page.index("Create a data source") < page.index("Create a webhook") < page.index("Create a rule")
    make_source()
    steps = admin_client.get(HOME).context["steps"]
    assert [step["done"] for step in steps] == [True, False, False]
    post(make_source("Another"), {"id": 7})
    assert "Create a data source" not in said(admin_client.get(HOME))


def test_who_may_see_nothing_sees_numbers_but_no_names() -> None:
    log(1, title="Secret dialer", reason="It is a secret.")
    Webhook.objects.update(title="Secret dialer", failures_in_row=3)
    page = said(staff().get(HOME))
    assert "Secret dialer" not in page
    assert "It is a secret." not in page


def test_hostile_texts_are_inert(admin_client: Client) -> None:
    log(1, title=HOSTILE, record_name=HOSTILE, reason=HOSTILE)
    Webhook.objects.update(title=HOSTILE, failures_in_row=1, disabled_reason=HOSTILE)
    Receipt.objects.create(source=make_source(HOSTILE), state="dead", due_at=None, reason=HOSTILE)
    assert Delivery.objects.get().title == HOSTILE
    assert HOSTILE not in said(admin_client.get(HOME))


def test_the_home_page_needs_a_member_of_staff(client: Client) -> None:
    answer = client.get(HOME)
    assert (answer.status_code, answer.url) == (302, "/admin/login/?next=/admin/")


def test_the_menu_shows_only_what_this_person_may_see() -> None:
    request = staff("webhooks_out.view_webhook").get(HOME).wsgi_request
    groups = menu.navigation(request)
    assert [item["title"] for group in groups for item in group["items"]] == ["Home", "Webhooks"]


def test_the_queue_library_stays_out_of_the_admin() -> None:
    assert not [model for model in (OrmQ, Schedule, Success) if admin.site.is_registered(model)]
