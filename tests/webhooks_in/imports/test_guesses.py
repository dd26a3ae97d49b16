"""A column's field is guessed: by the source's field map, by what was seen, by what is usual."""

import pytest

from webhooks_in.imports import guesses
from webhooks_in.imports.guesses import Known


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("First Name", "first_name"),
        ("firstname", "first_name"),
        ("Vorname", "first_name"),
        ("Prénom", "first_name"),
        ("SURNAME", "last_name"),
        ("E-Mail Address", "email"),
        ("Tel.", "phone"),
        ("Post Code", "zip"),
        ("Shoe size", "Shoe size"),
    ],
)
def test_usual_names_are_known_in_several_spellings(heading: str, field: str) -> None:
    assert guesses.fields([heading], Known()) == [field]


def test_the_field_map_counts_before_what_was_seen_and_that_before_what_is_usual() -> None:
    known = Known(mapped=(("mail", "primary_email"),), seen=("FIRST_NAME", "EMAIL"))
    assert guesses.fields(["Mail", "First name", "e-mail"], known) == ["primary_email", "FIRST_NAME", "EMAIL"]


def test_no_field_is_given_twice() -> None:
    assert guesses.fields(["Email", "E-mail", "Mail"], Known()) == ["email", "E-mail", "Mail"]


@pytest.mark.parametrize(
    ("headings", "path", "at"),
    [
        (["Name", "My ID"], "", 1),
        (["Contact ID", "ID"], "", 1),
        (["Name", "E-Mail"], "email", 1),
        (["ID", "E-Mail"], "email", 1),
        (["Name", "City"], "", None),
    ],
)
def test_the_column_of_the_record_id_is_found(headings: list[str], path: str, at: int | None) -> None:
    known = Known(id_path=path)
    assert guesses.id_column(headings, guesses.fields(headings, known), known) == at
