"""What is sent is checked before a connection is made, and what comes back is fit to be stored."""

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks_out.messages import (
    EXCERPT,
    HEADER_BYTES,
    HEADERS,
    Outgoing,
    check_header,
    check_request,
    keep_headers,
    read_excerpt,
)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("X-Team", "Sales é", ""),
        ("X-Empty", "", ""),
        ("X Team", "1", "cannot be the name"),
        ("X-Team:", "1", "cannot be the name"),
        ("", "1", "cannot be the name"),
        ("X-Tëam", "1", "cannot be the name"),
        ("X-Team\r\nHost", "evil", "cannot be the name"),
        ("Host", "evil", "set by Fieldhook itself"),
        ("content-length", "0", "set by Fieldhook itself"),
        ("Transfer-Encoding", "chunked", "set by Fieldhook itself"),
        ("Connection", "close", "set by Fieldhook itself"),
        ("X-Team", "a\r\nHost: evil", "line break"),
        ("X-Team", "a\nb", "line break"),
        ("X-Team", "a\0b", "cannot carry"),
        ("X-Team", "漢", "cannot carry"),
        ("X-Team", "\udc80", "cannot carry"),
    ],
)
def test_a_header_is_refused_before_it_is_sent(name, value, sentence):
    problem = check_header(name, value)
    assert sentence in problem if sentence else not problem


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "get", "POST /x HTTP/1.1\r\n", ""])
def test_a_method_is_one_of_five(method):
    assert "methods" in check_request(Outgoing(method, "http://crm.test/", {}, b""))


def test_a_request_is_as_good_as_its_headers():
    assert check_request(Outgoing("PUT", "http://crm.test/", {"X-Team": "1"}, b"")) == ""
    assert "Host" in check_request(Outgoing("PUT", "http://crm.test/", {"X-Team": "1", "Host": "x"}, b""))


def test_headers_are_kept_without_cookies_and_nul():
    assert keep_headers([("A", "1\0"), ("Set-Cookie", "session=1"), ("B", "2")]) == {"A": "1\ufffd", "B": "2"}


def test_headers_are_kept_within_limits():
    assert len(keep_headers([(f"X-{number}", "") for number in range(HEADERS + 20)])) == HEADERS
    kept = keep_headers([("A", "a" * HEADER_BYTES), ("B", "b" * HEADER_BYTES)])
    assert sum(len(name) + len(value) for name, value in kept.items()) == HEADER_BYTES


@pytest.mark.parametrize(
    ("body", "headers", "text"),
    [
        ("grün".encode(), {}, "grün"),
        ("grün".encode("latin-1"), {"content-type": "text/plain; charset=ISO-8859-1"}, "grün"),
        ("grün".encode("utf-16"), {"content-type": 'text/plain; x=1; charset="utf-16"'}, "grün"),
        ("grün".encode(), {"content-type": "text/plain; charset=nonsense"}, "grün"),
        (b"6772", {"content-type": "text/plain; charset=hex"}, "6772"),
        (b"+2AA-", {"content-type": "text/plain; charset=utf-7"}, "+2AA-"),
        (b"a\0b\xff", {}, "a\ufffdb\ufffd"),
        (b"\xed\xa0\x80", {}, "\ufffd\ufffd\ufffd"),
        (gzip.compress(b"small"), {"content-encoding": "gzip"}, "small"),
        (zlib.compress(b"small"), {"content-encoding": "deflate"}, "small"),
        (b"not gzip at all", {"content-encoding": "gzip"}, "not gzip at all"),
        (b"<script>alert(1)</script>", {}, "<script>alert(1)</script>"),
        (b"", {"content-encoding": "gzip"}, ""),
    ],
)
def test_a_body_becomes_text_whatever_it_is(body, headers, text):
    assert read_excerpt(body, headers) == (text, False)


@pytest.mark.parametrize(("length", "cut"), [(EXCERPT, False), (EXCERPT + 1, True)])
def test_a_long_body_is_cut(length, cut):
    assert read_excerpt(b"x" * length, {}) == ("x" * EXCERPT, cut)


def test_a_compressed_body_is_cut_where_it_becomes_too_long():
    bomb = gzip.compress(b"x" * 15_000_000)
    tracemalloc.start()
    text = read_excerpt(bomb, {"content-encoding": "gzip"})
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (text, most < 1_000_000) == (("x" * EXCERPT, True), True)


@given(st.binary(), st.text(), st.text())
def test_no_answer_breaks_the_reading(body, charset, encoding):
    headers = {"content-type": f"text/plain; charset={charset}", "content-encoding": encoding}
    text, _ = read_excerpt(body, headers)
    assert text.encode().count(b"\0") == 0
