"""Administrators' regular expressions: found, refused, and never a worker's end."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.patterns import MAX_SUBJECT, SECONDS, found, problem


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("^[A-Z]{2}[0-9]+$", "ca94", True),
        ("^[A-Z]{2}[0-9]+$", "ca94x", False),
        ("Passed|Failed", "has failed twice", True),
        ("^$", "", True),
        (r"\p{Greek}", "Ω", True),
        ("b", "a" * MAX_SUBJECT + "b", False),
    ],
)
def test_a_pattern_is_searched_whatever_the_case(pattern: str, text: str, expected: bool) -> None:
    assert problem(pattern) == ""
    assert found(pattern, text) is expected


@pytest.mark.parametrize(
    "pattern", ["(", "[a", "a**", "\\", "(?P<a", r"\p{Nothing}", "(?<n>a)\\k<m>", r"\L<x>", "a" * 201]
)
def test_a_pattern_that_cannot_be_read_is_refused(pattern: str) -> None:
    assert problem(pattern)


@pytest.mark.parametrize(
    "pattern", ["((a{1000}){1000}){1000}", "(?:a{101}){100}", "(" * 20 + "a" + "{9})" * 20]
)
def test_a_pattern_that_would_take_long_to_compile_is_refused_at_once(pattern: str) -> None:
    start = time.perf_counter()
    assert "repeats too much" in problem(pattern)
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a|aa)+$",
        r"(\w+\s?)+$",
        "(x?y?a+)+$",
        ".*.*.*.*.*.*.*.*b$",
        "(?!(a+)+$)(?:a|b)+$",
        "(?:(a|aa|aaa|aaaa)+)+c?$",
        "(?e)(?:ab.*cd.*zzzzz){i<=9,d<=9}$",
        "(a(?R)?b?)+!!?$",
    ],
)
def test_a_catastrophic_pattern_ends_in_time(pattern: str) -> None:
    assert problem(pattern) == ""
    start = time.perf_counter()
    with pytest.raises(TimeoutError):
        found(pattern, "b" + "a" * (MAX_SUBJECT - 2) + "!")
    assert time.perf_counter() - start < SECONDS + 1


@given(st.text(r"ab.*+?|()[]{}^$\<>=!:#&-,0123456789PpLKRX", max_size=30))
def test_no_pattern_upsets_the_check(pattern: str) -> None:
    assert isinstance(problem(pattern), str)
