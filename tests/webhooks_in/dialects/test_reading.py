"""The checks all dialects share: ids, names, times, lists of items."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from automations.changes import NotUnderstood, RecordUpdate
from webhooks_in.dialects.reading import (
    Dialect,
    Item,
    Reading,
    as_object,
    each,
    event_id,
    find,
    name,
    occurred_at,
    record_id,
    shown,
)
from webhooks_out.paths import MISSING


def update(value: Any) -> RecordUpdate:
    return RecordUpdate(
        "Contact", record_id(value, "id"), "", {"id": value}, complete=False, changes=None, notes=("n",)
    )


def read_all(payload: Any, reading: Reading) -> Iterable[Item]:
    return each(payload, update)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (" 7 ", "7"),
        (0, "0"),
        (-5, "-5"),
        (2**63, "9223372036854775808"),
        (2**200, str(2**200)),
        ("007", "007"),
        ("Zoë/1", "Zoë/1"),
        ("x" * 255, "x" * 255),
    ],
)
def test_text_and_whole_numbers_are_record_ids(value: Any, text: str) -> None:
    assert record_id(value, "id") == text


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        1.5,
        Decimal("1.0"),
        {},
        [],
        [1],
        MISSING,
        "",
        "  ",
        "x" * 256,
        10**255,
        "a\nb",
        "a\x00b",
        "\ud800",
    ],
)
def test_everything_else_is_no_record_id(value: Any) -> None:
    with pytest.raises(NotUnderstood, match=r"The record id at data\.id .*\."):
        record_id(value, "data.id")


@pytest.mark.parametrize(("value", "text"), [("ev-1", "ev-1"), (5, "5"), (" a ", "a")])
def test_an_event_id_is_text(value: Any, text: str) -> None:
    assert event_id(value) == text


@pytest.mark.parametrize("value", [None, True, 1.5, [], {}, MISSING, "x" * 256, "a\x00", 10**300])
def test_an_event_id_that_cannot_be_one_is_left_out(value: Any) -> None:
    assert event_id(value) == ""


@pytest.mark.parametrize(("value", "text"), [(MISSING, ""), (None, ""), (" Contact ", "Contact"), ("", "")])
def test_a_name_may_be_missing(value: Any, text: str) -> None:
    assert name(value, "event") == text


@pytest.mark.parametrize("value", [1, True, [], {}, "x" * 61, "a\nb"])
def test_a_name_is_a_short_text(value: Any) -> None:
    with pytest.raises(NotUnderstood, match="The event is not a text"):
        name(value, "event")


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-06-24T09:30:00Z", datetime(2026, 6, 24, 9, 30, tzinfo=UTC)),
        ("2026-06-24T09:30:00+02:00", datetime(2026, 6, 24, 7, 30, tzinfo=UTC)),
        ("2026-06-24 09:30:00", datetime(2026, 6, 24, 9, 30, tzinfo=UTC)),
        ("2026-06-24", datetime(2026, 6, 24, tzinfo=UTC)),
        (1_700_000_000, datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        (1_700_000_000_000, datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ("1700000000", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ("/Date(1489132800000-0800)/", datetime(2017, 3, 10, 8, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_in_the_forms_senders_use(value: Any, moment: datetime) -> None:
    assert occurred_at(value, "at") == (moment, ())


@pytest.mark.parametrize("value", [MISSING, None, ""])
def test_no_time_is_no_note(value: Any) -> None:
    assert occurred_at(value, "at") == (None, ())


@pytest.mark.parametrize(
    "value",
    [
        "0000-00-00",
        "10000-01-01",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+14:00",
        "soon",
        True,
        [],
        10**40,
    ],
)
def test_a_time_that_cannot_be_read_is_noted(value: Any) -> None:
    moment, notes = occurred_at(value, "data.at")
    assert moment is None
    assert "data.at" in notes[0]


def test_one_bad_item_never_drops_the_good() -> None:
    items = list(each(["a", None, "c"], update))
    assert [item.record_id for item in items if isinstance(item, RecordUpdate)] == ["a", "c"]
    assert str(items[1]).startswith("Item 2: ")


def test_only_an_object_is_an_object() -> None:
    with pytest.raises(NotUnderstood, match=r"The body is a list, not a JSON object\."):
        as_object([], "The body")


def test_an_empty_path_leads_nowhere() -> None:
    assert find({"": 1}, "") is MISSING


def test_a_long_key_is_cut_in_notes() -> None:
    assert shown("k" * 1_000) == "k" * 60 + "…"


def test_what_no_database_stores_is_replaced_and_noted_on_every_update() -> None:
    items = Dialect("x", "x.", read_all).parse(["a", {"\x00": 1}, "\x00"], Reading())
    assert [type(item) for item in items] == [RecordUpdate, NotUnderstood, NotUnderstood]
    assert isinstance(items[0], RecordUpdate)
    assert items[0].notes[0] == "n"
    assert "replaced" in items[0].notes[1]


def test_a_dialect_repairs_nothing_unless_it_says_so() -> None:
    assert Dialect("x", "x.", read_all).repair(b'"entity": {}') == b'"entity": {}'
