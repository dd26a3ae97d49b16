"""Processed again, a receipt fills in what is missing and repeats nothing."""

import pytest

from automations.models import Change, Condition, OnceKey, Record, Rule, Run
from tests.world import make_rule, make_source, make_webhook, post, update, work
from webhooks_in.models import Receipt, Source
from webhooks_in.replays import replay
from webhooks_out import definitions
from webhooks_out.models import Delivery

pytestmark = pytest.mark.django_db
NOWHERE = "http://127.0.0.1:9/"


def moved(old: str, new: str, **also: str) -> dict[str, object]:
    """Ana moves from one stage to the next."""
    return update({"stage": [old, new]}, stage=new, **also)


ENROLLED = moved("Lead", "Enrolled")


@pytest.fixture
def source() -> Source:
    return make_source()


def received(source: Source, *payloads: object) -> list[Receipt]:
    """These requests, received and processed, oldest first."""
    for payload in payloads:
        post(source, payload)
    work()
    return list(Receipt.objects.order_by("id"))


def rule(value: str = "Enrolled", **options: object) -> Rule:
    made = make_rule(make_webhook(NOWHERE), ("stage", "changed_to", value), **options)
    definitions.touch()
    return made


def mended(made: Rule) -> None:
    """The rule now wants what was sent."""
    Condition.objects.filter(rule=made).update(value="Enrolled")
    definitions.touch()


def counts() -> tuple[int, int, int]:
    return Change.objects.count(), Run.objects.count(), Delivery.objects.count()


def test_nothing_that_was_done_is_repeated(source: Source) -> None:
    rule()
    receipts = received(source, ENROLLED)
    for _ in range(3):
        told = replay(receipts)
        work()
    assert (told.judged, told.runs, told.queued) == (1, 0, 0)
    assert counts() == (1, 1, 1)


def test_a_rule_that_was_mended_since_starts_what_was_missing_once(source: Source) -> None:
    made = rule("Enroled")
    receipts = received(source, ENROLLED)
    assert counts() == (1, 0, 0)
    mended(made)
    assert [replay(receipts).runs, replay(receipts).runs] == [1, 0]
    work()
    assert counts() == (1, 1, 1)
    assert Change.objects.get().verdicts == [
        {"rule": made.pk, "name": made.name, "fired": True, "words": "fired"}
    ]


def test_a_rule_that_fires_once_per_record_stays_with_the_change_that_fired_it(source: Source) -> None:
    made = rule(monitor="once")
    receipts = received(source, ENROLLED, moved("Lead", "Enrolled", city="Oslo"))
    replay(receipts)
    first, second = Change.objects.order_by("id")
    assert [first.verdicts[0]["fired"], second.verdicts[0]["fired"]] == [True, False]
    assert OnceKey.objects.count() == Run.objects.filter(rule=made).count() == 1


def test_a_rule_that_is_gone_keeps_its_word(source: Source) -> None:
    made = rule()
    receipts = received(source, ENROLLED)
    made.delete()
    definitions.touch()
    replay(receipts)
    assert Change.objects.get().verdicts[0]["fired"] is True


def test_an_event_that_was_not_understood_is_read_anew_when_the_source_was_mended(source: Source) -> None:
    rule()
    Source.objects.update(record_type="")
    (receipt,) = received(source, ENROLLED)
    assert receipt.state == "dead"
    Source.objects.update(record_type="Contact")
    definitions.touch()
    assert replay(Receipt.objects.all()).queued == 1
    work()
    receipt.refresh_from_db()
    assert receipt.state == "done"
    assert counts() == (1, 1, 1)


def test_of_a_batch_only_the_missing_event_is_handled(source: Source) -> None:
    rule()
    nameless = {"changes": {"stage": ["Lead", "Enrolled"]}}
    receipts = received(source, [ENROLLED, nameless])
    Source.objects.update(path_record_id="snapshot.id")
    told = replay(receipts)
    work()
    assert (told.judged, told.unreadable, counts()) == (1, 1, (1, 1, 1))


def test_an_old_event_does_not_undo_what_came_later(source: Source) -> None:
    Source.objects.update(record_type="")
    received(source, ENROLLED)
    Source.objects.update(record_type="Contact")
    old, _ = received(source, moved("Enrolled", "Alumna"))
    told = replay([Receipt.objects.get(pk=old.pk)])
    work()
    assert (told.queued, told.overtaken) == (0, 1)
    assert Record.objects.get().fields["stage"] == "Alumna"


def test_quarantined_and_unfinished_receipts_are_left_alone(source: Source) -> None:
    Source.objects.update(preset="github", secret="x")
    post(source, ENROLLED)
    Source.objects.update(preset="none")
    post(source, ENROLLED)
    told = replay(Receipt.objects.all())
    assert told.unsettled == 2
    assert set(Receipt.objects.values_list("state", flat=True)) == {"held", "waiting"}


def test_several_are_read_in_the_order_they_arrived(source: Source) -> None:
    Source.objects.update(record_type="")
    received(source, *(moved("", stage) for stage in ("Lead", "Enrolled", "Alumna")))
    Source.objects.update(record_type="Contact")
    assert replay(Receipt.objects.order_by("-id")).queued == 3
    work()
    assert Record.objects.get().fields["stage"] == "Alumna"
    told = [change.diff["stage"][1] for change in Change.objects.order_by("id")]
    assert told == ["Lead", "Enrolled", "Alumna"]
