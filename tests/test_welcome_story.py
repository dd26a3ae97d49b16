"""A workflow of a CRM watches for new contacts in London: they are written to and called; nobody else is."""

from typing import Any

import pytest
from django.utils import timezone

from automations.models import Action, Change, Record, Rule, Run
from tests.automations.letters import make_template
from tests.mail_sink import Sink
from tests.staff import signed_in, text
from tests.test_onboarding_story import SUMMER
from tests.weeks import MONDAY, Weeks, weeks
from tests.world import make_source, post, work
from webhooks_in.models import Source
from webhooks_out import definitions

__all__ = ["weeks"]
pytestmark = pytest.mark.django_db
CREATED = f"/Date({MONDAY.timestamp():.0f}000+0000)/"
CITY = "ADDRESS_MAIL_CITY"
ANA = {
    "CONTACT_ID": 81,
    "FIRST_NAME": "Ana",
    "LAST_NAME": "Lopez",
    "EMAIL_ADDRESS": "ana@harbour.example",
    CITY: "London",
    "DATE_CREATED_UTC": CREATED,
    "DATE_UPDATED_UTC": CREATED,
}


@pytest.fixture
def insightly(db: None) -> Source:
    """The CRM's workflow for new contacts."""
    return make_source("Insightly: new contacts", dialect="insightly")


@pytest.fixture(autouse=True)
def rule(db: None) -> Rule:
    """A welcome and a call at once, a second mail after 3 days, and a call to follow up after 5."""
    rule = Rule.objects.create(name="New in London", event="created")
    rule.conditions.create(field=CITY, operator="equals", value="London")
    for title in ("Welcome", "How is it going"):
        make_template(title=title, to="{EMAIL_ADDRESS}", subject=title, text="Hello {FIRST_NAME}")
    deeds: list[tuple[str, int, dict[str, str]]] = [
        ("send_email", 0, {"template": "Welcome"}),
        (
            "create_record",
            0,
            {"title": "Call {FIRST_NAME} {LAST_NAME}", "fields": "city = {ADDRESS_MAIL_CITY}"},
        ),
        ("send_email", 3, {"template": "How is it going"}),
        ("create_record", 5, {"title": "Follow up with {FIRST_NAME}"}),
    ]
    for position, (kind, days, options) in enumerate(deeds):
        Action.objects.create(
            rule=rule, position=position, kind=kind, options=options, delay=days, delay_unit="days"
        )
    definitions.touch()
    return rule


def hears(source: Source, weeks: Weeks, **fields: Any) -> None:
    """The workflow posts a new contact."""
    post(source, {"entity": {**ANA, **fields}})
    work()
    weeks.pass_until(timezone.now())


def letters(sink: Sink) -> list[tuple[str, str]]:
    return [(one.message["Subject"], one.message["To"]) for one in sink.arrived]


def tasks() -> list[dict[str, Any]]:
    return list(Record.objects.filter(type="Task").order_by("name").values_list("fields", flat=True))


def test_a_contact_from_london_is_written_to_and_called(insightly: Source, sink: Sink, weeks: Weeks) -> None:
    hears(insightly, weeks)
    call = {"title": "Call Ana Lopez", "city": "London", "linked_id": "81"}
    assert (letters(sink), tasks()) == ([("Welcome", "ana@harbour.example")], [call])
    assert weeks.pass_until(SUMMER) == ["Thu 22 Mar 10:00", "Sat 24 Mar 10:00"]
    assert letters(sink)[1:] == [("How is it going", "ana@harbour.example")]
    assert tasks() == [call, {"title": "Follow up with Ana", "linked_id": "81"}]
    assert set(Run.objects.values_list("state", flat=True)) == {"done"}


def test_the_workflow_that_tries_twice_more_changes_nothing(
    insightly: Source, sink: Sink, weeks: Weeks
) -> None:
    for _ in range(3):
        hears(insightly, weeks)
    weeks.pass_until(SUMMER)
    assert (len(letters(sink)), len(tasks())) == (2, 2)


def test_a_contact_from_paris_gets_nothing_and_its_change_says_why(
    insightly: Source, sink: Sink, weeks: Weeks
) -> None:
    hears(insightly, weeks, **{CITY: "Paris"})
    weeks.pass_until(SUMMER)
    assert (letters(sink), tasks(), Run.objects.count()) == ([], [], 0)
    page = signed_in(superuser=True).get(f"/admin/automations/change/{Change.objects.get().pk}/change/")
    assert "New in London" in text(page)
    assert "wanted &#x27;London&#x27;" in text(page)


def test_who_moves_to_london_later_is_no_new_contact(insightly: Source, sink: Sink, weeks: Weeks) -> None:
    hears(insightly, weeks, **{CITY: "Paris"})
    moved = f"/Date({MONDAY.timestamp() + 60:.0f}000+0000)/"
    hears(insightly, weeks, DATE_UPDATED_UTC=moved)
    assert Change.objects.count() == 2
    assert letters(sink) == []
