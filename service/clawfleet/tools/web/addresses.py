"""Which network addresses an agent may reach. Pure: a host's spelling or an address in, a reason against it out.

What counts is the address that is connected to. Names and spellings are looked at before, only to refuse the obvious
ones without asking anybody. Source: tools-and-sessions §13.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from clawfleet.config.models.web import SsrfPolicy

Address = IPv4Address | IPv6Address

INNER_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "localdomain")
"""A host of one of these names, or below it, is never on the public net."""

_BENCHMARK = IPv4Network("198.18.0.0/15")
_UNIQUE_LOCAL = IPv6Network("fc00::/7")
_NAT64 = IPv6Network("64:ff9b::/96")
_MORE_SPECIAL = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments, NAT64 discovery among them
    IPv4Network("192.88.99.0/24"),  # relays of 6to4
    IPv6Network("::/96"),  # IPv4-compatible
    IPv6Network("64:ff9b:1::/48"),  # NAT64 inside a network
    IPv6Network("100::/64"),
    IPv6Network("2001::/23"),  # Teredo, ORCHID and other assignments
    IPv6Network("2002::/16"),  # 6to4
    IPv6Network("3fff::/20"),
    IPv6Network("5f00::/16"),
    IPv6Network("fec0::/10"),  # site-local
)
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|0[0-7]*|[1-9][0-9]*")


def plain_host(host: str) -> str:
    """A host as it is compared: lower case, without brackets, zone and the dot at its end."""
    return host.strip().strip("[]").partition("%")[0].rstrip(".").lower()


def literal(host: str) -> Address | None:
    """The address that `host` spells, in any way that a C library reads: `127.1`, `0x7f.1`, `2130706433`, `[::1]`."""
    plain = plain_host(host)
    try:
        return ip_address(plain)
    except ValueError:
        return _old_spelling(plain)


def names_listed(host: str, patterns: Iterable[str]) -> bool:
    """Whether `host` is one of `patterns`; `*.example.com` are the hosts below example.com, not itself."""
    plain = plain_host(host)
    for pattern in map(plain_host, patterns):
        if pattern.startswith("*.") and plain.endswith(pattern[1:]) and plain != pattern[2:]:
            return True
        if plain == pattern:
            return True
    return False


def reason_against_host(host: str, policy: SsrfPolicy) -> str | None:
    """Why a host is refused by its name alone; None when its address decides."""
    plain = plain_host(host)
    if names_listed(plain, policy.blocked_hostnames):
        return "its name is blocked"
    if names_listed(plain, policy.allowed_hostnames):
        return None
    if (address := literal(plain)) is not None:
        return reason_against(address, policy)
    if policy.dangerously_allow_private_network:
        return None
    inner = any(plain == name or plain.endswith(f".{name}") for name in INNER_NAMES)
    return "its name belongs to a private network" if inner or "." not in plain else None


def reason_against(address: Address, policy: SsrfPolicy) -> str | None:
    """Why an address is refused; None for one on the public net, or one that the operator opened."""
    address = _inner(address)
    if _is_opened(address, policy):
        return None
    if address.is_unspecified or address.is_multicast or address.is_link_local:
        return "its address is link-local, multicast or none"
    if policy.dangerously_allow_private_network:
        return None
    if not address.is_global or any(address in network for network in _MORE_SPECIAL):
        return "its address is this machine" if address.is_loopback else "its address is private, shared or reserved"
    return None


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, IPv4Address):
        return address
    return address.ipv4_mapped or (IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address)


def _is_opened(address: Address, policy: SsrfPolicy) -> bool:
    return (policy.allow_rfc2544_benchmark_range and address in _BENCHMARK) or (
        policy.allow_ipv6_unique_local_range and address in _UNIQUE_LOCAL
    )


def _old_spelling(text: str) -> IPv4Address | None:
    """One to four numbers, decimal, octal or hexadecimal; the last one fills the bytes that are left."""
    parts = text.split(".")
    if not 1 <= len(parts) <= 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    *firsts, last = (_value(part) for part in parts)
    room = 8 * (4 - len(firsts))
    if any(number > 0xFF for number in firsts) or last >= 1 << room:
        return None
    value = 0
    for number in firsts:
        value = value << 8 | number
    return IPv4Address(value << room | last)


def _value(part: str) -> int:
    if part[:2].lower() == "0x":
        return int(part[2:] or "0", 16)
    return int(part, 8 if part.startswith("0") else 10)
