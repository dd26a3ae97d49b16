"""Receipts are read many at once, and one bad one costs the others nothing."""

import pytest

from automations import engine
from automations.models import Change, Contact
from tests.world import ANA, insites, post, work
from webhooks_in import tasks
from webhooks_in.models import Receipt, Source

__all__ = ["insites"]


def states() -> list[str]:
    """The receipts' states, oldest first."""
    return list(Receipt.objects.order_by("pk").values_list("state", flat=True))


def test_a_batch_is_read_in_the_order_it_came(insites: Source) -> None:
    for stage in ("Lead", "Enrolled", "Graduate"):
        post(insites, {**ANA, "stage": stage})
    assert tasks.step() == 3
    assert states() == ["done"] * 3
    assert Contact.objects.get().fields["stage"] == "Graduate"
    assert Change.objects.latest("pk").diff == {"stage": ["Enrolled", "Graduate"]}


def test_what_told_nothing_new_is_noted(insites: Source) -> None:
    for _ in range(2):
        post(insites, ANA)
    work()
    assert [receipt.notes for receipt in Receipt.objects.order_by("pk")] == [
        [],
        ["Contact 7: nothing in it was new."],
    ]


def test_one_that_is_not_understood_leaves_the_others_alone(insites: Source) -> None:
    for body in (ANA, {"no": "id"}, {**ANA, "id": 8}):
        post(insites, body)
    work()
    assert states() == ["done", "dead", "done"]


def test_one_that_fails_leaves_the_others_alone(insites: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = engine.records.apply

    def fail_for_eight(update: object, *rest: object) -> Change | None:
        if update.record_id == "8":
            raise ValueError("eight is too many")
        return apply(update, *rest)

    monkeypatch.setattr(engine.records, "apply", fail_for_eight)
    for number in (7, 8, 9):
        post(insites, {**ANA, "id": number})
    tasks.step()
    assert states() == ["done", "waiting", "done"]
    assert Receipt.objects.get(state="waiting").reason == "ValueError: eight is too many"


def test_a_receipt_that_was_taken_over_is_not_settled_by_the_batch(
    insites: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (7, 8):
        post(insites, {**ANA, "id": number})
    handle_all = engine.handle_all

    def taken_over(*arguments: object) -> list[Change | None]:
        Receipt.objects.filter(pk=Receipt.objects.earliest("pk").pk).update(token="another worker's")
        return handle_all(*arguments)

    monkeypatch.setattr(engine, "handle_all", taken_over)
    tasks.step()
    assert states() == ["running", "done"]
