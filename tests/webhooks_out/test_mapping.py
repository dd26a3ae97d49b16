"""Rows become pairs: sources, tags, missing data, concealment."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.json_values import VALUES
from webhooks_out import exact_json
from webhooks_out.mapping import (
    KINDS,
    MASK,
    POLICIES,
    Pair,
    Rendered,
    Values,
    masked,
    problem,
    render,
    tags_in,
    unknown_tags,
)
from webhooks_out.scalars import text

TAGS = {
    "ID": "id",
    "ACCTID": "account.id",
    "FIRSTNAME": "first",
    "CCF:*": "coapp.*",
    "CCF:Nickname": "coapp.nick",
    "C#_NAME": "creditors.#.name",
    "UPLOAD_DOC_IDS": "docs",
    "EP_DATA": "plan",
    "EMPTY": "nothing",
}
MIKE = Values(
    {
        "id": 42,
        "account": {"id": "007"},
        "first": "Mike",
        "last name": "O'Brien",
        "coapp": {"Favourite color": "red", "nick": "Al"},
        "creditors": [{"name": "First Bank"}, {"name": "Second Bank"}],
        "docs": [7, 8, 9],
        "plan": {"months": 48, "fee": Decimal("0.10")},
        "nothing": None,
        "blank": " ",
        "active": True,
        "hostile": "{{7*7}} {ID} {0.__class__} ${x} %s",
    },
    TAGS,
)


def only(pair: Pair) -> Any:
    ((key, value, _),) = render([pair], MIKE).pairs
    assert key == pair.key
    return value


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("id", 42),
        ("account.id", "007"),
        ("creditors.1.name", "Second Bank"),
        ("active", True),
        ("plan", {"months": 48, "fee": Decimal("0.10")}),
        ("docs", [7, 8, 9]),
    ],
)
def test_a_field_keeps_its_json_value(path: str, expected: Any) -> None:
    assert only(Pair("key", "field", path)) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{ACCTID}-{ID}-{UPLOAD_DOC_IDS}", "007-42-7,8,9"),
        ("{C1_NAME} and {C2_NAME}", "First Bank and Second Bank"),
        ("{CCF:Favourite color}", "red"),
        ("{CCF:Nickname}", "Al"),
        ("{EP_DATA}", '{"months":48,"fee":0.10}'),
        ("{first} {last name} {account.id}", "Mike O'Brien 007"),
        ('{"id": {ID}, "x": {}}', '{"id": 42, "x": {}}'),
        ("{{ID}} {7*7} {0.__class__} { ID}", "{42} {7*7} {0.__class__} { ID}"),
        ("no tags", "no tags"),
        ("", ""),
    ],
)
def test_tags_are_filled_in(template: str, expected: str) -> None:
    assert only(Pair("key", "text", template)) == expected


@pytest.mark.parametrize("kind", ["constant", "secret"])
def test_a_constant_is_sent_as_it_is_written(kind: str) -> None:
    assert only(Pair("key", kind, " {ID} 0.10", transform="upper")) == " {ID} 0.10"


def test_data_is_never_rendered_again() -> None:
    hostile = MIKE.data["hostile"]
    assert only(Pair("key", "text", "<{hostile}>")) == f"<{hostile}>"
    assert only(Pair("key", "field", "hostile")) == hostile


@pytest.mark.parametrize(
    "pair", [Pair("key", "field", path) for path in ("gone", "nothing", "blank", "first.x")]
)
@pytest.mark.parametrize(
    ("policy", "sent", "held"),
    [("omit", (), False), ("empty", ("",), False), ("default", ("none given",), False), ("hold", (), True)],
)
def test_missing_data_follows_the_policy(pair: Pair, policy: str, sent: tuple[str, ...], held: bool) -> None:
    rendered = render([replace(pair, missing=policy, default="none given")], MIKE)
    assert tuple(value for _, value, _ in rendered.pairs) == sent
    assert rendered.held is held
    assert len(rendered.missing) == 1


@pytest.mark.parametrize(
    "template", ["Dear {EMPTY} {FIRSTNAME}", "Dear {UNKNOWN} {FIRSTNAME}", "Dear {C3_NAME} {first}"]
)
def test_a_gap_in_a_text_is_filled_or_gives_up_the_key(template: str) -> None:
    assert only(Pair("key", "text", template, "empty")) == "Dear  Mike"
    assert only(Pair("key", "text", template, "default", "friend")) == "Dear friend Mike"
    assert render([Pair("key", "text", template, "omit")], MIKE).pairs == ()
    assert render([Pair("key", "text", template, "hold")], MIKE).held


def test_what_is_missing_is_said_in_a_sentence_without_values() -> None:
    pairs = [
        Pair("dob", "field", "first", transform="date"),
        Pair("x", "text", "{EMPTY}{gone}{EMPTY}", "empty"),
    ]
    assert render(pairs, MIKE).missing == (
        "dob: Date format finds nothing to send in first; left out.",
        "x: {EMPTY} is empty, {gone} is empty; sent empty.",
    )


def test_a_transform_is_applied_to_each_tag_of_a_text() -> None:
    assert (
        only(Pair("key", "text", "Dear {FIRSTNAME} of {C1_NAME}", transform="upper"))
        == "Dear MIKE of FIRST BANK"
    )


def test_a_transform_that_was_never_checked_counts_as_missing() -> None:
    rendered = render([Pair("key", "field", "id", transform="truncate", argument="many")], MIKE)
    assert rendered == Rendered((), ("key: truncate cannot be used like this; left out.",))


def test_a_secret_that_is_not_set_is_missing() -> None:
    assert render([Pair("api_key", "secret", "", "hold")], MIKE).held


def test_secret_and_sensitive_values_are_concealed() -> None:
    pairs = [
        Pair("a", "secret", "s3cret"),
        Pair("b", "field", "id", sensitive=True),
        Pair("c", "field", "id"),
    ]
    rendered = render(pairs, MIKE)
    assert rendered.pairs == (("a", "s3cret", True), ("b", 42, True), ("c", 42, False))
    assert masked(rendered).pairs == (("a", MASK, True), ("b", MASK, True), ("c", 42, False))


def test_tags_in_a_text_are_listed_once() -> None:
    assert tags_in("{ID} {CCF:Custom Field} {ID} {7*7} {a\nb}") == ("ID", "CCF:Custom Field")


def test_unknown_tags_are_those_of_no_row_and_no_field() -> None:
    known = {*TAGS, "first"}
    text = "{ID}{C12_NAME}{C0_NAME}{CCF:Any}{first}{Id}{C_NAME}{COLOR:Any}"
    assert unknown_tags(text, known) == ("C0_NAME", "Id", "C_NAME", "COLOR:Any")


@pytest.mark.parametrize(
    "pair",
    [
        Pair("key", "field", "id"),
        Pair("A Key!", "constant", ""),
        Pair("k", "text", "{X}", transform="truncate", argument="3"),
    ],
)
def test_a_row_that_works_has_no_problem(pair: Pair) -> None:
    assert problem(pair) == ""


@pytest.mark.parametrize(
    "pair",
    [
        Pair(" ", "field", "id"),
        Pair("key", "code", "id"),
        Pair("key", "field", "id", missing="explode"),
        Pair("key", "field", ""),
        Pair("key", "field", "id", transform="eval"),
        Pair("key", "field", "id", transform="truncate"),
    ],
)
def test_a_row_that_cannot_work_says_why(pair: Pair) -> None:
    assert problem(pair).endswith(".")


@given(st.dictionaries(st.sampled_from(["a", "b", "c.d"]), VALUES), st.sampled_from(list(POLICIES)))
def test_whatever_the_data_rendering_works_and_prints_no_none(data: dict[str, Any], policy: str) -> None:
    pairs = [Pair("f", "field", "a", policy, "d"), Pair("t", "text", "<{a}|{b}|{c.d.0}>", policy, "d")]
    rendered = render(pairs, Values(data))
    for _, value, _ in rendered.pairs:
        assert exact_json.loads(exact_json.dumps(value)) == value
        assert "None" not in text(value) or "None" in exact_json.dumps(data)


def test_the_lists_of_choices_are_what_rows_may_hold() -> None:
    assert list(KINDS) == ["field", "constant", "secret", "text"]
    assert list(POLICIES) == ["omit", "empty", "default", "hold"]
