"""What is wrong with a definition is said in sentences; what only looks odd is let pass."""

import pytest

from webhooks_out import checks
from webhooks_out.mapping import Pair


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("{FIRSTNAME} {LASTNAME}", True),
        ('{"a": {"b": "{ID}"}}', True),
        ("no braces", True),
        ("{}", True),
        ("{FIRSTNAME", False),
        ("FIRSTNAME}", False),
        ("}{", False),
    ],
)
def test_braces_need_their_other_half(text: str, fine: bool) -> None:
    assert (checks.brace_problem(text) == "") is fine


@pytest.mark.parametrize(
    ("text", "fine"), [("30, 300", True), ("0.5", True), ("", False), ("-1", False), ("1e3", False)]
)
def test_a_schedule_is_seconds(text: str, fine: bool) -> None:
    assert (checks.schedule_problem(text) == "") is fine


def test_a_secret_header_line_is_never_repeated_in_a_message() -> None:
    (problem,) = checks.header_problems("my-secret-without-a-colon", secret=True)
    assert "my-secret" not in problem


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_only_get_cannot_carry_a_body(method: str) -> None:
    assert checks.body_problem("GET", "json")
    assert not checks.body_problem("GET", "query")
    assert not checks.body_problem(method, "json")


def test_a_field_that_was_heard_of_is_a_fine_tag() -> None:
    pair = Pair(key="a", kind="text", value="{first_name}")
    assert not list(checks.doubts([pair], ["first_name"]))
    assert list(checks.doubts([pair], ["last_name"]))
