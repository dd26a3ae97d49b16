"""Whoever enrols is written to over weeks, in the mornings of weekdays, until the stage is another one."""

import signal
from datetime import UTC, datetime, time
from functools import partial
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from automations.models import Action, Change, Rule, Run
from tests.automations.letters import make_template
from tests.mail_sink import Sink
from tests.weeks import Weeks, weeks, worker
from tests.world import insites, post, update, work
from webhooks_in.models import Source
from webhooks_out import definitions

__all__ = ["insites", "weeks"]
pytestmark = [pytest.mark.alone, pytest.mark.django_db(transaction=True)]
DAYS = (3, 5, 12, 30)
# Monday the 19th of March 2035 is the day of enrolment; in Berlin the clocks go forward on the 25th.
MORNINGS = [
    "Thu 22 Mar 08:00",
    "Mon 26 Mar 07:00",
    "Mon 02 Apr 07:00",
    "Wed 18 Apr 07:00",
]  # 9:00 there, in UTC
SUMMER = datetime(2035, 6, 1, tzinfo=UTC)


def day(number: int, month: int = 3) -> datetime:
    return datetime(2035, month, number, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def rule(transactional_db: None) -> Rule:
    """A welcome at once, and a letter after each of DAYS at nine in the morning of a weekday."""
    rule = Rule.objects.create(name="Onboarding", stops="left", time_zone="Europe/Berlin")
    rule.conditions.create(field="stage", operator="changed_to", value="Enrolled")
    make_template(title="Welcome", to="{email}", subject="Welcome", text="Hello {first_name}")
    Action.objects.create(rule=rule, kind="send_email", options={"template": "Welcome"})
    for position, days in enumerate(DAYS, 1):
        title = f"Day {days}"
        make_template(title=title, to="{email}", subject=title, text="Hello {first_name}")
        later: dict[str, Any] = {"delay": days, "delay_unit": "days", "at_time": time(9), "weekdays": True}
        Action.objects.create(
            rule=rule, position=position, kind="send_email", options={"template": title}, **later
        )
    definitions.touch()
    return rule


def hears(source: Source, weeks: Weeks, *stages: str) -> None:
    """The CRM says that Ana is at this stage now, and then at the next."""
    for stage in stages:
        post(source, update({"stage": stage}))
        work()
        weeks.pass_until(timezone.now())


def letters(sink: Sink) -> list[str]:
    return [one.message["Subject"] for one in sink.arrived]


def pending() -> list[str]:
    """When what is waiting is due."""
    waiting = Run.objects.filter(state="waiting").order_by("planned_at")
    return [f"{at:%a %d %b %H:%M}" for at in waiting.values_list("planned_at", flat=True)]


def test_letters_go_out_at_nine_on_weekdays_whatever_the_clocks_do(
    insites: Source, sink: Sink, weeks: Weeks
) -> None:
    hears(insites, weeks, "Enrolled")
    assert (letters(sink), pending()) == (["Welcome"], MORNINGS)
    assert weeks.pass_until(SUMMER) == MORNINGS
    assert letters(sink) == ["Welcome", *(f"Day {days}" for days in DAYS)]


def test_a_contact_that_leaves_the_stage_is_written_to_no_more(
    insites: Source, sink: Sink, weeks: Weeks
) -> None:
    hears(insites, weeks, "Enrolled")
    weeks.pass_until(day(28))
    hears(insites, weeks, "Lost")
    weeks.pass_until(SUMMER)
    assert letters(sink) == ["Welcome", "Day 3", "Day 5"]
    cancelled = Run.objects.filter(state="cancelled").order_by("position")
    reason = "Stopped: its stage was “Enrolled” and is “Lost” by now."
    assert list(cancelled.values_list("position", "reason")) == [(3, reason), (4, reason)]
    assert not Run.objects.exclude(state__in=("done", "cancelled")).exists()


def test_a_worker_that_is_killed_and_a_new_one_keep_the_days(
    insites: Source, sink: Sink, mail_port: int, weeks: Weeks
) -> None:
    mail = {"EMAIL_URL": f"smtp://127.0.0.1:{mail_port}"}
    ended: list[int] = []

    def fall_and_start_again() -> None:
        ended.append(worker('work_until_killed("the e-mail\'s data")', **mail))
        # As if the lease had run out.
        Run.objects.filter(state="running").update(due_at=Now())
        ended.append(worker("work_to_the_end()", **mail))

    hears(insites, weeks, "Enrolled")
    assert weeks.pass_until(day(28), fall_and_start_again) == MORNINGS[:2]
    assert weeks.pass_until(SUMMER, partial(worker, "work_to_the_end()", **mail)) == MORNINGS[2:]
    assert ended == [-signal.SIGKILL, 0] * 2
    assert letters(sink) == ["Welcome", "Day 3", "Day 3", "Day 5", "Day 5", "Day 12", "Day 30"]
    assert len({one.message["Message-ID"] for one in sink.arrived}) == 1 + len(DAYS)


def test_a_second_trigger_leaves_what_is_pending(insites: Source, sink: Sink, weeks: Weeks) -> None:
    hears(insites, weeks, "Enrolled")
    weeks.pass_until(day(23))
    hears(insites, weeks, "Lead", "Enrolled")
    assert pending() == MORNINGS[1:]
    told = [verdict["words"] for (verdict,) in Change.objects.values_list("verdicts", flat=True)]
    assert sum("those of an earlier change are pending" in words for words in told) == 1
    weeks.pass_until(SUMMER)
    assert letters(sink) == ["Welcome", "Day 3", "Welcome", "Day 5", "Day 12", "Day 30"]


def test_a_rule_that_restarts_counts_from_the_second_trigger(
    insites: Source, sink: Sink, weeks: Weeks
) -> None:
    Rule.objects.update(again=Rule.Again.RESTART)
    definitions.touch()
    hears(insites, weeks, "Enrolled")
    weeks.pass_until(day(23))
    hears(insites, weeks, "Lead", "Enrolled")
    reasons = Run.objects.filter(state="cancelled").values_list("reason", flat=True)
    assert list(reasons) == ["Started anew: the rule fired again for this record."] * 3
    assert weeks.pass_until(SUMMER) == [
        "Mon 26 Mar 07:00",
        "Wed 28 Mar 07:00",
        "Wed 04 Apr 07:00",
        "Mon 23 Apr 07:00",
    ]
    assert letters(sink) == ["Welcome", "Day 3", "Welcome", *(f"Day {days}" for days in DAYS)]
