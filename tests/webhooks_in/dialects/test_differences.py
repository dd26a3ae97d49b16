"""What a sender says has changed, in every notation."""

from typing import Any

import pytest

from automations.changes import UNKNOWN
from webhooks_in.dialects.differences import of_previous, read
from webhooks_out.paths import MISSING

NOW = {"status": "Passed", "tags": ["a", "b"], "range": {"from": 1, "to": 2}, "empty": None}


@pytest.mark.parametrize(
    ("changes", "differences"),
    [
        ({"status": "Passed"}, {"status": (UNKNOWN, "Passed")}),
        ({"status": ["Failed", "Passed"]}, {"status": ("Failed", "Passed")}),
        ({"status": {"old": "Failed", "new": "Passed"}}, {"status": ("Failed", "Passed")}),
        ({"status": {"from": None, "to": "Passed"}}, {"status": (None, "Passed")}),
        ({"tags": ["a", "b"]}, {"tags": (UNKNOWN, ["a", "b"])}),
        ({"tags": [["a"], ["a", "b"]]}, {"tags": (["a"], ["a", "b"])}),
        ({"range": {"from": 1, "to": 2}}, {"range": (UNKNOWN, {"from": 1, "to": 2})}),
        ({"empty": ["x", None]}, {"empty": ("x", None)}),
        ({"status": {"new": "Passed"}}, {"status": (UNKNOWN, {"new": "Passed"})}),
        ({"status": ["a", "b", "c"]}, {"status": (UNKNOWN, ["a", "b", "c"])}),
        ({}, {}),
        ([], {}),
        (["status"], {"status": (UNKNOWN, "Passed")}),
        ([{"field": "status", "old": "Failed", "new": "Passed"}], {"status": ("Failed", "Passed")}),
        ([{"property": "status", "value": "Passed"}], {"status": (UNKNOWN, "Passed")}),
        ([{"name": "status", "from": "Failed"}], {"status": ("Failed", "Passed")}),
    ],
)
def test_each_notation_is_read_with_the_help_of_the_record(changes: Any, differences: Any) -> None:
    assert read(changes, NOW) == (differences, ())


@pytest.mark.parametrize(
    ("changes", "differences", "word"),
    [
        ({"status": ["Failed", "Passed"]}, {"status": ("Failed", "Passed")}, "old and new value"),
        ({"a": ["x", "y"], "b": 1}, {"a": (UNKNOWN, ["x", "y"]), "b": (UNKNOWN, 1)}, "as new value"),
    ],
)
def test_without_a_record_a_list_of_two_is_a_pair_when_all_changes_are(
    changes: Any, differences: Any, word: str
) -> None:
    found, notes = read(changes, {})
    assert found == differences
    assert [word in note for note in notes] == [True]


def test_a_list_of_two_equal_items_is_no_pair() -> None:
    assert read({"a": ["x", "x"]}, {}) == ({"a": (UNKNOWN, ["x", "x"])}, ())


def test_what_is_not_said_is_not_noted() -> None:
    assert read(MISSING, NOW) == (None, ())


@pytest.mark.parametrize("changes", [None, "status", 5, True, [1], ["a", {}]])
def test_an_unknown_notation_leaves_it_to_the_mirror(changes: Any) -> None:
    found, notes = read(changes, NOW)
    assert found is None
    assert "no known form" in notes[0]


def test_rows_without_a_field_are_counted() -> None:
    assert read([{"old": 1}, {"field": 7}], NOW) == ({}, ("2 changes name no field and were left out.",))


def test_previous_values_are_paired_with_those_of_the_record() -> None:
    assert of_previous({"status": "Failed", "gone": 1}, NOW) == {
        "status": ("Failed", "Passed"),
        "gone": (1, None),
    }
