"""JSON in and out: exact, bounded, and storable."""

import json
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from tests.json_values import VALUES
from webhooks_out import exact_json

EXACT = [
    "0.10",
    "0.0000001",
    "9007199254740993",
    "123456789012345678901234567890.123456789012345678901234567890",
    "-0.0",
    "1E+400",
    "1E-300",
    '"Zürich 😀"',
    '{"a":[1,2.50,null,true,{}],"":""}',
]


@pytest.mark.parametrize("written", EXACT)
def test_what_came_in_goes_out_again(written: str) -> None:
    assert exact_json.dumps(exact_json.loads(written)) == written


@pytest.mark.parametrize(("written", "plain"), [("1e5", "100000"), ("1.5E-3", "0.0015"), ("1E41", "1E+41")])
def test_an_exponent_is_written_out_unless_it_is_huge(written: str, plain: str) -> None:
    assert exact_json.dumps(exact_json.loads(written)) == plain


def test_whole_numbers_are_int_and_others_decimal() -> None:
    assert [type(item) for item in exact_json.loads("[1, 1.0, 1e0]")] == [int, Decimal, Decimal]


def test_a_byte_order_mark_is_accepted() -> None:
    assert exact_json.loads(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_of_two_equal_keys_the_last_wins() -> None:
    assert exact_json.loads('{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" ",
        b"{",
        b"{} {}",
        b"nul",
        b"[1,]",
        b"{'a': 1}",
        b"01",
        b"+1",
        b".5",
        b'"\x01"',
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b"\xff",
        b'"\xed\xa0\x80"',
        '{"a": 1}'.encode("utf-16"),
        '{"a": 1}'.encode("utf-16-le"),
        '{"a": 1}'.encode("utf-32"),
    ],
)
def test_what_is_not_one_json_document_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        exact_json.loads(raw)


def test_a_refusal_does_not_carry_the_document() -> None:
    with pytest.raises(ValueError, match="not UTF-8: byte 7") as caught:
        exact_json.loads(b"secret \xff")
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("fits", "passes", "message"),
    [
        ("[" * 64 + "]" * 64, "[" * 65 + "]" * 65, "deeper than 64"),
        ('{"a":' * 64 + "1" + "}" * 64, '{"a":' * 65 + "1" + "}" * 65, "deeper than 64"),
        ("1" * 1_000, "1" * 1_001, "1000 digits"),
        ("0." + "1" * 998, "0." + "1" * 999, "1000 digits"),
        ("1e1000", "1e1001", "1000 digits"),
        ("1e-1000", "1e-99999999", "1000 digits"),
    ],
)
def test_a_limit_is_kept_to_the_last_one(fits: str, passes: str, message: str) -> None:
    exact_json.loads(fits)
    with pytest.raises(ValueError, match=message):
        exact_json.loads(passes)


def test_ten_thousand_keys_are_read_and_no_more() -> None:
    keys = [f'"{number}":0' for number in range(10_001)]
    assert len(exact_json.loads("{" + ",".join(keys[:10_000]) + "}")) == 10_000
    with pytest.raises(ValueError, match="10000 keys"):
        exact_json.loads("{" + ",".join(keys) + "}")


def test_brackets_in_a_string_are_not_depth() -> None:
    brackets = "[" * 100 + r"\"" + "{" * 100
    assert exact_json.loads(f'["{brackets}"]') == [brackets.replace("\\", "")]


def test_a_string_without_end_is_refused_at_once() -> None:
    hostile = "[" + "[]," * 65 + '"' + '\\"' * 400_000
    start = time.perf_counter()
    with pytest.raises(ValueError, match="Unterminated"):
        exact_json.loads(hostile)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity")])
def test_what_is_no_json_number_is_not_written(value: Any) -> None:
    with pytest.raises(ValueError, match="JSON"):
        exact_json.dumps({"a": value})


def test_what_json_does_not_know_is_not_written() -> None:
    with pytest.raises(TypeError):
        exact_json.dumps({"a": object()})


def test_the_codec_of_json_fields_is_exact_too() -> None:
    encoder: Any = exact_json.ExactEncoder
    decoder: Any = exact_json.ExactDecoder
    stored = json.dumps({"a": Decimal("0.10")}, cls=encoder)
    assert stored == '{"a": 0.10}'
    assert str(json.loads(stored, cls=decoder)["a"]) == "0.10"


def test_cleaning_replaces_what_no_database_stores() -> None:
    value, notes = exact_json.clean({"name": "a\x00b", "tags": ["\ud800", "ok"], "n": 1})
    assert value == {"name": "a�b", "tags": ["�", "ok"], "n": 1}
    assert [note.partition(":")[0] for note in notes] == ["name", "tags.0"]


def test_cleaning_a_clean_value_changes_nothing() -> None:
    value = {"a": ["😀", None, Decimal("0.10")], r"\x00": r"\ud800 \\x00"}
    assert exact_json.clean(value) == (value, [])


def test_notes_can_be_stored_themselves() -> None:
    _, notes = exact_json.clean({"k\x00": {"\udfff": "v\x00"}})
    assert exact_json.clean(notes) == (notes, [])


def test_notes_are_few_however_much_was_replaced() -> None:
    _, notes = exact_json.clean(["\x00"] * 1_000)
    assert len(notes) == exact_json.MAX_NOTES + 1
    assert notes[-1] == "and 980 more"


@given(VALUES)
def test_every_value_survives_the_round_trip(value: Any) -> None:
    assert exact_json.loads(exact_json.dumps(value)) == value


@given(VALUES)
def test_every_cleaned_value_is_utf_8(value: Any) -> None:
    cleaned, _ = exact_json.clean(value)
    assert b"\x00" not in exact_json.dumps(cleaned).encode()
