"""Staff edits are changes like any other: typed, exact, told in the timeline, and never over somebody else's."""

from collections.abc import Callable
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from automations import editing
from automations.editing import NotAllowed, Outdated, mark, read, simple_fields
from automations.models import Change, Record, System
from tests.staff import person
from tests.world import make_rule, make_webhook, work
from webhooks_out import definitions
from webhooks_out.models import Delivery
from webhooks_out.paths import MISSING

pytestmark = pytest.mark.django_db
FIELDS = {
    "id": 7,
    "first_name": "Ana",
    "debt": Decimal("1200.50"),
    "visits": 3,
    "vip": False,
    "nickname": None,
    "address": {"city": "Oslo"},
    "creditors": [{"name": "First Bank"}],
    "tags": ["a"],
}


@pytest.fixture
def ana(db: None) -> Record:
    """Ana, as the CRM told of her."""
    system = System.objects.create(name="CRM")
    return Record.objects.create(system=system, type="Contact", external_id="7", fields=FIELDS)


@pytest.fixture
def mia(db: None) -> User:
    """Mia, who edits."""
    return person(name="mia")


def fields_of(record: Record) -> dict[str, Any]:
    """What is stored by now."""
    record.refresh_from_db()
    return dict(record.fields)


def test_single_values_are_editable_and_nothing_else() -> None:
    found = {field.path: (field.kind, field.written) for field in simple_fields(FIELDS)}
    assert found == {
        "first_name": ("text", "Ana"),
        "debt": ("number", "1200.50"),
        "visits": ("number", "3"),
        "vip": ("truth", "false"),
        "nickname": ("text", ""),
        "address.city": ("text", "Oslo"),
    }


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("text", " 007 ", " 007 "),
        ("text", "a\r\nb", "a\nb"),
        ("number", "0.10", Decimal("0.10")),
        ("number", "1,200.50", Decimal("1200.50")),
        ("number", "42", 42),
        ("number", " ", None),
        ("truth", "true", True),
        ("truth", "false", False),
        ("truth", "", None),
    ],
)
def test_what_is_written_keeps_its_type(kind: str, written: str, value: Any) -> None:
    found = read(kind, written)
    assert (found, type(found)) == (value, type(value))
    assert str(found) == str(value)


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("number", "many"),
        ("number", "1e400"),
        ("number", "007"),
        ("truth", "perhaps"),
        ("text", "x" * 10_001),
    ],
)
def test_what_cannot_be_a_value_is_refused_in_words(kind: str, written: str) -> None:
    with pytest.raises(NotAllowed, match=r"\w+ \w+"):
        read(kind, written)


def test_an_edit_is_a_change_of_staff_that_says_old_and_new(ana: Record, mia: User) -> None:
    change = editing.edit(ana, {"address.city": "Bergen", "debt": Decimal("0.10"), "visits": 3}, mia)
    assert change
    assert change.diff == {"address.city": ["Oslo", "Bergen"], "debt": [Decimal("1200.50"), Decimal("0.10")]}
    assert (change.origin, change.actor, change.event) == (Change.Origin.STAFF, "mia", "updated")
    stored = fields_of(ana)
    assert str(stored["debt"]) == "0.10"
    assert stored == {**FIELDS, "address": {"city": "Bergen"}, "debt": Decimal("0.10")}


def test_an_edit_fires_the_rules_that_wait_for_it(ana: Record, mia: User) -> None:
    make_rule(make_webhook("http://127.0.0.1:9/"), ("first_name", "changed_to", "Anna"))
    definitions.touch()
    change = editing.edit(ana, {"first_name": "Anna"}, mia)
    work()
    assert change
    assert [verdict["fired"] for verdict in change.verdicts] == [True]
    assert Delivery.objects.get().correlation_id == change.correlation_id


def test_what_is_as_it_was_is_no_change(ana: Record, mia: User) -> None:
    assert editing.edit(ana, {"first_name": "Ana", "visits": 3}, mia) is None
    assert not Change.objects.exists()


def test_a_number_that_becomes_text_is_a_change(ana: Record, mia: User) -> None:
    change = editing.edit(ana, {"visits": "3"}, mia)
    assert change
    assert change.diff == {"visits": [3, "3"]}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("hobby", {"hobby": "x"}),
        ("address.street", {"address": {"city": "Oslo", "street": "x"}}),
        ("coapplicant.bank.name", {"coapplicant": {"bank": {"name": "x"}}}),
        ("nickname.short", {"nickname": {"short": "x"}}),
    ],
)
def test_a_new_field_stands_where_its_path_says(
    ana: Record, mia: User, path: str, expected: dict[str, Any]
) -> None:
    change = editing.edit(ana, {path: "x"}, mia, seen={path: mark(MISSING)})
    assert change
    assert fields_of(ana) == {**FIELDS, **expected}


@pytest.mark.parametrize(
    "path",
    [
        "",
        " x",
        "id",
        "first_name.x",
        "creditors.0.name",
        "tags",
        "address",
        "a..b",
        "a.b.c.d.e.f.g.h.i",
        "x\0",
        "k" * 201,
    ],
)
def test_where_no_field_can_stand_none_is_made(ana: Record, mia: User, path: str) -> None:
    with pytest.raises(NotAllowed):
        editing.edit(ana, {path: "x"}, mia)
    assert fields_of(ana) == FIELDS


def test_an_edit_of_what_changed_in_between_is_told_and_not_done(ana: Record, mia: User) -> None:
    saw = {"first_name": mark("Ana"), "visits": mark(3)}
    editing.edit(ana, {"first_name": "Anna"}, person(name="bea"))
    with pytest.raises(Outdated) as outdated:
        editing.edit(ana, {"first_name": "Anita", "visits": 4}, mia, seen=saw)
    assert outdated.value.now == {"first_name": "Anna"}
    assert fields_of(ana) == {**FIELDS, "first_name": "Anna"}


def test_what_others_changed_elsewhere_stays(ana: Record, mia: User) -> None:
    editing.edit(ana, {"address.city": "Bergen"}, person(name="bea"))
    editing.edit(ana, {"first_name": "Anna"}, mia, seen={"first_name": mark("Ana")})
    assert fields_of(ana) == {**FIELDS, "first_name": "Anna", "address": {"city": "Bergen"}}


def test_the_same_edit_twice_is_done_once(ana: Record, mia: User) -> None:
    for _ in range(2):
        editing.edit(ana, {"first_name": "Anna"}, mia, seen={"first_name": mark("Ana")})
    assert Change.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_edits_at_once_one_is_done_and_one_is_told(ana: Record, mia: User) -> None:
    outcomes: list[str] = []
    both = Barrier(2)

    def attempt(name: str) -> Callable[[], None]:
        def run() -> None:
            both.wait()
            try:
                editing.edit(ana, {"first_name": name}, mia, seen={"first_name": mark("Ana")})
                outcomes.append("done")
            except Outdated:
                outcomes.append("told")
            finally:
                connection.close()

        return run

    threads = [Thread(target=attempt(name)) for name in ("Anna", "Anita")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "told"]
    assert Change.objects.count() == 1


def test_a_record_made_by_hand_is_created_as_any_other(ana: Record, mia: User) -> None:
    make_rule(make_webhook("http://127.0.0.1:9/"), event="created", monitor="every")
    definitions.touch()
    change = editing.create(ana.system, "Contact", {"first_name": "Bo", "address.city": "Oslo"}, mia)
    assert change
    assert (change.event, change.actor, change.record.name) == ("created", "mia", "Bo")
    assert change.record.fields == {"first_name": "Bo", "address": {"city": "Oslo"}}
    assert change.record.external_id.startswith("hub-")
    work()
    assert Delivery.objects.count() == 1
