"""No cell of a downloaded table is a formula."""

import pytest

from webhooks_out.cells import defused


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_what_starts_a_formula_is_made_text(sign: str) -> None:
    assert defused(f'{sign}HYPERLINK("x")') == f'\'{sign}HYPERLINK("x")'


@pytest.mark.parametrize(("value", "cell"), [("Ana", "Ana"), ("", ""), (7, "7"), ("a=b", "a=b")])
def test_everything_else_stays_as_it_is(value: object, cell: str) -> None:
    assert defused(value) == cell
