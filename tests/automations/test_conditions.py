"""Rows in groups: what holds, what is said about it, what an index needs to know."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.changes import UNKNOWN
from automations.comparison import index_keys
from automations.conditions import Facts, Row, Seen, equalities, fields, gate, holds, problem
from automations.operators import OPERATORS
from tests.json_values import VALUES
from webhooks_out.paths import look_up, prefixes

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
MIKE = Facts(
    values={
        "stage": "Lead",
        "balance": Decimal("700.10"),
        "address": {"city": "Reno"},
        "notes": "x" * 100,
        "blank": " ",
        "tags": ["VIP", "Hot"],
        "many": list(range(50)),
        "object": dict.fromkeys("abcdefghijklmnopqrstuvwxyz"),
    },
    diff={
        "stage": ("New", "Lead"),
        "address": ({"city": "Sparks", "zip": "1"}, {"city": "Reno", "zip": "1"}),
        "owner": (UNKNOWN, {"id": 7}),
        "program.level.status": ("Open", "Closed"),
    },
    now=NOW,
)
YES = Row(0, "stage", "equals", "lead")
NO = Row(0, "stage", "equals", "Enrolled")


def in_group(group: int, row: Row) -> Row:
    return Row(group, row.field, row.operator, row.value)


@pytest.mark.parametrize(
    ("rows", "held"),
    [
        ([], True),
        ([YES], True),
        ([NO], False),
        ([YES, YES], True),
        ([YES, NO], False),
        ([NO, in_group(1, YES)], True),
        ([YES, in_group(1, YES), NO], True),
        ([in_group(5, NO), in_group(2, YES), in_group(5, YES), in_group(2, NO)], False),
    ],
)
def test_rows_of_a_group_must_all_hold_and_one_group_is_enough(rows: list[Row], held: bool) -> None:
    assert holds(rows, MIKE)[0] is held


def test_a_group_is_not_looked_at_further_once_a_row_failed() -> None:
    other = in_group(1, YES)
    _, seen = holds([NO, YES, other], MIKE)
    assert [(item.row, item.held) for item in seen] == [(NO, False), (other, True)]


def seen(field: str, operator: str, value: str = "") -> Seen:
    (item,) = holds([Row(0, field, operator, value)], MIKE)[1]
    return item


@pytest.mark.parametrize(
    ("field", "operator", "value", "words"),
    [
        ("stage", "equals", "Enrolled", "stage was 'Lead', wanted 'Enrolled'"),
        ("balance", "greater", "1000", "balance was '700.10', wanted more than 1000"),
        ("gone", "contains", "a", "gone is not in the record, wanted something with 'a' in it"),
        ("blank", "is_not_empty", "", "blank was empty, wanted any value"),
        ("tags", "is_empty", "", "tags was 'VIP,Hot', wanted it empty"),
        ("many", "equals", "51", "many was a list of 50, wanted '51'"),
        ("object", "equals", "51", "object was an object of 26 fields, wanted '51'"),
        ("address.city", "in_list", "NY, LA", "address.city was 'Reno', wanted one of NY, LA"),
        ("notes", "equals", "y" * 90, f"notes was '{'x' * 79}…', wanted '{'y' * 79}…'"),
        ("balance", "changed", "", "balance did not change"),
        ("stage", "changed_to", "Won", "stage changed from 'New' to 'Lead', wanted a change to 'Won'"),
        ("stage", "changed_from_to", "A -> B", "stage changed from 'New' to 'Lead', wanted a change A -> B"),
        (
            "owner",
            "changed_from",
            "8",
            """owner changed to '{"id":7}', from what was not said, wanted a change from '8'""",
        ),
        ("address.zip", "changed", "", "address.zip did not change"),
        ("program.lev", "changed", "", "program.lev did not change"),
        ("stage", "{}", "", "stage: There is no operator “{}”."),
    ],
)
def test_a_failed_condition_says_what_was_seen_and_what_was_wanted(
    field: str, operator: str, value: str, words: str
) -> None:
    assert seen(field, operator, value)[1:] == (False, words)


def test_braces_in_a_condition_are_only_text() -> None:
    assert seen("stage", "equals", "{0.__class__}").words == "stage was 'Lead', wanted '{0.__class__}'"


@pytest.mark.parametrize(
    ("field", "operator", "value", "words"),
    [
        ("stage", "equals", "Lead", "stage was 'Lead'"),
        ("address.city", "changed_from_to", "Sparks -> Reno", "address.city changed from 'Sparks' to 'Reno'"),
        ("owner.id", "changed_to", "7", "owner.id changed to '7', from what was not said"),
        ("program", "changed", "", "program changed to empty, from what was not said"),
        ("program.level", "changed", "", "program.level changed to empty, from what was not said"),
    ],
)
def test_a_condition_that_held_says_what_was_seen(field: str, operator: str, value: str, words: str) -> None:
    assert seen(field, operator, value)[1:] == (True, words)


def test_a_pattern_that_takes_too_long_does_not_hold_and_says_so() -> None:
    facts = Facts({"notes": "a" * 1_000 + "!"}, {}, NOW)
    held, (outcome,) = holds([Row(0, "notes", "matches", "(a+)+$")], facts)
    assert not held
    assert outcome.words.endswith("but looking for (a+)+$ in it took too long")


@pytest.mark.parametrize(
    "row",
    [
        Row(0, " ", "equals", "x"),
        Row(0, "stage", "like", "x"),
        Row(0, "stage", "equals", " "),
        Row(0, "stage", "is_empty", "x"),
        Row(0, "stage", "changed", "x"),
        Row(0, "stage", "greater", "a lot"),
        Row(0, "stage", "equals", "x" * 10_001),
    ],
)
def test_a_condition_that_cannot_work_is_refused_in_a_sentence(row: Row) -> None:
    assert problem(row).endswith(".")
    assert holds([row], MIKE)[0] is False


@pytest.mark.parametrize("row", [YES, Row(3, "a.b", "is_empty"), Row(0, "x", "older_than", "3 days")])
def test_a_condition_that_works_has_no_problem(row: Row) -> None:
    assert problem(row) == ""


TO = Row(0, "status", "changed_to", "Passed")
FROM_TO = Row(1, "level.status", "changed_from_to", "1 -> 2.0")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], None),
        ([YES], None),
        ([TO], (("status", "passed"),)),
        ([YES, TO, FROM_TO], (("status", "passed"), ("level.status", Decimal(2)))),
        ([TO, in_group(1, YES)], None),
        ([Row(0, "status", "changed")], (("status", None),)),
        ([Row(0, "status", "changed_from", "Open")], (("status", None),)),
        ([Row(0, "due", "changed_to", "2026-03-10")], (("due", None),)),
        ([Row(0, "x", "unheard of")], None),
    ],
)
def test_a_gate_is_the_change_each_group_needs(rows: list[Row], expected: Any) -> None:
    assert gate(rows) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], None),
        ([TO], None),
        ([YES], (("stage", "lead"),)),
        (
            [TO, YES, Row(1, "state", "in_list", "CA, 0")],
            (("stage", "lead"), ("state", "ca"), ("state", Decimal(0))),
        ),
        ([Row(0, "due", "equals", "2026-03-10")], None),
        ([Row(0, "due", "in_list", "x, 2026-03-10"), YES], (("stage", "lead"),)),
        ([YES, in_group(1, TO)], None),
    ],
)
def test_equalities_are_what_each_group_demands(rows: list[Row], expected: Any) -> None:
    assert equalities(rows) == expected


def test_the_fields_of_conditions_are_known() -> None:
    assert fields([YES, NO, TO]) == {"stage", "status"}


FIELDS = st.sampled_from(["a", "b", "a.b", "a.0"])
WORDS = st.sampled_from(
    ["x", "5", "yes", "2026-03-10", "x -> 5", "5 -> yes", "a, 5", "1 and 5", "3 days", "^x"]
)
ROW = st.builds(Row, st.integers(0, 2), FIELDS, st.sampled_from([*OPERATORS]), WORDS | st.just(""))
ROWS = st.lists(ROW, max_size=4)
LIKELY = st.sampled_from(["x", "X ", 5, "5.0", True, "2026-03-10", {"b": "x"}, ["x", 5], None]) | VALUES
DIFFS = st.dictionaries(FIELDS, st.tuples(LIKELY | st.just(UNKNOWN), LIKELY), max_size=3)


@given(ROWS, st.dictionaries(FIELDS, LIKELY, max_size=3), DIFFS)
def test_an_index_never_misses_what_holds(rows: list[Row], values: dict[str, Any], diff: Any) -> None:
    if rows and holds(rows, Facts(values, diff, NOW))[0]:
        for field, key in equalities(rows) or ():
            if key in index_keys(look_up(values, field)):
                break
        else:
            assert equalities(rows) is None
        changed = {name for path in diff for name in prefixes(path)}
        assert gate(rows) is None or any({*prefixes(field)} & changed for field, _ in gate(rows) or ())


@given(st.dictionaries(FIELDS, VALUES), st.dictionaries(FIELDS, st.tuples(VALUES, VALUES)), ROWS)
def test_no_record_upsets_a_condition_and_words_are_short(values: Any, diff: Any, rows: list[Row]) -> None:
    for item in holds(rows, Facts(values, diff, NOW))[1]:
        assert len(item.words) < 400
