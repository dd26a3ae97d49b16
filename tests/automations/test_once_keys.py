"""What has a once key is done once, however often its event arrives and whoever is killed when; people may void it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from playwright.sync_api import Page, expect

from automations import once_keys, performing, replays
from automations.actions import ACTIONS
from automations.models import Action, Change, OnceKey, Record, Rule, Run, System, Tag
from config.files import export
from tests.automations.test_rule_admin import add
from tests.staff import person, signed_in, text
from tests.world import make_rule, make_source, make_webhook, post, update, work
from webhooks_in.models import Source
from webhooks_in.tasks import step as receipt_step
from webhooks_out.jobs import claim
from webhooks_out.models import Delivery

pytestmark = pytest.mark.django_db
KEY = "certificate:{id}:{level}"
YES = {"_form_submitted": "on", "reason": "The name was misspelt"}


@pytest.fixture
def rule() -> Rule:
    """Posts for each change, once per person and level."""
    rule = make_rule(make_webhook("http://127.0.0.1:9/"), monitor="every")
    Action.objects.update(once_key=KEY)
    return rule


@pytest.fixture
def source() -> Source:
    return make_source()


def passes(source: Source, note: int = 0, level: Any = 2) -> None:
    """The CRM says once more that Ana has this level."""
    post(source, update({"level": level, "note": note}))
    work()


def reasons(state: str = "cancelled") -> list[str]:
    return list(Run.objects.filter(state=state).order_by("id").values_list("reason", flat=True))


def claimed() -> Run:
    """A run that a worker has taken up."""
    return claim(Run, 1, lease=0.0)[0]


def test_what_comes_ten_times_is_done_once_and_says_so(rule: Rule, source: Source) -> None:
    for note in range(10):
        passes(source, note)
    assert Delivery.objects.count() == 1
    assert len(reasons()) == 9
    assert all(reason.startswith("Already done on ") for reason in reasons())
    key = OnceKey.objects.get()
    assert (key.key, key.what, key.record) == (
        "certificate:7:2",
        "Post webhook: Dialer",
        Record.objects.get(),
    )


def test_another_level_has_a_key_of_its_own(rule: Rule, source: Source) -> None:
    passes(source)
    passes(source, level=3)
    assert Delivery.objects.count() == 2


def test_a_key_that_lacks_a_value_holds_the_run(rule: Rule, source: Source) -> None:
    passes(source, level="")
    assert reasons("held") == [f"Its once key {KEY} cannot be told: {{level}} is empty."]
    assert not OnceKey.objects.exists()


@pytest.mark.parametrize("lost_after", ["claim", "work", "mark"])
def test_a_run_that_was_cut_short_goes_on_with_its_own_key(
    rule: Rule, source: Source, lost_after: str
) -> None:
    post(source, update({"level": 2}))
    work_until_runs_are_due()
    run = claimed()
    if lost_after == "claim":
        assert once_keys.claim(run) is None
    elif lost_after == "work":
        once_keys.claim(run)
        ACTIONS[run.kind].perform(run)
    else:
        performing.perform(run)
    work()
    assert Run.objects.get().state == "done"
    assert Delivery.objects.count() == OnceKey.objects.count() == 1


def test_a_key_under_way_is_left_to_who_has_it_and_one_that_failed_is_taken_over(rule: Rule) -> None:
    first, second = two_runs(rule)
    assert once_keys.claim(first) is None
    refused = once_keys.claim(second)
    assert refused
    assert refused.reason == "Already under way by another run: certificate:7:2."
    Run.objects.filter(pk=first.pk).update(state="dead")
    assert once_keys.claim(second) is None
    assert OnceKey.objects.get().run == second


def test_what_a_person_repeats_is_not_done_again_until_its_key_is_voided(rule: Rule, source: Source) -> None:
    passes(source)
    replays.repeat(Run.objects.all())
    work()
    assert reasons()[0].startswith("Already done on ")
    admin = signed_in(superuser=True)
    url = f"/admin/automations/oncekey/{OnceKey.objects.get().pk}/"
    assert "Why may it happen again?" in text(admin.get(f"{url}void/"))
    assert "Voided: it may happen once more." in text(admin.post(f"{url}void/", YES, follow=True))
    replays.repeat(Run.objects.all())
    work()
    assert Delivery.objects.count() == 2
    voided = OnceKey.objects.get(voided_at__isnull=False)
    assert (voided.voided_by, voided.void_reason) == ("mia", "The name was misspelt")
    assert LogEntry.objects.get().change_message == "Voided: The name was misspelt"


def test_a_key_is_voided_with_a_reason_and_by_who_may(rule: Rule, source: Source) -> None:
    passes(source)
    url = f"/admin/automations/oncekey/{OnceKey.objects.get().pk}/void/"
    signed_in(superuser=True).post(url, {"_form_submitted": "on", "reason": " "})
    viewer = signed_in("automations.view_oncekey", name="vic")
    assert viewer.post(url, YES).status_code == 403
    assert OnceKey.objects.get().voided_at is None


def test_a_rule_that_fires_once_fires_again_when_its_key_is_voided(source: Source) -> None:
    make_rule(make_webhook("http://127.0.0.1:9/"), monitor="once")
    passes(source, 1)
    passes(source, 2)
    once_keys.void(OnceKey.objects.get(), "mia", "again")
    passes(source, 3)
    assert Delivery.objects.count() == 2


def test_the_record_shows_its_keys_and_what_is_pending(rule: Rule, source: Source) -> None:
    passes(source)
    Run.objects.create(
        change=Change.objects.get(), record=Record.objects.get(), rule=rule, position=5, rule_name="Later"
    )
    page = f"/admin/automations/contact/{Record.objects.get().pk}/change/"
    shown = text(signed_in(superuser=True).get(page))
    assert "certificate:7:2</a>" in shown
    assert 'id="pending"' in shown
    assert "certificate:7:2" not in text(signed_in("automations.view_contact", name="vic").get(page))


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("once", "needs a tag"),
        ("rule:{id}", "cannot begin"),
        ("Hub:{id}", "cannot begin"),
        ("letter:{FRISTNAME}", "There is no tag {FRISTNAME}. Did you mean {FIRSTNAME}?"),
    ],
)
def test_a_key_that_cannot_be_is_refused(key: str, words: str) -> None:
    dialer = make_webhook("http://127.0.0.1:9/")
    assert words in add(signed_in(superuser=True), dialer, **{"actions-0-once_key": key})
    assert not Rule.objects.exists()


def test_a_key_is_entered_and_kept_in_files() -> None:
    dialer = make_webhook("http://127.0.0.1:9/")
    Tag.objects.create(name="level", path="level")
    add(signed_in(superuser=True), dialer, **{"actions-0-once_key": KEY})
    assert Action.objects.get().once_key == KEY
    assert f"once_key: {KEY}" in export()


def test_a_very_long_key_stays_its_own(rule: Rule) -> None:
    first, second = two_runs(rule, level="x" * 400)
    second.record.fields = {**second.record.fields, "level": "x" * 400 + "y"}
    assert once_keys.claim(first) is None
    assert once_keys.claim(second) is None
    assert {len(key) for key in OnceKey.objects.values_list("key", flat=True)} == {300}


@pytest.mark.django_db(transaction=True)
def test_a_key_is_voided_by_clicking(
    rule: Rule, source: Source, sign_in: Callable[[AbstractBaseUser], Page]
) -> None:
    passes(source)
    page = sign_in(person(superuser=True))
    page.goto(f"/admin/automations/contact/{Record.objects.get().pk}/change/")
    page.get_by_role("link", name="certificate:7:2").click()
    page.locator("a[href*='/void/']:visible").first.click()
    page.get_by_label("Why may it happen again?").fill("The name was misspelt")
    page.get_by_role("button", name="Void 1 key").click()
    expect(page.get_by_text("The name was misspelt").first).to_be_visible()
    assert OnceKey.objects.get().voided_by == "mia"


def work_until_runs_are_due() -> None:
    """Reads what came in; the runs it starts wait for a worker."""
    while receipt_step():
        pass


def two_runs(rule: Rule, level: str = "2") -> tuple[Run, Run]:
    """Two runs of the rule's action for one record."""
    system = System.objects.create(name="Harbour CRM")
    record = Record.objects.create(system=system, type="Contact", external_id="7", fields={"level": level})
    action, made = rule.actions.get(), []
    for _ in range(2):
        change = Change.objects.create(record=record, event="updated")
        made.append(Run.objects.create(change=change, record=record, rule=rule, action=action, rule_name="r"))
    return made[0], Run.objects.get(pk=made[1].pk)


def test_everybody_who_may_look_sees_the_list(rule: Rule, source: Source) -> None:
    passes(source)
    viewer: Client = signed_in("automations.view_oncekey", name="vic")
    assert "certificate:7:2" in text(viewer.get("/admin/automations/oncekey/?q=certificate:7:2"))
    assert "certificate:7:2</" not in text(viewer.get("/admin/automations/oncekey/?q=certificate"))
