"""Which URLs and addresses may be reached: what is not on the public internet is refused unless allowed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from urllib3.util import parse_url

Network: TypeAlias = IPv4Network | IPv6Network

PORTS = {"http": 80, "https": 443}

# What is not the public internet: the special-purpose registries of IANA (RFC 6890 and its updates), the first
# match names the address. The last three leave of IPv6 only the space for public hosts, 2000::/3 (RFC 4291).
DENIED: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), word)
    for network, word in (
        ("0.0.0.0/8", "an unspecified"),
        ("10.0.0.0/8", "a private"),
        ("100.64.0.0/10", "a carrier's private"),
        ("127.0.0.0/8", "a loopback"),
        ("168.63.129.16/32", "a cloud metadata"),  # Azure: public by number, the host's own services in fact
        ("169.254.0.0/16", "a link-local or cloud metadata"),
        ("172.16.0.0/12", "a private"),
        ("192.0.0.0/24", "a reserved"),
        ("192.0.2.0/24", "a documentation"),
        ("192.31.196.0/24", "a reserved"),
        ("192.52.193.0/24", "a reserved"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "a private"),
        ("192.175.48.0/24", "a reserved"),
        ("198.18.0.0/15", "a benchmarking"),
        ("198.51.100.0/24", "a documentation"),
        ("203.0.113.0/24", "a documentation"),
        ("224.0.0.0/4", "a multicast"),
        ("240.0.0.0/4", "a reserved"),
        ("::/128", "an unspecified"),
        ("::1/128", "a loopback"),
        ("::/96", "an IPv4-compatible"),
        ("::ffff:0:0/96", "an IPv4-mapped"),
        ("::ffff:0:0:0/96", "an IPv4-translated"),
        ("64:ff9b::/96", "a NAT64"),
        ("64:ff9b:1::/48", "a NAT64"),
        ("100::/64", "a discard-only"),
        ("2001::/32", "a Teredo"),
        ("2001::/23", "a reserved"),
        ("2001:db8::/32", "a documentation"),
        ("2002::/16", "a 6to4"),
        ("3fff::/20", "a documentation"),
        ("fc00::/7", "a private"),
        ("fe80::/10", "a link-local"),
        ("fec0::/10", "a private"),
        ("ff00::/8", "a multicast"),
        ("::/3", "a reserved"),
        ("4000::/2", "a reserved"),
        ("8000::/1", "a reserved"),
    )
)
# The ranges whose last 32 bits are an IPv4 address that something on the way may unwrap.
WRAPPING: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")
)

_UNWANTED = re.compile(r"[\x00-\x1f\x7f\\]")
_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*\.?")
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?")


@dataclass(frozen=True)
class Target:
    """Where a URL leads, as read by the one parser that is also used to connect."""

    scheme: str  # "http" or "https"
    host: str  # lower-case ASCII; an IPv6 address without its brackets
    port: int
    path: str  # with the query, percent-encoded
    literal: bool  # the host is an address, not a name


@lru_cache(maxsize=1024)
def read_url(url: str) -> Target | str:
    """Where the URL leads, or the sentence why it is refused."""
    if _UNWANTED.search(url):
        return "The URL holds a backslash, a line break or another control character."
    try:
        parts = parse_url(url)
    except ValueError:
        return "The URL cannot be read: its host or port is not valid."
    if parts.scheme not in PORTS:
        return "The URL must start with http:// or https://."
    if parts.auth is not None:
        return "The URL holds a user name or password: use the fields for them instead."
    if parts.port == 0:
        return "The URL names port 0, which does not exist."
    host = (parts.host or "").strip("[]")
    literal = _is_address(host)
    if problem := "" if literal else _why_no_name(host):
        return problem
    return Target(parts.scheme, host, parts.port or PORTS[parts.scheme], parts.request_uri, literal)


def why_refused(address: str, allowed: Sequence[Network]) -> str:
    """The sentence why this address may not be connected to, or "" when it may.

    An address that wraps another is refused for either: both must be public or in an allowed network.
    """
    for form in _unwrap(ip_address(address)):
        if not any(form in network for network in allowed):
            for network, word in DENIED:
                if form in network:
                    return f"{form} is {word} address, and ALLOWED_PRIVATE_NETWORKS does not hold it."
    return ""


def _is_address(host: str) -> bool:
    """Whether the host is an address as it is usually written; a zone (fe80::1%eth0) is never reachable."""
    try:
        return "%" not in host and bool(ip_address(host))
    except ValueError:
        return False


def _why_no_name(host: str) -> str:
    """A host that ends in a number is an IPv4 address to the system, in spellings such as 0x7f.1 or 2130706433."""
    if not host:
        return "The URL names no host."
    if _NUMBER.fullmatch(host):
        return "The URL's host is a number: write an address as four decimal numbers, such as 203.0.113.7."
    return "" if _NAME.fullmatch(host) else "The URL's host is not a valid name."


def _unwrap(address: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    """The address, then the IPv4 addresses inside it (6to4: RFC 3056, Teredo: RFC 4380, NAT64: RFC 6052)."""
    yield address
    if isinstance(address, IPv4Address):
        return
    if any(address in network for network in WRAPPING):
        yield IPv4Address(int(address) & 0xFFFFFFFF)
    if address.sixtofour:
        yield address.sixtofour
    yield from address.teredo or ()
