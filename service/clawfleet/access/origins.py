"""Which web pages may open a socket. Source: protocol §6 (Origin)."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from clawfleet.access.locality import is_loopback


def origin_allowed(
    origin: str, *, host: str | None, local: bool, allowed: Sequence[str], any_host: bool = False
) -> bool:
    """Whether a page of `origin` may connect to a gateway that it addressed as `host` (the Host header).

    Listed origins may (`*` lists all); so may the gateway's own page on a loopback, private, `.local` or `.ts.net`
    host, with `any_host` on every host, and any loopback page of a client on this machine. `null` never may.
    """
    if "*" in allowed or origin.rstrip("/") in {entry.rstrip("/") for entry in allowed}:
        return origin != "null"
    parts = urlsplit(origin)
    name = (parts.hostname or "").lower()
    if not name or parts.scheme not in ("http", "https"):
        return False
    if local and _is_loopback_name(name):
        return True
    return host is not None and parts.netloc.lower() == host.lower() and (any_host or _is_private_name(name))


def _is_loopback_name(name: str) -> bool:
    return name == "localhost" or is_loopback(name)


def _is_private_name(name: str) -> bool:
    if _is_loopback_name(name) or name.endswith((".local", ".ts.net")):
        return True
    try:
        return ipaddress.ip_address(name).is_private
    except ValueError:
        return False
