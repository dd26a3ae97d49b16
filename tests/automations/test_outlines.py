"""Every field with its path, and never more than a page can bear."""

from decimal import Decimal
from typing import Any

import pytest

from automations.changes import UNKNOWN
from automations.outlines import MAX_ROWS, outline, shown


def paths(data: Any) -> list[str]:
    """The paths of an outline, usable or not."""
    return [leaf.path for leaf in outline(data).leaves]


def test_nested_fields_have_dotted_paths_in_their_order() -> None:
    data = {"id": 7, "address": {"city": "Oslo", "geo": {"lat": Decimal("59.910")}}, "tags": ["a", "b"]}
    assert paths(data) == ["id", "address.city", "address.geo.lat", "tags"]
    assert [leaf.shown for leaf in outline(data).leaves] == ["7", "Oslo", "59.910", "a, b"]


def test_a_list_of_objects_shows_its_first_items() -> None:
    data = {"debts": [{"sum": number} for number in range(50)]}
    assert paths(data) == [f"debts.{index}.sum" for index in range(5)]


@pytest.mark.parametrize("data", [{"a.b": 1}, {"a": {"b.c": 1}}, [{"a": 1}], {"": {"x": 1}}])
def test_a_usable_path_leads_to_its_value(data: Any) -> None:
    assert all(leaf.usable for leaf in outline(data).leaves)


@pytest.mark.parametrize(
    "data", [{"": 1}, {" a": 1}, {"k" * 201: 1}, {"a": {"b": 300}, "a.b": 400}, "just a text"]
)
def test_a_path_that_leads_elsewhere_is_not_usable(data: Any) -> None:
    assert not all(leaf.usable for leaf in outline(data).leaves)


def test_a_long_payload_is_cut() -> None:
    found = outline({f"field{number}": number for number in range(MAX_ROWS + 1)})
    assert len(found.leaves) == MAX_ROWS
    assert found.cut


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "empty"),
        ("", "empty"),
        ([], "empty"),
        ({}, "empty"),
        (UNKNOWN, "not said"),
        (False, "false"),
        (0, "0"),
    ],
)
def test_values_are_shown_in_words(value: Any, words: str) -> None:
    assert shown(value) == words


def test_a_long_value_is_cut_for_the_eye_and_no_example() -> None:
    (leaf,) = outline({"essay": "x" * 5000}).leaves
    assert len(leaf.shown) == 160
    assert leaf.value == ""
