"""A template and values give an e-mail in which what is in a value can change nothing but its own place."""

from typing import Any

import pytest

from automations import emails
from automations.emails import Refused, Wording
from webhooks_out.mapping import Values

ANA = {
    "first_name": "Ana",
    "email": "ana@harbour.example",
    "note": "a\nb",
    "site": "https://harbour.example/?a=1&b=2",
}
TAGS = {"FIRSTNAME": "first_name", "EMAIL": "email", "LASTNAME": "last_name"}
KNOWN = {*TAGS, *TAGS.values(), "site"}


def wording(**options: Any) -> Wording:
    return Wording(**{"subject": "Hello", "text": "Hello", "to": "{EMAIL}", **options})


def rendered(values: dict[str, Any] | None = None, **options: Any) -> emails.Letter:
    return emails.render(wording(**options), Values({**ANA, **(values or {})}, TAGS))


def found(**options: Any) -> dict[str, str]:
    return dict(emails.problems(wording(**options), KNOWN))


def test_a_tag_in_a_value_stays_as_it_is() -> None:
    assert rendered({"first_name": "{EMAIL}"}, text="{FIRSTNAME}").text == "{EMAIL}"


@pytest.mark.parametrize("odd", ["{{7*7}}", "{0.__class__}", "${7*7}", "{% now %}", "{}"])
def test_other_braces_come_out_verbatim(odd: str) -> None:
    assert rendered({"first_name": odd}, text="{FIRSTNAME}").text == odd
    assert rendered(text=odd).text == odd


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_a_gap_is_empty_and_named_once(nothing: Any) -> None:
    letter = rendered(
        {"first_name": nothing}, text="Dear {FIRSTNAME}!", html="<a href='{FIRSTNAME}'>", missing="hold"
    )
    assert (letter.text, letter.html, letter.held) == ("Dear !", "<a href=''>", True)
    assert letter.missing == ("text: {FIRSTNAME} is empty", "HTML: {FIRSTNAME} is empty")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ('" onclick="x', "&quot; onclick=&quot;x"),
        ("Tom & 'Ana'", "Tom &amp; &#x27;Ana&#x27;"),
    ],
)
def test_a_value_is_text_in_html(value: str, shown: str) -> None:
    assert rendered({"first_name": value}, html='<p title="{FIRSTNAME}">{FIRSTNAME}').html == (
        f'<p title="{shown}">{shown}'
    )


@pytest.mark.parametrize(
    ("value", "leads_to"),
    [
        ("https://harbour.example/?a=1&b=2", "https://harbour.example/?a=1&amp;b=2"),
        ("mailto:ana@harbour.example", "mailto:ana@harbour.example"),
        ("harbour.example/a:b", "harbour.example/a:b"),
        ("javascript:alert(1)", "#"),
        (" java\tscript:alert(1)", "#"),
        ("DATA:text/html,x", "#"),
    ],
)
def test_a_link_leads_nowhere_that_runs(value: str, leads_to: str) -> None:
    assert rendered({"site": value}, html='<a href="{site}">').html == f'<a href="{leads_to}">'


@pytest.mark.parametrize("sign", ["\r\n", "\n", "\r", "\x00", "\x0b", "\x85", "\u2028"])
@pytest.mark.parametrize(
    "line", [{"subject": "{note}"}, {"to": "{note} <{EMAIL}>"}, {"reply_to": "{note} <{EMAIL}>"}]
)
def test_a_line_break_in_the_head_is_refused(sign: str, line: dict[str, str]) -> None:
    with pytest.raises(Refused, match="line break or another control character"):
        rendered({"note": f"a{sign}Bcc: eve@evil.example"}, **line)


@pytest.mark.parametrize(
    "value",
    [
        "ana",
        "ana@",
        "ana@harbour.example\nBcc: eve@evil.example",
        "a@b.example,c@d.example",
        "<a@b.example>",
        "a b@c.example",
        f"{'a' * 400}@b.example",
    ],
)
def test_what_is_no_address_is_refused(value: str) -> None:
    with pytest.raises(Refused, match="is not an e-mail address"):
        rendered({"email": value})


def test_addresses_are_those_of_the_template_each_once() -> None:
    letter = rendered(to='{EMAIL}; "Sales" <sales@harbour.example>, ANA@harbour.example')
    assert letter.to == ("ana@harbour.example", "Sales <sales@harbour.example>")


def test_a_name_with_signs_stays_one_name() -> None:
    letter = rendered({"first_name": 'Lopez, "Ana" <x>'}, to="{FIRSTNAME} <{EMAIL}>")
    assert letter.to == (r'"Lopez, \"Ana\" <x>" <ana@harbour.example>',)


def test_a_domain_of_any_script_is_written_in_ascii() -> None:
    assert rendered({"email": "ana@münchen.example"}).to == ("ana@xn--mnchen-3ya.example",)


def test_a_crowd_is_refused() -> None:
    with pytest.raises(Refused, match="more than 50 recipients"):
        rendered(to=", ".join(f"a{number}@b.example" for number in range(51)))


def test_a_long_subject_is_cut() -> None:
    assert len(rendered({"first_name": "x" * 999}, subject="{FIRSTNAME}").subject) == emails.MAX_SUBJECT


@pytest.mark.parametrize("place", ["subject", "text", "html", "to", "cc", "reply_to"])
def test_an_unknown_tag_is_refused_wherever_it_stands(place: str) -> None:
    assert found(**{place: "{FRISTNAME}"}).get(place, "").startswith("There is no tag {FRISTNAME}.")


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"to": "ana"}, "to"),
        ({"cc": "{EMAIL}, nobody"}, "cc"),
        ({"sender": "{EMAIL}"}, "sender"),
        ({"sender": "a@b.example, c@d.example"}, "sender"),
        ({"html": "<script>x</script>"}, "html"),
        ({"html": "<a href={site}>"}, "html"),
        ({"html": "<p {FIRSTNAME}>"}, "html"),
        ({"html": '<p style="color:{FIRSTNAME}">'}, "html"),
        ({"html": "<style>p { color: {FIRSTNAME} }</style>"}, "html"),
        ({"html": '<p onclick="x">'}, "html"),
    ],
)
def test_what_could_not_be_sent_safely_is_refused(options: dict[str, str], place: str) -> None:
    assert place in found(**options)


def test_a_good_template_has_no_problem() -> None:
    html = "<style>p { color: red }</style><p class=big title='{FIRSTNAME}'>Don't {FIRSTNAME}, 1 < 2</p>"
    assert (
        found(html=f'{html}<a href="{{site}}">', to="{FIRSTNAME} <{EMAIL}>", sender="Us <us@harbour.example>")
        == {}
    )
