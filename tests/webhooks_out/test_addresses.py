"""No spelling of a private address passes, and public hosts do."""

from ipaddress import IPv4Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks_out.addresses import Target, read_url, why_refused

LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://crm.example", Target("http", "crm.example", 80, "/", False)),
        ("HTTPS://CRM.Example:8443/Hook?a=B#c", Target("https", "crm.example", 8443, "/Hook?a=B", False)),
        ("https://crm.example./x", Target("https", "crm.example.", 443, "/x", False)),
        ("http://bücher.example/ü", Target("http", "xn--bcher-kva.example", 80, "/%C3%BC", False)),
        ("http://my_service:8000?a=b c", Target("http", "my_service", 8000, "/?a=b%20c", False)),
        ("http://8.8.8.8/x", Target("http", "8.8.8.8", 80, "/x", True)),
        ("http://[2a00::1]:81/x", Target("http", "2a00::1", 81, "/x", True)),
        ("http://%31%32%37.0.0.1/", Target("http", "127.0.0.1", 80, "/", True)),
        ("http://x/%2e%2e/@evil/\udc80", Target("http", "x", 80, "/%2E%2E/@evil/%ED%B2%80", False)),
    ],
)
def test_a_url_is_read_as_it_will_be_connected_to(url, target):
    assert read_url(url) == target


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "must start with http"),
        ("crm.example/hook", "must start with http"),
        ("//crm.example/hook", "must start with http"),
        ("ftp://crm.example/", "must start with http"),
        ("file:///etc/passwd", "must start with http"),
        ("javascript:alert(1)", "must start with http"),
        ("http:crm.example", "names no host"),
        ("http:///hook", "names no host"),
        ("http://user:pass@crm.example/", "user name or password"),
        ("http://crm.example@evil.example/", "user name or password"),
        ("http://crm.example:0/", "port 0"),
        ("http://crm.example:65536/", "cannot be read"),
        ("http://crm.example:80:80/", "cannot be read"),
        ("http://[::1", "cannot be read"),
        ("http://crm example/", "cannot be read"),
        ("http://crm%00.example/", "cannot be read"),
        ("http://\udc80/", "cannot be read"),
        ("http://127.0.0.1\\@crm.example/", "backslash"),
        ("http://crm.example/\r\nHost: evil", "line break"),
        ("http://crm.example/\0", "control character"),
        ("http://crm%2eexample%2f/", "not a valid name"),
        ("http://crm..example/", "not a valid name"),
        ("http://-crm.example/", "not a valid name"),
        (f"http://{'a' * 64}.example/", "not a valid name"),
        (f"http://{'a.' * 127}example/", "not a valid name"),
        ("http://[fe80::1%25eth0]/", "not a valid name"),
    ],
)
def test_a_url_that_leads_nowhere_or_elsewhere_is_refused(url, sentence):
    assert sentence in str(read_url(url))


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "017700000001",
        "127.1",
        "127.0.1",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "127.0.0.01",
        "1.1.1.256",
        "0",
        "0x",
        "1.2.3.4.5",
        "crm.0x7f",
        "%32130706433",
        "１２７.0.0.1",
        "127。0。0。1",
        "①.1",
    ],
)
def test_an_address_in_another_spelling_is_refused(host):
    assert isinstance(read_url(f"http://{host}/"), str)


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("0.0.0.0", "unspecified"),
        ("10.1.2.3", "private"),
        ("100.100.100.200", "a carrier's private"),
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"),
        ("168.63.129.16", "metadata"),
        ("169.254.169.254", "metadata"),
        ("172.31.255.255", "private"),
        ("192.0.0.192", "reserved"),
        ("192.0.2.1", "documentation"),
        ("192.168.0.1", "private"),
        ("198.19.0.1", "benchmarking"),
        ("198.51.100.1", "documentation"),
        ("203.0.113.1", "documentation"),
        ("224.0.0.1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("::7f00:1", "IPv4-compatible"),
        ("::ffff:127.0.0.1", "IPv4-mapped"),
        ("::ffff:8.8.8.8", "IPv4-mapped"),
        ("::ffff:0:7f00:1", "IPv4-translated"),
        ("64:ff9b::7f00:1", "NAT64"),
        ("64:ff9b:1::1", "NAT64"),
        ("100::1", "discard-only"),
        ("2001::1", "Teredo"),
        ("2001:20::1", "reserved"),
        ("2001:db8::1", "documentation"),
        ("2002:7f00:1::", "6to4"),
        ("3fff::1", "documentation"),
        ("4000::1", "reserved"),
        ("5f00::1", "reserved"),
        ("fd00:ec2::254", "private"),
        ("fe80::1", "link-local"),
        ("fe80::1%2", "link-local"),
        ("fec0::1", "private"),
        ("ff02::1", "multicast"),
    ],
)
def test_what_is_not_public_is_refused_by_its_kind(address, word):
    assert f"{word} address" in why_refused(address, ())


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "100.128.0.1", "172.32.0.1", "192.0.1.1", "2606:4700::1", "2a00::1"]
)
def test_what_is_public_is_not_refused(address):
    assert why_refused(address, ()) == ""


def test_an_allowed_network_opens_itself_and_nothing_else():
    assert why_refused("127.0.0.1", LOOPBACK) == ""
    assert "10.0.0.1 is a private address" in why_refused("10.0.0.1", LOOPBACK)
    assert "IPv4-mapped" in why_refused("::ffff:127.0.0.1", LOOPBACK)


@pytest.mark.parametrize(
    ("network", "public", "private"),
    [
        ("64:ff9b::/96", "64:ff9b::8.8.8.8", "64:ff9b::10.0.0.1"),
        ("64:ff9b:1::/48", "64:ff9b:1::8.8.8.8", "64:ff9b:1::10.0.0.1"),
        ("::ffff:0:0/96", "::ffff:8.8.8.8", "::ffff:10.0.0.1"),
        ("2002::/16", "2002:808:808::1", "2002:a00:1::1"),
        ("2001::/32", "2001:0:808:808::f7f7:f7f7", "2001:0:808:808::f5ff:fffe"),
        ("2001::/32", "2001:0:808:808::f7f7:f7f7", "2001:0:a00:1::f7f7:f7f7"),
    ],
)
def test_an_allowed_translation_leads_to_public_addresses_only(network, public, private):
    allowed = (ip_network(network),)
    assert why_refused(public, allowed) == ""
    assert "10.0.0.1 is a private address" in why_refused(private, allowed)
    assert why_refused(private, (*allowed, ip_network("10.0.0.0/8"))) == ""


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_never_makes_it_reachable(address: IPv4Address):
    inside = f"{int(address) >> 16:x}:{int(address) & 0xFFFF:x}"
    wrapped = [f"::ffff:{address}", f"64:ff9b::{address}", f"::{address}", f"2002:{inside}::1"]
    assert all(why_refused(text, ()) for text in wrapped)


@given(st.text())
def test_no_text_breaks_the_reading_of_urls(text):
    for url in (text, f"http://{text}", f"http://crm.example/{text}", f"https://crm.example:{text}"):
        assert isinstance(read_url(url), str | Target)
