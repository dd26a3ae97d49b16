"""Every kind of body, byte for byte."""

import re
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.util import parse_url

from tests.json_values import VALUES
from webhooks_out import exact_json
from webhooks_out.bodies import BODY_KINDS, Built, Event, build, encode
from webhooks_out.mapping import Rendered, masked

URL = "https://client.example:8443/post/abc/?key=1"
PAIRS = Rendered(
    (("first name", "Zoë & Co", False), ("a.b", 9007199254740993, False), ("fee", Decimal("0.10"), True))
)
NONE = Rendered(())
EVENT = Event(
    changes={"level2_review_status": ("Failed", "Passed")},
    snapshot={"name": "Zoë", "fee": Decimal("0.10"), "tags": ["a"]},
    record_type="Contact",
    record_id="42",
    event="updated",
)
SNAPSHOT = '"id":"42","name":"Zoë","fee":0.10,"tags":["a"]'
FLAT = '"first name":"Zoë & Co","a.b":9007199254740993,"fee":0.10'
FORM = "first+name=Zo%C3%AB+%26+Co&a.b=9007199254740993&fee=0.10"


@pytest.mark.parametrize(
    ("kind", "rendered", "body"),
    [
        ("form", PAIRS, FORM),
        ("form", NONE, ""),
        ("json", PAIRS, f"{{{FLAT}}}"),
        ("json", NONE, "{}"),
        ("insightly", PAIRS, f'{{"entity":{{{FLAT}}}}}'),
        ("insightly", NONE, '{"entity":{"name":"Zoë","fee":0.10,"tags":["a"]}}'),
        ("insites_changes", NONE, '{"changes":{"level2_review_status":"Passed"}}'),
        ("insites_changes", PAIRS, f'{{"changes":{{"level2_review_status":"Passed"}},{FLAT}}}'),
        (
            "insites_changes_snapshot",
            NONE,
            f'{{"changes":{{"level2_review_status":"Passed"}},"snapshot":{{{SNAPSHOT}}}}}',
        ),
        ("insites_full", NONE, f"{{{SNAPSHOT}}}"),
    ],
)
def test_a_body_is_built(kind: str, rendered: Rendered, body: str) -> None:
    assert build(kind, URL, rendered, EVENT) == Built(URL, body.encode(), BODY_KINDS[kind].content_type)


@pytest.mark.parametrize(
    ("url", "built"),
    [
        ("https://h.example", f"https://h.example?{FORM}"),
        ("https://h.example/a", f"https://h.example/a?{FORM}"),
        ("https://h.example/a?", f"https://h.example/a?{FORM}"),
        ("https://h.example/a?x=%7e", f"https://h.example/a?x=%7e&{FORM}"),
        ("https://h.example/a?x=1&", f"https://h.example/a?x=1&{FORM}"),
        ("https://h.example/a?x=1#part", f"https://h.example/a?x=1&{FORM}"),
    ],
)
def test_a_query_is_added_to_the_url_and_there_is_no_body(url: str, built: str) -> None:
    assert build("query", url, PAIRS, EVENT) == Built(built, b"", "")


def test_a_query_without_pairs_leaves_the_url() -> None:
    assert build("query", URL, NONE, EVENT).url == URL


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        ("a b", "a+b"),
        ("~*-._", "%7E*-._"),
        ("a\nb\r\nc\rd", "a%0D%0Ab%0D%0Ac%0D%0Ad"),
        ("\x00=&+%", "%00%3D%26%2B%25"),
        ("😀", "%F0%9F%98%80"),
        ("\ud800", "%EF%BF%BD"),
        (True, "true"),
        (None, ""),
        (["a", 1], "a%2C1"),
        ({"a": None}, "%7B%22a%22%3Anull%7D"),
    ],
)
def test_a_form_is_encoded_as_browsers_do(value: Any, encoded: str) -> None:
    assert encode([("k", value, False)]) == f"k={encoded}"


def test_of_two_pairs_with_one_key_a_form_sends_both_and_json_the_last() -> None:
    twice = Rendered((("k", 1, False), ("k", 2, False)))
    assert build("form", URL, twice, EVENT).body == b"k=1&k=2"
    assert build("json", URL, twice, EVENT).body == b'{"k":2}'


def test_a_record_keeps_its_own_id_and_pairs_win_over_its_fields() -> None:
    event = Event(snapshot={"id": 7, "name": "Zoë"}, record_id="42")
    assert (
        build("insites_full", URL, Rendered((("name", "Zoe", False),)), event).body
        == b'{"id":7,"name":"Zoe"}'
    )


def test_a_concealed_value_is_not_in_a_masked_body() -> None:
    assert "0.10" not in build("json", URL, masked(PAIRS), EVENT).body.decode()


def test_a_lone_surrogate_is_replaced_instead_of_stopping_the_delivery() -> None:
    assert build("json", URL, Rendered((("k", "\ud800", False),)), EVENT).body == '{"k":"�"}'.encode()


def test_every_kind_is_explained() -> None:
    assert all(row.label and row.help for row in BODY_KINDS.values())


KEYS = st.text(max_size=10)
HOSTILE = VALUES | st.sampled_from(
    ["@evil.example/", "//evil.example", "\r\nHost: evil", "#", "?", "\\@evil.example/"]
)
URLS = st.sampled_from(
    [
        URL,
        "http://h.example",
        "https://h.example?",
        "https://[::1]:81/a?b#c",
        "https://h.example/a%20b;c?d=e&",
    ]
)


@given(URLS, st.sampled_from(list(BODY_KINDS)), st.dictionaries(KEYS, HOSTILE, max_size=4))
def test_data_never_changes_where_a_request_goes(url: str, kind: str, data: dict[str, Any]) -> None:
    rendered = Rendered(tuple((key, value, False) for key, value in data.items()))
    built = build(kind, url, rendered, Event(snapshot=data, record_id=str(data)))
    for parse in (urlsplit, parse_url):
        assert _target(parse(built.url)) == _target(parse(url))
    assert built.url.isascii()
    assert built.url.isprintable()


def _target(parts: Any) -> tuple[Any, ...]:
    return parts.scheme, parts.hostname, parts.port, parts.path or ""


@given(st.lists(st.tuples(KEYS, st.text(max_size=20)), max_size=4))
def test_a_receiver_reads_back_what_was_sent(sent: list[tuple[str, str]]) -> None:
    sent = [(re.sub(r"[\r\n]", "", key), re.sub(r"[\r\n]", "", value)) for key, value in sent]
    rendered = Rendered(tuple((key, value, False) for key, value in sent))
    assert parse_qsl(build("form", URL, rendered, EVENT).body.decode(), keep_blank_values=True) == sent
    assert exact_json.loads(build("json", URL, rendered, EVENT).body) == dict(sent)
