"""How values read as text, number, date and yes/no."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from tests.json_values import VALUES
from webhooks_out.paths import MISSING
from webhooks_out.scalars import is_empty, moment, number, text, truth, whole


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Mike", "Mike"),
        (None, ""),
        (MISSING, ""),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (2**53 + 1, "9007199254740993"),
        (Decimal("0.10"), "0.10"),
        (Decimal("0.0000001"), "0.0000001"),
        (Decimal("1E+400"), "1E+400"),
        (1.5, "1.5"),
        ([], ""),
        (["a", 1, Decimal("2.50"), None, "", True], "a,1,2.50,true"),
        ([["a"], "b"], '[["a"],"b"]'),
        ({"a": None}, '{"a":null}'),
        ([{"city": "Zürich"}], '[{"city":"Zürich"}]'),
    ],
)
def test_text_is_what_a_receiver_expects(value: Any, expected: str) -> None:
    assert text(value) == expected


@pytest.mark.parametrize("value", [None, MISSING, "", "  \n", [], {}])
def test_these_are_empty(value: Any) -> None:
    assert is_empty(value)


@pytest.mark.parametrize("value", [0, False, "0", "None", [None], {"a": None}, Decimal(0)])
def test_these_are_not_empty(value: Any) -> None:
    assert not is_empty(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, Decimal(5)),
        (" 5 ", Decimal(5)),
        ("-12.50", Decimal("-12.50")),
        ("$1,200.50", Decimal("1200.50")),
        ("-$5", Decimal(-5)),
        ("€3", Decimal(3)),
        ("£1,000,000", Decimal(1_000_000)),
        ("0.5", Decimal("0.5")),
        (0.1, Decimal("0.1")),
        (Decimal("1E+1000"), Decimal("1E+1000")),
    ],
)
def test_these_are_numbers(value: Any, expected: Decimal) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "007",
        "+5",
        "1e5",
        "1,2",
        "12,34",
        ".5",
        "5.",
        "٣",
        "",
        "-",
        "5 €",
        "NaN",
        True,
        None,
        [],
        {},
        "1" * 101,
        Decimal("NaN"),
        Decimal("1E+1001"),
        float("inf"),
        MISSING,
    ],
)
def test_these_are_not_numbers(value: Any) -> None:
    assert number(value) is None


PACIFIC = timezone(timedelta(hours=-8))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-10", date(2026, 3, 10)),
        (" 2026-03-10T12:30:00Z ", datetime(2026, 3, 10, 12, 30, tzinfo=UTC)),
        ("2026-03-10T12:30:00.123-08:00", datetime(2026, 3, 10, 12, 30, 0, 123_000, tzinfo=PACIFIC)),
        ("3/10/2026", date(2026, 3, 10)),
        ("/Date(1489132800000-0800)/", datetime(2017, 3, 10, 0, 0, tzinfo=PACIFIC)),
        ("\\/Date(1489132800000)\\/", datetime(2017, 3, 10, 8, 0, tzinfo=UTC)),
    ],
)
def test_these_are_dates(value: Any, expected: date) -> None:
    assert moment(value) == expected
    assert type(moment(value)) is type(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-10 12:30", "2026-03-10T12:30:00"),
        ("03/10/2026 12:05 AM", "2026-03-10T00:05:00"),
        ("3/10/2026, 12:05:09 pm", "2026-03-10T12:05:09"),
        ("3/10/2026 15:05", "2026-03-10T15:05:00"),
    ],
)
def test_a_time_without_zone_stays_without(value: str, expected: str) -> None:
    found = moment(value)
    assert found is not None
    assert found.isoformat() == expected


def test_the_day_of_a_dot_net_date_is_the_one_it_was_shown_with() -> None:
    assert str(moment("/Date(1489132800000-0800)/")) == "2017-03-10 00:00:00-08:00"


@pytest.mark.parametrize(
    "value",
    [
        "0000-00-00",
        "2026-02-30",
        "10000-01-01",
        "20260310",
        "13/10/2026",
        "3/10/2026 13:05 PM",
        "3/10/26",
        "",
        "2026-03-10Tnoon",
        "/Date(999999999999999)/",
        "/Date(0+9900)/",
        1700000000,
        True,
        None,
        [],
        {},
    ],
)
def test_these_are_not_dates(value: Any) -> None:
    assert moment(value) is None


@pytest.mark.parametrize("value", [1_489_132_800, "1489132800", 1_489_132_800_000, Decimal("1489132800.0")])
def test_unix_times_are_dates_only_where_asked_for(value: Any) -> None:
    assert moment(value) is None
    assert moment(value, epoch=True) == datetime(2017, 3, 10, 8, tzinfo=UTC)


@pytest.mark.parametrize("value", [0, 42, -1_489_132_800, 10**20, Decimal("1E+1000"), "0123456789", True])
def test_other_numbers_are_no_unix_times(value: Any) -> None:
    assert moment(value, epoch=True) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        ("Yes", True),
        (" y ", True),
        (1, True),
        ("off", False),
        (0, False),
        ("no", False),
        ("maybe", None),
        (None, None),
        ([], None),
        (2, None),
    ],
)
def test_yes_and_no_are_read_in_every_usual_way(value: Any, expected: bool | None) -> None:
    assert truth(value) is expected


@pytest.mark.parametrize(
    ("written", "fits"), [("1", True), (" 15 ", True), ("16", False), ("-1", False), ("1.0", False)]
)
def test_a_whole_number_lies_between_its_bounds(written: str, fits: bool) -> None:
    assert whole(written, 0, 15) is fits


@given(VALUES)
def test_no_json_value_upsets_a_reading(value: Any) -> None:
    assert isinstance(text(value), str)
    assert text(value) != "None" or value == "None" or (isinstance(value, list) and "None" in value)
    is_empty(value), number(value), moment(value, epoch=True), truth(value)
