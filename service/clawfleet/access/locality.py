"""Whether a peer is on this machine. Only the socket's peer counts, never `Host`. Source: protocol §6, http §3."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

_FORWARDING = ("forwarded", "x-real-ip", "tailscale-user-login")


def is_forwarded(headers: Mapping[str, str]) -> bool:
    """Whether a proxy stands between: any forwarding header says so. Header names are lower case."""
    return any(name in headers for name in _FORWARDING) or any(name.startswith("x-forwarded-") for name in headers)


def is_loopback(address: str | None) -> bool:
    """Whether a socket's peer address is this machine's loopback (IPv4, IPv6, or IPv4 inside IPv6)."""
    if not address:
        return False
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_loopback


def is_local(address: str | None, headers: Mapping[str, str]) -> bool:
    """Whether the caller sits on this machine with nothing in between."""
    return is_loopback(address) and not is_forwarded(headers)
