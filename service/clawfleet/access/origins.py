"""Which web pages may open a socket. Source: protocol §6 (Origin)."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from clawfleet.access.locality import is_loopback

_PRIVATE = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"),
        "100.64.0.0/10",  # Tailscale's addresses
    )
)
"""Python's own `is_private` leaves Tailscale out, and takes in addresses that are only set aside for examples."""


def origin_allowed(
    origin: str, *, host: str | None, local: bool, allowed: Sequence[str], any_host: bool = False
) -> bool:
    """Whether a page of `origin` may connect to a gateway that it addressed as `host` (the Host header).

    Listed origins may (`*` lists all); so may the gateway's own page on a loopback, private, `.local` or `.ts.net`
    host, with `any_host` on every host, and any loopback page of a client on this machine. `null` never may.
    """
    if origin == "null":
        return False
    if "*" in allowed or _plain(origin) in {_plain(entry) for entry in allowed}:
        return True
    parts = urlsplit(origin)
    name = (parts.hostname or "").lower()
    if not name or parts.scheme not in ("http", "https") or "@" in parts.netloc:
        return False
    if local and _is_loopback_name(name):
        return True
    return host is not None and parts.netloc.lower() == host.lower() and (any_host or _is_private_name(name))


def _plain(origin: str) -> str:
    """An origin as it is compared: a browser sends it in lower case, an operator may have written it otherwise."""
    return origin.strip().rstrip("/").lower()


def _is_loopback_name(name: str) -> bool:
    return name == "localhost" or is_loopback(name)


def _is_private_name(name: str) -> bool:
    """Whether only a network of one's own has such a host; a container's page is loopback to who opens it."""
    if _is_loopback_name(name) or name.endswith((".local", ".ts.net")):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return any(address in network for network in _PRIVATE)
