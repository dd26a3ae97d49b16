"""What a data source could never do is refused, with the reason."""

import pytest

from tests.world import make_source
from webhooks_in import checks
from webhooks_in.dialects.reading import FieldRow
from webhooks_in.models import Source

STATE = FieldRow(key="state", field="home.state", missing="default", default="CA")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (FieldRow(key="state", field="state"), ""),
        (STATE, ""),
        (FieldRow(key="debt", field="debt", missing="default", default="10", transform="number"), ""),
        (FieldRow(key="state", field="state", missing="empty"), ""),
        (FieldRow(key="state", field="state", missing="default", default=" "), checks.NO_DEFAULT),
        (FieldRow(key="state", field="state", default="CA"), checks.IDLE_DEFAULT),
        (FieldRow(key="state", field="state", required=True, missing="empty"), checks.NEVER_MISSING),
        (
            FieldRow(key="debt", field="debt", missing="default", default="much", transform="number"),
            "“Number format” cannot read this default.",
        ),
    ],
)
def test_a_row_says_why_it_cannot_work(row: FieldRow, reason: str) -> None:
    assert checks.default_problem(row) == reason


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("", ""),
        ("email", ""),
        ("home.state", ""),
        ("my_id", ""),
        ("(name)", "Two people may have one name"),
        ("campaign", "Every new record gets the same campaign"),
        ("state", "It fills the field home.state: write that."),
    ],
)
def test_duplicates_are_recognised_by_what_differs(field: str, words: str) -> None:
    found = checks.match_problem(field, [STATE], {"campaign"})
    assert (words in found) if words else not found


@pytest.mark.parametrize(
    ("written", "kept"),
    [("E-Mail", "email"), (" EMAIL ", "email"), ("Telephone", "phone"), ("My ID", "My ID"), ("", "")],
)
def test_the_usual_fields_have_one_name(written: str, kept: str) -> None:
    assert checks.match_field(written) == kept


@pytest.mark.parametrize(
    ("options", "refused"),
    [
        ({"event": "created", "match_field": "email"}, True),
        ({"event": "created"}, False),
        ({"event": "created", "match_field": "email", "match_action": "reject"}, False),
        ({"match_field": "email"}, False),
    ],
)
def test_an_updated_record_is_told_apart_from_a_new_one(options: dict[str, str], refused: bool) -> None:
    assert bool(checks.event_problem(Source(dialect="key_values", **options))) is refused


def test_only_posting_urls_answer_with_an_id(db: None) -> None:
    crm = make_source(reply="json")
    assert checks.dialect_problem(crm, "reply") == checks.POSTED_ONLY
    assert checks.dialect_problem(crm, "match_action") == ""
    assert checks.dialect_problem(make_source("Form", dialect="key_values", reply="json"), "reply") == ""
