"""Each operator of the table, with odd values."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from automations.changes import UNKNOWN
from automations.operators import OPERATORS
from tests.json_values import VALUES

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
BIG = "A regular text, " * 200

HOLD: list[tuple[str, str, Any]] = [
    ("equals", "Enrolled", " enrolled"),
    ("equals", "vip", ["Hot", "VIP"]),
    ("not_equals", "Enrolled", "Lead"),
    ("not_equals", "Enrolled", None),
    ("not_equals", "Enrolled", []),
    ("contains", "@CLIENT", "mike@client.example"),
    ("contains", "vip", ["Hot", "VIP"]),
    ("contains", '"city"', {"city": "Reno"}),
    ("starts_with", "(555", "(555) 123"),
    ("starts_with", "55", 5551234),
    ("ends_with", ".EXAMPLE", ["a@b.test", "a@b.example"]),
    ("in_list", "CA, nv , AZ", "NV"),
    ("in_list", "Reno, NV\nSparks, NV", "sparks, nv"),
    ("in_list", "1,2", 2),
    ("greater", "500", Decimal("500.01")),
    ("greater", "$500", "$1,000"),
    ("greater", "2026-03-09", "2026-03-10T00:00:00Z"),
    ("greater", "9", ["1", "10"]),
    ("less", "10", "9"),
    ("less", "0", -0.5),
    ("less", "3/10/2026", "2026-03-09"),
    ("between", "10 and 20", 10),
    ("between", "10..20", "20.00"),
    ("between", "-5 AND 5", 0),
    ("between", "2026-03-01 and 2026-03-31", "2026-03-31T23:59:00Z"),
    ("is_empty", "", None),
    ("is_empty", "", "  "),
    ("is_empty", "", []),
    ("is_not_empty", "", 0),
    ("is_not_empty", "", False),
    ("changed", "", (UNKNOWN, None)),
    ("changed_to", "Passed", ("Failed", "passed")),
    ("changed_to", "Passed", (UNKNOWN, "Passed")),
    ("changed_from", "Failed", ("Failed", "Passed")),
    ("changed_from_to", "Failed -> Passed", ("failed", "Passed")),
    ("changed_from_to", "Failed → Passed", ("Failed", "PASSED")),
    ("changed_from_to", "1->2", (1, 2)),
    ("matches", "^mike@.+", "Mike@client.example"),
    ("matches", "^$", None),
    ("matches", "^hot$", ["VIP", "Hot"]),
    ("older_than", "3 days", "2026-03-07"),
    ("older_than", "2 hours", "/Date(1489132800000-0800)/"),
    ("older_than", "18 years", "3/9/2008"),
    ("newer_than", "2 hours", "2026-03-10T10:01:00Z"),
    ("newer_than", "1 day", "2030-01-01"),
    ("newer_than", "1 day", 1_773_140_400),
]
FAIL: list[tuple[str, str, Any]] = [
    ("equals", "Enrolled", "Enrolled now"),
    ("not_equals", "vip", ["Hot", "VIP"]),
    ("contains", "vi", ["Hot", "VIP"]),
    ("contains", "x", None),
    ("starts_with", "x", ""),
    ("ends_with", "x", []),
    ("in_list", "CA, NV", "N"),
    ("in_list", "CA, NV", None),
    ("greater", "500", "500"),
    ("greater", "500", "a lot"),
    ("greater", "500", None),
    ("less", "10", ""),
    ("less", "10", True),
    ("between", "10 and 20", "20.01"),
    ("between", "10 and 20", [5, 25]),
    ("is_empty", "", "None"),
    ("is_not_empty", "", {}),
    ("changed_to", "Passed", ("Passed", "Failed")),
    ("changed_from", "Failed", (UNKNOWN, "Passed")),
    ("changed_from", "Failed", ({"$unknown": True}, "Passed")),
    ("changed_from_to", "Failed -> Passed", (UNKNOWN, "Passed")),
    ("changed_from_to", "Failed -> Passed", ("Failed", "Open")),
    ("matches", "^$", BIG),
    ("older_than", "3 days", "2026-03-08"),
    ("older_than", "3 days", "0000-00-00"),
    ("older_than", "3 days", None),
    ("newer_than", "2 hours", "2026-03-10T09:00:00Z"),
    ("newer_than", "2 hours", "soon"),
]


@pytest.mark.parametrize(("name", "value", "seen"), HOLD)
def test_an_operator_holds(name: str, value: str, seen: Any) -> None:
    assert OPERATORS[name].check(value) == ""
    assert OPERATORS[name].test(seen, value, NOW) is True


@pytest.mark.parametrize(("name", "value", "seen"), FAIL)
def test_an_operator_does_not_hold(name: str, value: str, seen: Any) -> None:
    assert OPERATORS[name].check(value) == ""
    assert OPERATORS[name].test(seen, value, NOW) is False


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("greater", "a lot"),
        ("less", "007"),
        ("between", "10"),
        ("between", "20 and 10"),
        ("between", "10 and 2026-03-10"),
        ("between", "2026-03-31 and 2026-03-01"),
        ("in_list", " , "),
        ("changed_from_to", "Failed"),
        ("changed_from_to", "-> Passed"),
        ("changed_from_to", "Failed ->"),
        ("matches", "("),
        ("older_than", "long"),
        ("newer_than", "999999 years"),
    ],
)
def test_a_value_that_cannot_work_is_refused(name: str, value: str) -> None:
    assert OPERATORS[name].check(value)


def test_every_operator_is_tried_both_ways() -> None:
    assert {name for name, *_ in HOLD} == set(OPERATORS)
    assert {name for name, *_ in FAIL} == set(OPERATORS) - {"changed"}


def test_only_four_operators_take_no_value_or_look_at_the_change() -> None:
    assert {name for name, row in OPERATORS.items() if not row.takes_value} == {
        "is_empty",
        "is_not_empty",
        "changed",
    }
    assert {name for name, row in OPERATORS.items() if row.of_change} == {
        "changed",
        "changed_to",
        "changed_from",
        "changed_from_to",
    }


@given(VALUES, VALUES)
def test_no_json_value_upsets_an_operator(old: Any, new: Any) -> None:
    for name, value, _ in HOLD:
        seen = (old, new) if OPERATORS[name].of_change else new
        assert OPERATORS[name].test(seen, value, NOW) in (True, False)
