"""Posting instructions as they are pasted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks_out.samples import Sample, split

POST = "https://client.example/post/abc/"
PAIRS = (("firstname", "test"), ("lasname", "test"), ("phone", "5555555555"), ("state", "CA"))


@pytest.mark.parametrize(
    "pasted",
    [
        f"{POST}?firstname=test&lasname=test&phone=5555555555&state=CA",
        f"  {POST}?firstname=test&amp;lasname=test&amp;phone=5555555555&amp;state=CA#top ",
        f"Post URL: {POST}\nKeys\nfirstname=test\nlasname = test\n\n- phone=5555555555\n• state=CA",
        f"{POST} firstname=test&lasname=test&phone=5555555555&state=CA",
        f"{POST}\n" + '{"firstname": "test", "lasname": "test", "phone": 5555555555, "state": "CA"}',
        f"curl '{POST}' -d 'firstname=test&lasname=test' --data phone=5555555555 -dstate=CA",
        f"curl -X POST -H 'A: b=c' -u me:pw \\\n  {POST} --data-raw=firstname=test"
        " -F lasname=test --form phone=5555555555 --data-urlencode state=CA -sS",
        f"curl --url {POST} --json "
        + """'{"firstname":"test","lasname":"test","phone":"5555555555","state":"CA"}'""",
    ],
)
def test_url_and_pairs_are_split(pasted: str) -> None:
    assert split(pasted) == Sample(POST, PAIRS)


def test_keys_without_examples_are_taken_from_a_list() -> None:
    assert split(f"{POST}\nKeys\n- firstname\n- last name") == Sample(
        POST, (("firstname", ""), ("last name", ""))
    )


def test_keys_are_verbatim_and_the_port_is_kept() -> None:
    url = "https://client.example:8443/a"
    sample = split(f"{url}?First%20Name=a+b&_coapp_X=&__plan_data={{EP_DATA}}&x[y]=1&x[y]=2&flag")
    assert sample.url == url
    assert [key for key, _ in sample.pairs] == [
        "First Name",
        "_coapp_X",
        "__plan_data",
        "x[y]",
        "x[y]",
        "flag",
    ]
    assert [example for _, example in sample.pairs] == ["a b", "", "{EP_DATA}", "1", "2", ""]


def test_the_query_of_a_curl_url_comes_first() -> None:
    assert split("curl -d b=2 'https://client.example/?a=1'").pairs == (("a", "1"), ("b", "2"))


@pytest.mark.parametrize(
    "pasted", ["", "hello", "[1, 2]", "{not json", "curl ", "curl -d", "curl 'never closed"]
)
def test_what_says_nothing_gives_nothing(pasted: str) -> None:
    assert split(pasted).pairs == ()


def test_keys_alone_need_no_url() -> None:
    assert split("a=1&b=2") == split("a=1\nb=2") == Sample("", (("a", "1"), ("b", "2")))


@given(
    st.text(max_size=80)
    | st.text("curl -dF='\"\\ \n{}?&=:/ahtps", max_size=60).map(lambda tail: f"curl {tail}")
)
def test_nothing_pasted_upsets_it(pasted: str) -> None:
    assert isinstance(split(pasted), Sample)
