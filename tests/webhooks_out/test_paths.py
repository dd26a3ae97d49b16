"""Look-ups by exact key, by dotted path and in lists."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.json_values import VALUES
from webhooks_out.paths import MISSING, look_up, prefixes

RECORD = {
    "stage": "Lead",
    "address": {"city": "Reno", "geo.lat": 39.5, "lines": ["1 Main St", {"unit": "4"}]},
    "address.city": "Sparks",
    "contact[email]": "mike@client.example",
    "first name": "Mike",
    "nothing": None,
    "0": "zero",
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("stage", "Lead"),
        ("address.city", "Sparks"),
        ("address.geo.lat", 39.5),
        ("address.lines.0", "1 Main St"),
        ("address.lines.1.unit", "4"),
        ("contact[email]", "mike@client.example"),
        ("first name", "Mike"),
        ("nothing", None),
        ("0", "zero"),
    ],
)
def test_a_value_is_found(path: str, value: Any) -> None:
    assert look_up(RECORD, path) == value


@pytest.mark.parametrize(
    "path",
    [
        "Stage",
        "",
        ".",
        "stage.",
        ".stage",
        "stage.0",
        "nothing.more",
        "address.lines.2",
        "address.lines.-1",
        "address.lines.٣",
        "address.lines.9999999",
        "address.lines.one",
        "stage.__class__",
        "__class__",
    ],
)
def test_what_is_not_there_is_missing(path: str) -> None:
    assert look_up(RECORD, path) is MISSING


def test_missing_is_false_and_says_so() -> None:
    assert not MISSING
    assert repr(MISSING) == "MISSING"


def test_the_prefixes_of_a_path_are_the_names_its_change_may_have() -> None:
    assert prefixes("address.lines.0") == ("address.lines.0", "address.lines", "address")
    assert prefixes("stage") == ("stage",)


@given(VALUES, st.text(max_size=20) | st.sampled_from(["0", "a.0.b", "..", "0.0"]))
def test_no_data_and_no_path_upsets_it(data: Any, path: str) -> None:
    look_up(data, path)
