"""Each transform of the closed list, with the values administrators really have."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from tests.json_values import VALUES
from webhooks_out.paths import MISSING
from webhooks_out.scalars import is_empty
from webhooks_out.transforms import TRANSFORMS, find

CHANGES = [
    ("date", "us", "2026-03-10T12:30:00Z", "03/10/2026"),
    ("phone_digits", "", "(555) 123-4567 x9", "5551234567"),
    ("phone_e164", "", "(555) 123-4567", "+15551234567"),
    ("upper", "", "zürich", "ZÜRICH"),
    ("upper", "", True, "TRUE"),
    ("lower", "", "MIKE", "mike"),
    ("title", "", "o'brien-SMITH", "O'Brien-Smith"),
    ("title", "", "it's MIKE's turn", "It's Mike's Turn"),
    ("title", "", "ronald McDonald", "Ronald McDonald"),
    ("title", "", "2nd élan", "2nd Élan"),
    ("trim", "", "\t a b \n", "a b"),
    ("lookup", "Active=1, Closed=0", "ACTIVE ", "1"),
    ("lookup", "a,b=1\nc=2", "A,B", "1"),
    ("lookup", "true=J,false=N", True, "J"),
    ("lookup", "a=1,*=9", "b", "9"),
    ("lookup", "a=1,*=*", "B", "B"),
    ("lookup", "a=x=y", "a", "x=y"),
    ("number", "2", "$1,234.5", "1234.50"),
    ("number", ",2", Decimal("1234567.005"), "1,234,567.01"),
    ("number", "0", Decimal("-0.4"), "0"),
    ("number", "0", Decimal("2.5"), "3"),
    ("number", "", "$1,200", "1200"),
    ("number", ",", 1200, "1,200"),
    ("number", "2", 2**53 + 1, "9007199254740993.00"),
    ("truncate", "3", "Zürich", "Zür"),
    ("truncate", "3", 12345, "123"),
    ("yes_no", "", True, "Yes"),
    ("yes_no", "Y / N", "off", "N"),
    ("yes_no", "1/0", 0, "0"),
    ("first_word", "", "  Mary Ann Lee", "Mary"),
    ("last_word", "", "Mary Ann Lee ", "Lee"),
    ("last_word", "", "Cher", "Cher"),
    ("digits", "", "AB-12.3", "123"),
]


@pytest.mark.parametrize(("name", "argument", "value", "expected"), CHANGES)
def test_a_value_is_transformed(name: str, argument: str, value: Any, expected: str) -> None:
    assert TRANSFORMS[name].check(argument) == ""
    assert TRANSFORMS[name].apply(value, argument) == expected


@pytest.mark.parametrize(
    ("name", "argument", "value"),
    [
        ("date", "us", "tomorrow"),
        ("phone_digits", "", "n/a"),
        ("phone_e164", "", "12"),
        ("lookup", "a=1", "b"),
        ("number", "2", "about 5"),
        ("number", "2", "007"),
        ("yes_no", "", "perhaps"),
        ("digits", "", "none"),
    ],
)
def test_what_cannot_be_read_is_missing(name: str, argument: str, value: Any) -> None:
    assert TRANSFORMS[name].apply(value, argument) is MISSING


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("value", [None, "", "  ", [], {}, MISSING, [None, ""]])
def test_the_empty_stays_empty(name: str, value: Any) -> None:
    assert TRANSFORMS[name].apply(value, "1") is MISSING


def test_a_list_is_transformed_item_by_item() -> None:
    assert TRANSFORMS["lookup"].apply(["a", "?", "b"], "a=1,b=2") == ["1", "2"]


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("upper", "x"),
        ("date", "%Q"),
        ("phone_digits", "0"),
        ("phone_e164", "US"),
        ("lookup", ""),
        ("lookup", "a=1,b"),
        ("lookup", "a=1,A=2"),
        ("lookup", "a=" + "1" * 10_000),
        ("number", "11"),
        ("number", "-1"),
        ("number", "2,"),
        ("truncate", ""),
        ("truncate", "0"),
        ("truncate", "١"),
        ("yes_no", "Y"),
        ("yes_no", "Y/"),
        ("yes_no", "a/b/c"),
    ],
)
def test_an_argument_that_cannot_work_is_refused_in_a_sentence(name: str, argument: str) -> None:
    assert TRANSFORMS[name].check(argument).endswith(".")
    assert find(name, argument) is None
    assert TRANSFORMS[name].apply("5551234567", argument) is MISSING


def test_a_transform_is_found_by_its_name() -> None:
    assert find("upper", " ") is TRANSFORMS["upper"]
    assert find("__class__", "") is None


def test_every_transform_is_tried_here_and_explained() -> None:
    assert {name for name, *_ in CHANGES} == set(TRANSFORMS)
    assert all(row.label and row.help for row in TRANSFORMS.values())


def test_a_transform_with_an_argument_says_how_to_write_it() -> None:
    takes = {
        name for name, row in TRANSFORMS.items() if row.check("12") != "This transform takes no argument."
    }
    assert takes == {name for name, row in TRANSFORMS.items() if row.argument_help}


@given(VALUES)
def test_no_json_value_upsets_a_transform(value: Any) -> None:
    for name, argument, *_ in CHANGES:
        new = TRANSFORMS[name].apply(value, argument)
        assert new is MISSING or not is_empty(new)
