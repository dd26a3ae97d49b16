"""Parts that are told leave the other parts as they are."""

from typing import Any

import pytest

from automations.changes import RecordUpdate
from automations.joining import whole


def joined(fields: dict[str, Any], known: dict[str, Any], *names: str) -> dict[str, Any]:
    """The fields of the filled-up update."""
    update = RecordUpdate("Contact", "7", "", fields, False, None, joined=frozenset(names))
    return dict(whole(update, known).fields)


@pytest.mark.parametrize(
    ("said", "known", "expected"),
    [
        ({"rent": "9"}, {"fuel": "5"}, {"fuel": "5", "rent": "9"}),
        ({"rent": "9"}, {"rent": "5"}, {"rent": "9"}),
        ({"home": {"rent": "9"}}, {"home": {"tax": "1"}}, {"home": {"tax": "1", "rent": "9"}}),
        ({"rent": ""}, {"rent": "5"}, {"rent": ""}),
        ({"rent": "", "fuel": "1"}, {}, {"fuel": "1"}),
        ({"home": {"rent": ""}, "fuel": "1"}, {}, {"fuel": "1"}),
        ({"rent": "9"}, "not an object", {"rent": "9"}),
        ("not an object", {"rent": "5"}, "not an object"),
    ],
)
def test_parts_are_joined_with_what_is_known(said: Any, known: Any, expected: Any) -> None:
    assert joined({"budget": said}, {"budget": known}, "budget") == {"budget": expected}


def test_an_object_of_which_nothing_is_said_is_not_made() -> None:
    assert joined({"budget": {"rent": ""}, "a": 1}, {}, "budget") == {"a": 1}


def test_a_field_that_is_not_joined_is_replaced() -> None:
    assert joined({"address": {"city": "Oslo"}}, {"address": {"zip": "1"}}) == {"address": {"city": "Oslo"}}
