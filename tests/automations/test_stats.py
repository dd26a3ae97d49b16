"""How often a rule fires stands beside it."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from automations import stats
from automations.models import Rule, Run
from tests.world import make_rule, make_source, make_webhook, post, update, work

pytestmark = pytest.mark.django_db


def test_a_rule_that_never_fired_says_so() -> None:
    make_rule(make_webhook("http://127.0.0.1:9/"))
    rule = stats.with_firings(Rule.objects.all()).get()
    assert (rule.last_fired_at, rule.runs_recently) == (None, 0)


def test_runs_of_the_last_day_are_counted_and_the_last_one_is_dated() -> None:
    make_rule(make_webhook("http://127.0.0.1:9/"), monitor="every")
    source = make_source()
    with time_machine.travel(timezone.now() - timedelta(hours=30)):
        post(source, update({"stage": "Lead"}))
        work()
    post(source, update({"stage": "Enrolled"}))
    post(source, update({"stage": "Alumna"}))
    work()
    rule = stats.with_firings(Rule.objects.all()).get()
    assert rule.runs_recently == 2
    assert rule.last_fired_at == Run.objects.order_by("-id")[0].created_at
