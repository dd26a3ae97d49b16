"""A pasted sample fills the form's rows and touches nothing that is already there."""

from django.http import QueryDict

from webhooks_out.sample_rows import fill

NO_ROWS = "rows-TOTAL_FORMS=0"


def filled(form: str, sample: str, fields: tuple[str, ...] = ()) -> tuple[dict[str, str], int]:
    """The form's data after the sample was put in, and how many keys were new."""
    posted = QueryDict(form, mutable=True)
    posted["sample"] = sample
    data, added = fill(posted, "rows", fields)
    return data.dict(), added


def test_each_key_gets_a_row_with_its_example() -> None:
    data, added = filled(NO_ROWS, "https://a.example/in?First%20Name=Mike&zip=")
    assert (data["url"], data["rows-TOTAL_FORMS"], added) == ("https://a.example/in", "2", 2)
    assert (data["rows-0-key"], data["rows-0-note"]) == ("First Name", "Example: Mike")
    assert (data["rows-1-key"], data["rows-1-note"]) == ("zip", "")


def test_a_url_that_was_typed_stays() -> None:
    assert (
        filled(f"{NO_ROWS}&url=https://mine.example/", "https://a.example/?a=1")[0]["url"]
        == "https://mine.example/"
    )


def test_keys_that_are_there_stay_and_empty_rows_are_used_first() -> None:
    form = "rows-TOTAL_FORMS=3&rows-0-key=a&rows-0-value=mine&rows-1-key=&rows-2-key=c"
    data, added = filled(form, "a=1\nb=2\nd=3")
    assert [data[f"rows-{index}-key"] for index in range(4)] == ["a", "b", "c", "d"]
    assert (data["rows-0-value"], data["rows-TOTAL_FORMS"], added) == ("mine", "4", 2)


def test_a_key_is_mapped_to_the_field_it_is_called_like() -> None:
    data, _ = filled(NO_ROWS, "FirstName=x&state=y", ("first_name", "stage"))
    assert (data["rows-0-value"], data["rows-1-value"]) == ("first_name", "")


def test_a_credential_becomes_a_secret_and_its_example_is_forgotten() -> None:
    data, _ = filled(NO_ROWS, "api_key=k-123&a=1")
    assert (data["rows-0-kind"], data["rows-1-kind"]) == ("secret", "field")
    assert "k-123" not in [value for name, value in data.items() if name != "sample"]


def test_nonsense_adds_nothing_and_breaks_nothing() -> None:
    for form in ("", "rows-TOTAL_FORMS=x", "rows-TOTAL_FORMS=99999999"):
        assert filled(form, "¿?")[1] == 0
