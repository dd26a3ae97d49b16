"""Dates of every kind, written in every form."""

from typing import Any

import pytest

from webhooks_out.date_formats import COMPUTED, DIRECTIVES, FORMATS, check, rewrite
from webhooks_out.paths import MISSING

INSIGHTLY = "/Date(1489132800000-0800)/"


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        ("2026-03-10", "", "2026-03-10"),
        ("3/10/2026 4:05 PM", "ISO", "2026-03-10"),
        (INSIGHTLY, "us", "03/10/2017"),
        (INSIGHTLY, "uk", "10/03/2017"),
        (INSIGHTLY, "eu", "10.03.2017"),
        (INSIGHTLY, "long", "March 10, 2017"),
        (INSIGHTLY, "US datetime", "03/10/2017 12:00 AM"),
        (INSIGHTLY, "iso datetime", "2017-03-10T00:00:00-08:00"),
        ("2026-03-10", "iso datetime", "2026-03-10T00:00:00"),
        (INSIGHTLY, "unix", 1_489_132_800),
        (INSIGHTLY, "unix ms", 1_489_132_800_000),
        ("2017-03-10", "unix", 1_489_104_000),
        (1_489_132_800, "%Y%m%d %H:%M", "20170310 08:00"),
        (1_489_132_800_000, "%d %b %Y, 100%%", "10 Mar 2017, 100%"),
        ("0099-01-02", "iso", "0099-01-02"),
        ("0001-01-01T00:00:00+14:00", "unix", -62_135_647_200),
        ("9999-12-31T23:59:59.999999-12:00", "unix ms", 253_402_343_999_999),
    ],
)
def test_a_date_is_written_anew(value: Any, form: str, expected: Any) -> None:
    assert rewrite(value, form) == expected


@pytest.mark.parametrize("value", ["0000-00-00", "soon", "31/12/2026", 42, True, {"a": 1}])
def test_what_is_no_date_is_missing(value: Any) -> None:
    assert rewrite(value, "us") is MISSING


@pytest.mark.parametrize("form", [*FORMATS, *COMPUTED, " ISO ", *(f"%{letter}" for letter in DIRECTIVES)])
def test_a_form_that_works_is_accepted(form: str) -> None:
    assert check(form) == ""
    assert rewrite(INSIGHTLY, form.strip()) is not MISSING


@pytest.mark.parametrize("form", ["iso date", "%", "%Y%", "%Q", "%-d", "%\x00", "%Y\n%m", "%Y" * 40])
def test_a_form_that_cannot_work_is_refused(form: str) -> None:
    assert check(form)
