"""Which addresses may be reached: a table of spellings, ranges and openings."""

from __future__ import annotations

import socket
from ipaddress import ip_address

import pytest

from clawfleet.config.models.web import SsrfPolicy
from clawfleet.tools.web.addresses import literal, names_listed, reason_against, reason_against_host

SPELLINGS = {
    "127.0.0.1": "127.0.0.1",
    "127.1": "127.0.0.1",
    "127.0.1": "127.0.0.1",
    "0x7f.1": "127.0.0.1",
    "0x7F.0.0.1": "127.0.0.1",
    "0177.0.0.1": "127.0.0.1",
    "0x7f000001": "127.0.0.1",
    "2130706433": "127.0.0.1",
    "017700000001": "127.0.0.1",
    "0": "0.0.0.0",
    "0.0.0.0": "0.0.0.0",
    "10.1": "10.0.0.1",
    "192.168.257": "192.168.1.1",
    "3232235777": "192.168.1.1",
    "169.254.43518": "169.254.169.254",
    "0xa9.0xfe.0xa9.0xfe": "169.254.169.254",
    "127.0.0.1.": "127.0.0.1",
    "[::1]": "::1",
    "[::ffff:127.0.0.1]": "::ffff:7f00:1",
    "[::ffff:7f00:1]": "::ffff:7f00:1",
    "[fe80::1%25eth0]": "fe80::1",
    "[64:ff9b::127.0.0.1]": "64:ff9b::7f00:1",
}


@pytest.mark.parametrize(("spelling", "address"), SPELLINGS.items())
def test_every_spelling_of_an_inner_address_is_refused(spelling: str, address: str) -> None:
    """However somebody writes this machine or its neighbours."""
    assert literal(spelling) == ip_address(address)
    assert reason_against_host(spelling, SsrfPolicy()) is not None


@pytest.mark.parametrize("spelling", [each for each in SPELLINGS if "[" not in each and not each.endswith(".")])
def test_spellings_are_read_as_the_c_library_reads_them(spelling: str) -> None:
    assert socket.inet_ntoa(socket.inet_aton(spelling)) == str(literal(spelling))


@pytest.mark.parametrize("text", ["example.com", "1.2.3.4.5", "256.1.1.1", "08.1", "0xg", "1..2", "", "4294967296"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert literal(text) is None


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.1", "10.0.0.1", "100.64.0.1", "100.127.255.254", "127.9.9.9", "169.254.1.1", "172.16.0.1"),
        *("172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.1"),
        *("203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::7f00:1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "2001:0:7f00:1::"),
        *("2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1"),
    ],
)
def test_special_ranges_are_refused(address: str) -> None:
    assert reason_against(ip_address(address), SsrfPolicy()) is not None


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "93.184.216.34", "64:ff9b::808:808", "2606:4700::1111", "::ffff:8.8.8.8"]
)
def test_the_public_net_is_open(address: str) -> None:
    assert reason_against(ip_address(address), SsrfPolicy()) is None


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "a.localhost", "printer", "nas.local", "metadata.google.internal", "x.home.arpa"],
)
def test_inner_names_are_refused_before_anybody_is_asked(host: str) -> None:
    assert reason_against_host(host, SsrfPolicy()) is not None


def test_a_public_name_waits_for_its_address() -> None:
    assert reason_against_host("example.com", SsrfPolicy()) is None


def test_an_operator_opens_one_host() -> None:
    """That one, and those below a star; nothing beside it."""
    policy = SsrfPolicy(allowed_hostnames=("wiki.local", "*.lab.internal", "127.0.0.1"))
    assert reason_against_host("WIKI.local.", policy) is None
    assert reason_against_host("a.lab.internal", policy) is None
    assert reason_against_host("127.0.0.1", policy) is None
    assert reason_against_host("lab.internal", policy) is not None
    assert reason_against_host("nas.local", policy) is not None
    assert reason_against_host("127.1", policy) is not None


def test_a_blocked_host_stays_blocked() -> None:
    """Blocking wins over every opening."""
    policy = SsrfPolicy(
        dangerously_allow_private_network=True,
        allowed_hostnames=("a.test",),
        blocked_hostnames=("a.test", "*.ads.test"),
    )
    assert reason_against_host("a.test", policy) == "its name is blocked"
    assert reason_against_host("x.ads.test", policy) == "its name is blocked"
    assert reason_against_host("ads.test", policy) is None
    assert names_listed("A.test.", ["a.TEST"])


def test_the_private_network_can_be_opened_as_a_whole() -> None:
    """Except where clouds keep credentials."""
    policy = SsrfPolicy(dangerously_allow_private_network=True)
    for address in ("127.0.0.1", "10.0.0.1", "::1", "fd00::1", "100.64.0.1"):
        assert reason_against(ip_address(address), policy) is None
    for address in ("169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1", "::ffff:169.254.169.254"):
        assert reason_against(ip_address(address), policy) is not None
    assert reason_against_host("localhost", policy) is None


def test_ranges_of_fake_addresses_can_be_opened() -> None:
    policy = SsrfPolicy(allow_rfc2544_benchmark_range=True, allow_ipv6_unique_local_range=True)
    assert reason_against(ip_address("198.19.0.1"), policy) is None
    assert reason_against(ip_address("fd00::1"), policy) is None
    assert reason_against(ip_address("10.0.0.1"), policy) is not None
